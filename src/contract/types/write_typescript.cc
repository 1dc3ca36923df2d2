#include "contract/types/write_typescript.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"

namespace writ::contract {
namespace {

std::string with_null(const Type& type);

std::string type_text(const Type& type) {
  switch (type.kind) {
    case Type::Kind::string:
      return "string";
    case Type::Kind::literal:
      return to_json(Value(type.name));
    case Type::Kind::integer:
    case Type::Kind::number:
      return "number";
    case Type::Kind::boolean:
      return "boolean";
    case Type::Kind::list:
      return "Array<" + with_null(type.items.front()) + ">";
    case Type::Kind::map:
      return "Record<string, " + with_null(type.items.front()) + ">";
    case Type::Kind::named:
      return type.name;
    case Type::Kind::any:
      break;
  }
  return "unknown";
}

std::string with_null(const Type& type) {
  return type_text(type) + (type.is_nullable ? " | null" : "");
}

// What ends a comment in the midst of a description must not end it.
std::string comment(std::string_view description, std::string_view indent) {
  std::string line(description.substr(0, std::min(description.find('\n'), description.size())));
  for (std::size_t at = line.find("*/"); at != std::string::npos; at = line.find("*/")) {
    line.replace(at, 2, "* /");
  }
  return line.empty() ? "" : fmt::format("{}/** {} */\n", indent, line);
}

bool is_identifier(std::string_view key) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !key.empty() && is_letter(key.front()) &&
         std::ranges::all_of(key, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void add_record(std::string& out, const NamedType& type) {
  out += fmt::format("export interface {} {{\n", type.name);
  for (const TypeField& field : type.fields) {
    out += comment(field.description, "  ");
    const std::string key = is_identifier(field.key) ? field.key : to_json(Value(field.key));
    out += fmt::format("  {}{}: {};\n", key, field.is_required ? "" : "?", with_null(field.type));
  }
  if (type.is_open) out += "  [key: string]: unknown;\n";
  out += "}\n";
}

}  // namespace

std::string typescript(const TypeModel& model, const WriteOptions& options) {
  std::string out = "// Made from " + options.origin + ": do not edit.\n";
  for (const NamedType& type : model.types) {
    out += "\n" + comment(type.description, "");
    if (type.shape == NamedType::Shape::record) add_record(out, type);
    if (type.shape == NamedType::Shape::alias) {
      out += fmt::format("export type {} = {};\n", type.name, with_null(type.aliased));
    }
    if (type.shape != NamedType::Shape::choice) continue;
    out += fmt::format("export type {} =", type.name);
    for (std::size_t i = 0; i < type.values.size(); ++i) {
      out += (i == 0 ? " " : " | ") + to_json(Value(type.values[i]));
    }
    out += ";\n";
  }
  return out;
}

}  // namespace writ::contract
