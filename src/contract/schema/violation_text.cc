#include "contract/schema/violation_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.h"
#include "base/suggest.h"
#include "contract/schema/leaf.h"
#include "contract/schema/pointer.h"
#include "contract/schema/type_names.h"

namespace writ::contract {
namespace {

constexpr std::size_t kTextLimit = 60;
constexpr std::size_t kListLimit = 12;

// At most kTextLimit bytes, never half a character.
std::string shorten(std::string text) {
  if (text.size() <= kTextLimit) return text;
  std::size_t end = kTextLimit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text + "…";
}

std::string counted(std::size_t n, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", n, n == 1 ? singular : plural);
}

std::string describe_number(const Number& n) {
  return to_json(n.is_integer ? Value(n.integer) : Value(n.real));
}

Wording compared(std::string_view words, std::string_view sign, const Number& bound,
                 const Value& value) {
  const std::string text = describe_number(bound);
  const std::string actual = describe_value(value);
  return {fmt::format("{} {}", sign, text),
          actual,
          fmt::format("must be {} {}, is {}", words, text, actual),
          {}};
}

Wording sized(std::string_view words, std::string_view sign, std::uint32_t bound, std::size_t size,
              std::string_view singular, std::string_view plural) {
  const std::string expected = counted(bound, singular, plural);
  const std::string actual = counted(size, singular, plural);
  return {fmt::format("{} {}", sign, expected),
          actual,
          fmt::format("must have {} {}, has {}", words, expected, size),
          {}};
}

}  // namespace

std::string describe_value(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::string:
      return to_json(Value(shorten(value.as_string())));
    case Value::Kind::array:
      return "a list of " + counted(value.as_array().size(), "item", "items");
    case Value::Kind::object:
      return "an object with " + counted(value.as_object().size(), "key", "keys");
    default:
      return to_json(value);
  }
}

std::string describe_values(const std::vector<Value>& values) {
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), kListLimit); ++i) {
    if (i > 0) text += i + 1 == values.size() ? " or " : ", ";
    text += describe_value(values[i]);
  }
  if (values.size() > kListLimit) text += fmt::format(" … ({} in all)", values.size());
  return text;
}

std::string readable_path(std::string_view pointer) {
  const auto tokens = parse_pointer(pointer);
  if (!tokens || tokens->empty()) return "the document";
  std::string path;
  for (const std::string& token : *tokens) {
    const bool is_index = !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
      return c >= '0' && c <= '9';
    });
    if (is_index) {
      path += fmt::format("[{}]", token);
    } else {
      path += (path.empty() ? "" : ".") + shorten(token);
    }
  }
  return "`" + path + "`";
}

Wording word_type(TypeMask types, const Value& value) {
  if (types == kNoType) {
    return {"nothing", describe_value(value), "is not allowed here", "Remove it"};
  }
  const std::string expected = describe_types(types);
  const bool is_scalar = !value.is_array() && !value.is_object() && !value.is_null();
  const std::string actual =
      is_scalar ? fmt::format("{} {}", kind_name(value.kind()), describe_value(value))
                : std::string(kind_name(value.kind()));
  return {expected, actual, fmt::format("must be {}, is {}", expected, actual), {}};
}

Wording word_values(const std::vector<Value>& allowed, const Value& value) {
  const std::string expected = describe_values(allowed);
  const std::string actual = describe_value(value);
  std::string remedy;
  if (value.is_string()) {
    std::vector<std::string_view> words;
    for (const Value& v : allowed) {
      if (v.is_string()) words.push_back(v.as_string());
    }
    if (const auto near = nearest(value.as_string(), words); !near.empty()) {
      remedy = fmt::format("Did you mean {}?", to_json(Value(near)));
    }
  }
  return {expected, actual, fmt::format("must be {}, is {}", expected, actual), remedy};
}

Wording word_assertion(const Program& program, const Instruction& at, const Value& value) {
  const auto length = [&] { return count_code_points(value.as_string()); };
  const auto quoted = [&](std::string_view what, std::string_view detail) {
    const std::string actual = describe_value(value);
    return Wording{std::string(detail),
                   actual,
                   fmt::format("must match the {} {}, is {}", what, detail, actual),
                   {}};
  };
  switch (at.op) {
    case Op::constant:
      return word_values({program.values[at.operand]}, value);
    case Op::enumeration:
      return word_values(program.enums[at.operand].values, value);
    case Op::minimum:
      return compared("at least", ">=", program.numbers[at.operand], value);
    case Op::maximum:
      return compared("at most", "<=", program.numbers[at.operand], value);
    case Op::exclusive_minimum:
      return compared("greater than", ">", program.numbers[at.operand], value);
    case Op::exclusive_maximum:
      return compared("less than", "<", program.numbers[at.operand], value);
    case Op::multiple_of:
      return compared("a multiple of", "multiple of", program.divisors[at.operand].number, value);
    case Op::min_length:
      return sized("at least", ">=", at.operand, length(), "character", "characters");
    case Op::max_length:
      return sized("at most", "<=", at.operand, length(), "character", "characters");
    case Op::pattern:
      return quoted("pattern", program.patterns[at.operand].source());
    case Op::format:
      return quoted("format", program.formats[at.operand].name);
    case Op::min_items:
      return sized("at least", ">=", at.operand, value.as_array().size(), "item", "items");
    case Op::max_items:
      return sized("at most", "<=", at.operand, value.as_array().size(), "item", "items");
    case Op::min_properties:
      return sized("at least", ">=", at.operand, value.as_object().size(), "key", "keys");
    case Op::max_properties:
      return sized("at most", "<=", at.operand, value.as_object().size(), "key", "keys");
    default:
      return {"unique items", "an item that stands there twice",
              "must not have the same item twice", "Remove the duplicate"};
  }
}

Wording word_unknown_key(std::string_view key, const std::vector<std::string_view>& known) {
  Wording wording;
  wording.actual = shorten(std::string(key));
  std::vector<Value> names;
  for (const std::string_view name : known) names.emplace_back(name);
  wording.expected = known.empty() ? "no keys" : describe_values(names);
  wording.sentence = fmt::format("unknown key `{}`{}", wording.actual, did_you_mean(key, known));
  if (const auto near = nearest(key, known); !near.empty()) {
    wording.remedy = fmt::format("Write `{}`, or remove it", near);
  } else if (known.empty()) {
    wording.remedy = "Remove it";
  } else {
    wording.remedy = "Known keys: ";
    for (std::size_t i = 0; i < std::min(known.size(), kListLimit); ++i) {
      if (i > 0) wording.remedy += ", ";
      wording.remedy += known[i];
    }
    if (known.size() > kListLimit) wording.remedy += ", …";
  }
  return wording;
}

}  // namespace writ::contract
