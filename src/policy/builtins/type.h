#pragma once
// Static types as OPA has and prints them:
//   any  null  boolean  number  string  set[T]
//   array[T]  array<A, B>  array<A, B>[T]       elements of known types, then any number of T
//   object[K: V]  object<a: A, b: B>  object<a: A>[K: V]
//   any<A, B>                                   one of them
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/term/term.h"

namespace writ::rego {

struct Field;

struct Type {
  enum class Form : std::uint8_t { any, null, boolean, number, string, array, object, set, one_of };

  Form form = Form::any;
  std::vector<Type> parts;    // static elements of an array; alternatives of one_of
  std::vector<Field> fields;  // static members
  // What else an array or set holds, and values of further members; nullptr: nothing else.
  std::shared_ptr<const Type> rest;
  std::shared_ptr<const Type> key;  // of further members

  bool is_any() const { return form == Form::any; }
};

struct Field {
  std::string key;  // as it is printed
  Type type;
};

struct Parameter {
  std::string name;
  Type type;
};
struct Signature {
  std::vector<Parameter> parameters;
  Parameter result;
};

// Requires: well-formed; the table of builtins is all that is read, and a test reads all of it.
Type parse_type(std::string_view text);
Signature parse_signature(std::string_view text);

std::string to_text(const Type& type);
// "(x: number, y: number)"
std::string parameters_text(const Signature& signature);

// The kinds of value that `type` allows, one bit per Kind.
std::uint16_t kinds_of(const Type& type);
constexpr std::uint16_t kind_bit(Kind kind) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(kind));
}

}  // namespace writ::rego
