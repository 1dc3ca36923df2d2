#include "policy/builtins/type.h"

#include <array>

#include "base/result.h"

namespace writ::rego {
namespace {

struct Named {
  std::string_view name;
  Type::Form form;
};
constexpr Named kScalars[] = {{"null", Type::Form::null},     {"boolean", Type::Form::boolean},
                              {"number", Type::Form::number}, {"string", Type::Form::string},
                              {"array", Type::Form::array},   {"object", Type::Form::object},
                              {"set", Type::Form::set},       {"any", Type::Form::any}};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Type type() {
    Type out;
    out.form = form();
    switch (out.form) {
      case Type::Form::any:
        if (take('<')) {
          out.form = Type::Form::one_of;
          list(out.parts);
        }
        break;
      case Type::Form::array:
        if (take('<')) list(out.parts);
        if (take('[')) out.rest = bracketed();
        break;
      case Type::Form::set:
        if (take('[')) out.rest = bracketed();
        break;
      case Type::Form::object:
        object(out);
        break;
      default:
        break;
    }
    return out;
  }

  Signature signature() {
    Signature out;
    expect('(');
    while (!take(')')) {
      out.parameters.push_back(parameter());
      take(',');
    }
    expect('=');
    expect('>');
    expect('(');
    out.result = parameter();
    expect(')');
    return out;
  }

  bool at_end() {
    skip_space();
    return text_.empty();
  }

 private:
  void skip_space() {
    while (text_.starts_with(' ')) text_.remove_prefix(1);
  }
  bool take(char c) {
    skip_space();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) { WRIT_ASSERT(take(c)); }

  std::string_view word() {
    skip_space();
    const std::string_view out = text_.substr(0, text_.find_first_of(" ,:<>[]()"));
    text_.remove_prefix(out.size());
    return out;
  }

  Type::Form form() {
    const std::string_view name = word();
    for (const Named& scalar : kScalars) {
      if (scalar.name == name) return scalar.form;
    }
    WRIT_ASSERT(false && "unknown type name");
    return Type::Form::any;
  }

  void list(std::vector<Type>& out) {
    while (!take('>')) {
      out.push_back(type());
      take(',');
    }
  }

  std::shared_ptr<const Type> bracketed() {
    auto out = std::make_shared<const Type>(type());
    expect(']');
    return out;
  }

  void object(Type& out) {
    if (take('<')) {
      while (!take('>')) {
        std::string name(word());
        expect(':');
        out.fields.push_back({std::move(name), type()});
        take(',');
      }
    }
    if (take('[')) {
      out.key = std::make_shared<const Type>(type());
      expect(':');
      out.rest = bracketed();
    }
  }

  Parameter parameter() {
    Parameter out;
    skip_space();
    out.name = text_.substr(0, text_.find(':'));  // "formatted timestamp: string" is one
    text_.remove_prefix(out.name.size());
    expect(':');
    out.type = type();
    return out;
  }

  std::string_view text_;
};

std::string joined(const std::vector<Type>& types) {
  std::string out;
  for (const Type& type : types) {
    if (!out.empty()) out += ", ";
    out += to_text(type);
  }
  return out;
}

std::string object_text(const Type& type) {
  std::string out = "object";
  if (!type.fields.empty()) {
    std::string fields;
    for (const auto& [name, of] : type.fields) {
      if (!fields.empty()) fields += ", ";
      fields += name + ": " + to_text(of);
    }
    out += "<" + fields + ">";
  }
  if (type.rest) out += "[" + to_text(*type.key) + ": " + to_text(*type.rest) + "]";
  return out;
}

}  // namespace

Type parse_type(std::string_view text) {
  Reader reader(text);
  Type out = reader.type();
  WRIT_ASSERT(reader.at_end());
  return out;
}

Signature parse_signature(std::string_view text) {
  Reader reader(text);
  Signature out = reader.signature();
  WRIT_ASSERT(reader.at_end());
  return out;
}

std::string to_text(const Type& type) {
  switch (type.form) {
    case Type::Form::array:
      return "array" + (type.parts.empty() ? "" : "<" + joined(type.parts) + ">") +
             (type.rest ? "[" + to_text(*type.rest) + "]" : "");
    case Type::Form::set:
      return "set[" + (type.rest ? to_text(*type.rest) : "") + "]";
    case Type::Form::object:
      return object_text(type);
    case Type::Form::one_of:
      return "any<" + joined(type.parts) + ">";
    default:
      for (const Named& scalar : kScalars) {
        if (scalar.form == type.form) return std::string(scalar.name);
      }
      return "any";
  }
}

std::string parameters_text(const Signature& signature) {
  std::string out;
  for (const Parameter& parameter : signature.parameters) {
    if (!out.empty()) out += ", ";
    out += parameter.name + ": " + to_text(parameter.type);
  }
  return "(" + out + ")";
}

std::uint16_t kinds_of(const Type& type) {
  static constexpr std::array<Kind, 9> kKinds = {Kind::undefined, Kind::null,   Kind::boolean,
                                                 Kind::number,    Kind::string, Kind::array,
                                                 Kind::object,    Kind::set,    Kind::undefined};
  if (type.is_any()) return 0xffff;
  if (type.form != Type::Form::one_of) return kind_bit(kKinds[static_cast<std::size_t>(type.form)]);
  std::uint16_t out = 0;
  for (const Type& part : type.parts) out = static_cast<std::uint16_t>(out | kinds_of(part));
  return out;
}

}  // namespace writ::rego
