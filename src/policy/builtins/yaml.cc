// yaml.marshal, yaml.unmarshal and yaml.is_valid.
#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"
#include "policy/builtins/yaml_text.h"

namespace writ::rego {
namespace {

// What the reader may need for each byte, before the first term is made.
constexpr std::size_t kMemoryPerByte = 64;

Outcome marshal(Call& call) {
  if (!text_fits(call, call.arg(0))) return Outcome::undefined();
  BoundedText out(call);
  if (!write_yaml(out, call.arg(0))) return Outcome::undefined();
  return out.term();
}

Outcome unmarshal(Call& call) {
  const std::string_view text = call.arg(0).text();
  if (!call.arena().admit(text.size() * kMemoryPerByte)) return Outcome::undefined();
  std::string problem;
  const auto term = read_yaml(call.arena(), text, problem);
  return term ? Outcome(*term) : call.error(problem);
}

Outcome is_valid(Call& call) {
  const Term& text = call.arg(0);
  if (!text.is_string()) return Term::boolean(false);
  if (!call.arena().admit(text.text().size() * kMemoryPerByte)) return Outcome::undefined();
  Arena scratch;
  std::string problem;
  return Term::boolean(read_yaml(scratch, text.text(), problem).has_value());
}

constexpr Builtin kYaml[] = {
    {"yaml.is_valid", "(x: string) => (result: boolean)", &is_valid, Trait::checks_operands},
    {"yaml.marshal", "(x: any) => (y: string)", &marshal},
    {"yaml.unmarshal", "(x: string) => (y: any)", &unmarshal},
};

}  // namespace

std::span<const Builtin> yaml_builtins() { return kYaml; }

}  // namespace writ::rego
