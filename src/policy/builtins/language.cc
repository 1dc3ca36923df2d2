// What the compiler makes calls of (template strings, print), and builtins about the evaluation
// itself.
#include <fmt/format.h>

#include "policy/builtins/families.h"
#include "policy/parse/ast_term.h"
#include "policy/parse/parser.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

constexpr std::string_view kUndefined = "<undefined>";

// Strings as they are, everything else in Rego syntax.
void append_shown(std::string& out, const Term& term) {
  if (term.is_string()) {
    out += term.text();
  } else {
    append_rego(out, term);
  }
}

// Texts, and sets with the value of an expression or nothing in them.
Outcome template_string(Call& call) {
  std::string out;
  for (const Term& part : call.arg(0).items()) {
    if (!part.is_set()) {
      append_shown(out, part);
    } else if (part.size() == 0) {
      out += kUndefined;
    } else if (part.size() == 1) {
      append_shown(out, part.items()[0]);
    } else {
      return call.conflict("template-strings must not produce multiple outputs");
    }
  }
  return call.string(out);
}

// One line for each combination of the arguments' values.
void print_all(Call& call, std::size_t i, const std::string& before) {
  const auto args = call.arg(0).items();
  if (i == args.size()) return call.print(before);
  const std::string start = i == 0 ? before : before + " ";
  if (args[i].size() == 0) return print_all(call, i + 1, start + std::string(kUndefined));
  for (const Term& value : args[i].items()) {
    std::string line = start;
    append_shown(line, value);
    if (call.keep_going()) print_all(call, i + 1, line);
  }
}

Outcome print(Call& call) {
  print_all(call, 0, {});
  return Term::boolean(true);
}

Outcome trace(Call& call) {
  call.note(call.arg(0).text());
  return Term::boolean(true);
}

Outcome test_case(Call&) { return Term::boolean(true); }

Outcome runtime(Call& call) {
  const Term& known = call.services().runtime;
  return known.is_defined() ? known : empty_object();
}

Outcome parse_source(Call& call) {
  const auto module = parse_module(call.arg(0).text(), call.arg(1).text());
  if (!module) return call.error(module.error().front().text());
  return to_term(call.arena(), *module);
}

constexpr Builtin kLanguage[] = {
    {"internal.print", "(args: array[set[any]]) => (result: boolean)", &print, Trait::internal},
    {"internal.template_string", "(parts: array[any]) => (result: string)", &template_string,
     Trait::internal},
    {"internal.test_case", "(name: array[set[any]]) => (result: boolean)", &test_case,
     Trait::internal},
    {"opa.runtime", "() => (output: object[string: any])", &runtime, Trait::nondeterministic},
    {"rego.parse_module", "(filename: string, rego: string) => (output: object[string: any])",
     &parse_source},
    {"trace", "(note: string) => (result: boolean)", &trace},
};

}  // namespace

std::span<const Builtin> language_builtins() { return kLanguage; }

}  // namespace writ::rego
