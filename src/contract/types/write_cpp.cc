#include "contract/types/write_cpp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"

namespace writ::contract {
namespace {

constexpr std::array<std::string_view, 94> kKeywords = {
    "alignas",      "alignof",      "and",           "and_eq",
    "asm",          "auto",         "bitand",        "bitor",
    "bool",         "break",        "case",          "catch",
    "char",         "char16_t",     "char32_t",      "char8_t",
    "class",        "co_await",     "co_return",     "co_yield",
    "compl",        "concept",      "const",         "const_cast",
    "consteval",    "constexpr",    "constinit",     "continue",
    "decltype",     "default",      "delete",        "do",
    "double",       "dynamic_cast", "else",          "enum",
    "explicit",     "export",       "extern",        "false",
    "float",        "for",          "friend",        "from_value",
    "goto",         "if",           "inline",        "int",
    "long",         "mutable",      "namespace",     "new",
    "noexcept",     "not",          "not_eq",        "nullptr",
    "operator",     "or",           "or_eq",         "private",
    "protected",    "public",       "register",      "reinterpret_cast",
    "requires",     "return",       "short",         "signed",
    "sizeof",       "static",       "static_assert", "static_cast",
    "struct",       "switch",       "template",      "this",
    "thread_local", "throw",        "to_value",      "true",
    "try",          "typedef",      "typeid",        "typename",
    "union",        "unsigned",     "using",         "virtual",
    "void",         "volatile",     "wchar_t",       "while",
    "xor",          "xor_eq"};

std::string cpp_type(const Type& type);

std::string item_type(const Type& type) {
  const Type& item = type.items.front();
  return item.is_nullable ? "writ::Value" : cpp_type(item);
}

std::string cpp_type(const Type& type) {
  switch (type.kind) {
    case Type::Kind::string:
    case Type::Kind::literal:
      return "std::string";
    case Type::Kind::integer:
      return "std::int64_t";
    case Type::Kind::number:
      return "double";
    case Type::Kind::boolean:
      return "bool";
    case Type::Kind::list:
      return "std::vector<" + item_type(type) + ">";
    case Type::Kind::map:
      return "std::map<std::string, " + item_type(type) + ">";
    case Type::Kind::named:
      return type.name;
    case Type::Kind::any:
      break;
  }
  return "writ::Value";
}

// Names that differ, of keys that may not: "<" and "<=" are nothing but signs to C++.
std::vector<std::string> distinct(const std::vector<std::string>& keys) {
  std::vector<std::string> out;
  for (const std::string& key : keys) {
    std::string name = cpp_name(key);
    if (std::ranges::find(out, name) != out.end()) name += std::to_string(out.size() + 1);
    out.push_back(std::move(name));
  }
  return out;
}

std::vector<std::string> names_of(const NamedType& record) {
  std::vector<std::string> keys;
  for (const TypeField& field : record.fields) keys.push_back(field.key);
  return distinct(keys);
}

bool is_optional(const TypeField& field) { return !field.is_required || field.type.is_nullable; }

// What a member is before it was read; scalars and enumerations have to have something.
std::string initial(const TypeModel& model, const TypeField& field) {
  if (is_optional(field)) return "";
  const NamedType* const named =
      field.type.kind == Type::Kind::named ? model.find(field.type.name) : nullptr;
  if (named != nullptr && named->shape == NamedType::Shape::choice) {
    return " = " + named->name + "::" + distinct(named->values).front();
  }
  switch (field.type.kind) {
    case Type::Kind::integer:
    case Type::Kind::number:
      return " = 0";
    case Type::Kind::boolean:
      return " = false";
    case Type::Kind::literal:
      return " = " + to_json(Value(field.type.name));
    default:
      return "";
  }
}

// One comment of one line, whatever the description holds.
std::string comment(std::string_view description, std::string_view indent) {
  std::string line(description.substr(0, std::min(description.find('\n'), description.size())));
  while (line.ends_with('\\')) line.pop_back();
  return line.empty() ? "" : fmt::format("{}// {}\n", indent, line);
}

void declare_record(std::string& out, const TypeModel& model, const NamedType& type) {
  out += fmt::format("struct {} {{\n", type.name);
  const std::vector<std::string> names = names_of(type);
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const TypeField& field = type.fields[i];
    const std::string bare = cpp_type(field.type);
    const std::string whole = is_optional(field) ? "std::optional<" + bare + ">" : bare;
    out += comment(field.description, "  ");
    out += fmt::format("  {} {}{};\n", whole, names[i], initial(model, field));
  }
  out += fmt::format(
      "\n  static writ::Result<{0}> from_value(const writ::Value& value);\n"
      "  writ::Value to_value() const;\n"
      "  friend bool operator==(const {0}&, const {0}&) = default;\n}};\n",
      type.name);
}

void declare_choice(std::string& out, const NamedType& type) {
  out += fmt::format("enum class {} : std::uint8_t {{", type.name);
  const std::vector<std::string> names = distinct(type.values);
  for (std::size_t i = 0; i < names.size(); ++i) out += (i == 0 ? " " : ", ") + names[i];
  out += fmt::format(" }};\nstd::span<const std::string_view> words_of({});\n", type.name);
}

void define_choice(std::string& out, const NamedType& type) {
  out += fmt::format(
      "std::span<const std::string_view> words_of({}) {{\n"
      "  static constexpr std::string_view kWords[] = {{",
      type.name);
  for (std::size_t i = 0; i < type.values.size(); ++i) {
    out += (i == 0 ? "" : ", ") + to_json(Value(type.values[i]));
  }
  out += "};\n  return kWords;\n}\n\n";
}

void define_record(std::string& out, const NamedType& type) {
  out += fmt::format(
      "writ::Result<{0}> {0}::from_value([[maybe_unused]] const writ::Value& value) {{\n"
      "  {0} out;\n",
      type.name);
  const std::vector<std::string> names = names_of(type);
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += fmt::format("  WRIT_CHECK(contract::read_member(value, {}, out.{}));\n",
                       to_json(Value(type.fields[i].key)), names[i]);
  }
  out += fmt::format(
      "  return out;\n}}\n\nwrit::Value {}::to_value() const {{\n"
      "  writ::Object out;\n",
      type.name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const TypeField& field = type.fields[i];
    const bool is_null = field.is_required && field.type.is_nullable;
    out += fmt::format("  contract::write_{}(out, {}, {});\n", is_null ? "nullable" : "member",
                       to_json(Value(field.key)), names[i]);
  }
  out += "  return out;\n}\n\n";
}

std::string made_from(const WriteOptions& options) {
  return "// Made from " + options.origin + ": do not edit.\n";
}

}  // namespace

std::string cpp_name(std::string_view key) {
  std::string out;
  for (const char c : key) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_word = is_upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool begins =
        is_upper && !out.empty() && out.back() != '_' && !(out.back() >= '0' && out.back() <= '9');
    if (begins) out += '_';
    out += is_upper ? static_cast<char>(c - 'A' + 'a') : is_word ? c : '_';
  }
  if (out.empty() || (out.front() >= '0' && out.front() <= '9')) out.insert(0, "n");
  if (out.front() == '_') out.insert(0, "n");
  while (out.find("__") != std::string::npos) out.erase(out.find("__"), 1);
  return std::ranges::find(kKeywords, out) == kKeywords.end() ? out : out + "_";
}

std::string cpp_header(const TypeModel& model, const WriteOptions& options) {
  std::string out = "#pragma once\n" + made_from(options);
  for (const char* header :
       {"cstdint", "map", "optional", "span", "string", "string_view", "vector"}) {
    out += fmt::format("#include <{}>\n", header);
  }
  out += "\n#include \"base/result.h\"\n#include \"base/value.h\"\n";
  out += fmt::format("\nnamespace {} {{\n\n", options.space);
  for (const NamedType& type : model.types) {
    if (type.shape == NamedType::Shape::record) out += fmt::format("struct {};\n", type.name);
  }
  for (const NamedType& type : model.types) {
    out += "\n" + comment(type.description, "");
    if (type.shape == NamedType::Shape::record) declare_record(out, model, type);
    if (type.shape == NamedType::Shape::choice) declare_choice(out, type);
    if (type.shape == NamedType::Shape::alias) {
      out += fmt::format("using {} = {};\n", type.name, cpp_type(type.aliased));
    }
  }
  return out + fmt::format("\n}}  // namespace {}\n", options.space);
}

std::string cpp_source(const TypeModel& model, const WriteOptions& options) {
  std::string out = made_from(options);
  out +=
      fmt::format("#include \"{}\"\n\n#include \"contract/types/convert.h\"\n\nnamespace {} {{\n\n",
                  options.include, options.space);
  for (const NamedType& type : model.types) {
    if (type.shape == NamedType::Shape::choice) define_choice(out, type);
  }
  for (const NamedType& type : model.types) {
    if (type.shape == NamedType::Shape::record) define_record(out, type);
  }
  return out + fmt::format("}}  // namespace {}\n", options.space);
}

}  // namespace writ::contract
