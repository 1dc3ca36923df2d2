// JSON as text: json.marshal, json.unmarshal and json.is_valid.
#include <fmt/format.h>

#include "policy/builtins/bounded_text.h"
#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"
#include "policy/term/json.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

Outcome marshal(Call& call) {
  if (!text_fits(call, call.arg(0))) return Outcome::undefined();
  return call.string(to_json(call.arg(0), Escape::html));
}

struct Layout {
  std::string_view prefix;
  std::string_view indent = "\t";
  bool is_pretty = false;
};

// The options of argument 1. Without them the error has been prepared.
std::optional<Layout> layout_of(Call& call) {
  const Term& options = call.arg(1);
  Layout layout;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Term& key = options.keys()[i];
    const Term& value = options.values()[i];
    const std::string name = key.is_string() ? std::string(key.text()) : to_rego(key);
    const auto refuse = [&](std::string_view problem) {
      call.bad_operand(1, fmt::format("key {} {}", name, problem));
      return std::nullopt;
    };
    if (name == "pretty") {
      if (!value.is_boolean()) return refuse("failed cast to bool");
    } else if (name != "prefix" && name != "indent") {
      call.bad_operand(1, "object contained unknown key " + name);
      return std::nullopt;
    } else if (!value.is_string()) {
      return refuse(fmt::format("failed cast to string: operand {} must be string but got {}", i,
                                kind_name(value.kind())));
    } else {
      (name == "prefix" ? layout.prefix : layout.indent) = value.text();
      layout.is_pretty = true;
    }
  }
  if (const Term* const pretty = options.find("pretty")) layout.is_pretty = pretty->as_boolean();
  return layout;
}

// Spreads compact JSON over lines, as Go's json.Indent does.
class Spreader {
 public:
  Spreader(Call& call, const Layout& layout) : out_(call), layout_(layout) {}

  Outcome run(std::string_view json) {
    bool going = out_.append(layout_.prefix);
    for (std::size_t i = 0; going && i < json.size(); ++i) {
      switch (json[i]) {
        case '"':
          going = copy_string(json, i);
          break;
        case '[':
        case '{':
          ++depth_;
          going = out_.append(1, json[i]) && (is_closing(json[i + 1]) || new_line());
          break;
        case ']':
        case '}':
          --depth_;
          going = (is_opening(json[i - 1]) || new_line()) && out_.append(1, json[i]);
          break;
        case ',':
          going = out_.append(",") && new_line();
          break;
        case ':':
          going = out_.append(": ");
          break;
        default:
          going = out_.append(1, json[i]);
      }
    }
    return going ? Outcome(out_.term()) : Outcome::undefined();
  }

 private:
  static bool is_closing(char c) { return c == ']' || c == '}'; }
  static bool is_opening(char c) { return c == '[' || c == '{'; }

  bool copy_string(std::string_view json, std::size_t& i) {
    const std::size_t begin = i++;
    while (json[i] != '"') i += json[i] == '\\' ? 2 : 1;
    return out_.append(json.substr(begin, i + 1 - begin));
  }

  bool new_line() {
    if (!out_.append("\n") || !out_.append(layout_.prefix)) return false;
    for (std::size_t i = 0; i < depth_; ++i) {
      if (!out_.append(layout_.indent)) return false;
    }
    return true;
  }

  BoundedText out_;
  const Layout& layout_;
  std::size_t depth_ = 0;
};

Outcome marshal_with_options(Call& call) {
  const auto layout = layout_of(call);
  if (!layout) return call.failed();
  if (!text_fits(call, call.arg(0))) return Outcome::undefined();
  const std::string json = to_json(call.arg(0), Escape::html);
  return layout->is_pretty ? Spreader(call, *layout).run(json) : Outcome(call.string(json));
}

Outcome unmarshal(Call& call) {
  auto value = parse_json(call.arena(), call.arg(0).text());
  if (!value) return call.error(value.error().text());
  return *value;
}

Outcome is_valid(Call& call) {
  const Term& text = call.arg(0);
  Arena scratch;
  return Term::boolean(text.is_string() && parse_json(scratch, text.text()).has_value());
}

constexpr Builtin kJsonText[] = {
    {"json.is_valid", "(x: string) => (result: boolean)", &is_valid, Trait::checks_operands},
    {"json.marshal", "(x: any) => (y: string)", &marshal},
    {"json.marshal_with_options",
     "(x: any, opts: object<indent: string, prefix: string, pretty: boolean>[string: any]) => (y: "
     "string)",
     &marshal_with_options},
    {"json.unmarshal", "(x: string) => (y: any)", &unmarshal},
};

}  // namespace

std::span<const Builtin> json_text_builtins() { return kJsonText; }

}  // namespace writ::rego
