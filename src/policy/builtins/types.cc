// Kinds of values, and casts.
#include "policy/builtins/families.h"
#include "policy/builtins/go_format.h"
#include "policy/builtins/runes.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

template <Kind kind>
Outcome is_kind(Call& call) {
  return Term::boolean(call.arg(0).kind() == kind);
}

Outcome type_name(Call& call) { return call.string(kind_name(call.arg(0).kind())); }

bool names_no_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("+-"), text.size()));
  std::string lower;
  for (const char c : text) lower += static_cast<char>(to_lower(static_cast<unsigned char>(c)));
  return lower == "inf" || lower == "infinity" || lower == "nan";
}

// JSON numbers alone: what else Go's ParseFloat takes ("+1", "0x10", ".5") would be a number that
// no JSON can carry.
Outcome to_number(Call& call) {
  const Term& x = call.arg(0);
  switch (x.kind()) {
    case Kind::null:
      return Term::integer(0);
    case Kind::boolean:
      return Term::integer(x.as_boolean() ? 1 : 0);
    case Kind::number:
      return x;
    case Kind::string:
      if (is_json_number(x.text())) return make_number(call.arena(), x.text());
      if (names_no_number(x.text())) return call.wrong_type(0, "valid number string");
      return call.error("strconv.ParseFloat: parsing " + go_quote(x.text()) + ": invalid syntax");
    default:
      return call.wrong_type(0, "one of {null, boolean, number, string}");
  }
}

// The deprecated casts give the value back if it has the kind already.
template <Kind kind>
Outcome cast(Call& call) {
  if (call.arg(0).kind() == kind) return call.arg(0);
  return call.wrong_type(0, kind_name(kind));
}

Outcome cast_array(Call& call) {
  const Term& x = call.arg(0);
  if (x.is_array()) return x;
  if (x.is_set()) return make_array(call.arena(), x.items());
  return call.wrong_type(0, "one of {array, set}");
}

Outcome cast_set(Call& call) {
  const Term& x = call.arg(0);
  if (x.is_set()) return x;
  if (x.is_array()) return make_set(call.arena(), {x.items().begin(), x.items().end()});
  return call.wrong_type(0, "one of {array, set}");
}

constexpr std::string_view kIs = "(x: any) => (result: boolean)";
constexpr Trait kCast = Trait::deprecated | Trait::checks_operands;
constexpr Builtin kTypes[] = {
    {"cast_array", "(x: any) => (y: array[any])", &cast_array, kCast},
    {"cast_boolean", "(x: any) => (y: boolean)", &cast<Kind::boolean>, kCast},
    {"cast_null", "(x: any) => (y: null)", &cast<Kind::null>, kCast},
    {"cast_object", "(x: any) => (y: object[any: any])", &cast<Kind::object>, kCast},
    {"cast_set", "(x: any) => (y: set[any])", &cast_set, kCast},
    {"cast_string", "(x: any) => (y: string)", &cast<Kind::string>, kCast},
    {"is_array", kIs, &is_kind<Kind::array>},
    {"is_boolean", kIs, &is_kind<Kind::boolean>},
    {"is_null", kIs, &is_kind<Kind::null>},
    {"is_number", kIs, &is_kind<Kind::number>},
    {"is_object", kIs, &is_kind<Kind::object>},
    {"is_set", kIs, &is_kind<Kind::set>},
    {"is_string", kIs, &is_kind<Kind::string>},
    {"to_number", "(x: any<null, boolean, number, string>) => (num: number)", &to_number},
    {"type_name", "(x: any) => (type: string)", &type_name},
};

}  // namespace

std::span<const Builtin> type_builtins() { return kTypes; }

}  // namespace writ::rego
