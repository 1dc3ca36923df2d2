#pragma once
// Static types of Rego as OPA has, orders and prints them; for the type checker.
//
//   null boolean number string
//   array<A, B>[T]          elements of known types, then any number of T
//   object<a: A>[K: V]      members that are known, then any number of others
//   set[T]   any<A, B>      one of several; `any` alone: anything
//   (A, B) => R             functions
//
// A type is a pointer to an immutable shape of a TypePool, which must outlive it; nullptr is the
// type of which nothing is known yet (OPA prints "???"). Types of several pools may refer to each
// other while all of them live. A pool belongs to one thread; what it made may be read by many.
//
// No type has more than kMostNodes nodes: what would be larger forgets its elements, and a union of
// more than kMostAlternatives types is `any`. A pool without fuel makes `any` of everything. All of
// it only ever accepts more.
#include <algorithm>
#include <compare>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/builtins/type.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego::types {

struct Shape;
using Type = const Shape*;

// A member whose key is known.
struct StaticField {
  Term key;  // stands in the pool's arena, or in what outlives the pool
  Type type = nullptr;
};

struct Shape {
  // In the order that types have among each other.
  enum class Form : std::uint8_t {
    null,
    boolean,
    number,
    string,
    array,
    object,
    set,
    any,
    function
  };
  Form form = Form::any;
  std::vector<Type> parts;          // elements; alternatives, sorted, none: anything; arguments
  std::vector<StaticField> fields;  // sorted by key
  Type key = nullptr;               // of further members
  Type rest = nullptr;              // further elements or members; what a function returns
  bool is_open = false;             // an object with further members
  bool has_unknown = false;         // nullptr stands somewhere in it
  bool has_forgotten = false;       // elements or alternatives: says less than it was made of
  std::uint32_t nodes = 1;
  // Of a builtin: what its arguments are called.
  const Signature* signature = nullptr;

  bool is(Form f) const { return form == f; }
  bool is_anything() const { return form == Form::any && parts.empty(); }
  // The member whose key is known to be `name`; nullptr without one.
  const StaticField* field(const Term& name) const;
};

inline constexpr std::uint32_t kMostNodes = 4096;
inline constexpr std::size_t kMostAlternatives = 32;

inline bool is_unknown(Type type) { return type == nullptr || type->has_unknown; }

Type anything();
// `any` of a union that had too many alternatives.
Type forgotten();
Type null();
Type boolean();
Type number();
Type string();
// The type of a scalar; nullptr for what is none.
Type of_scalar(const Term& value);

// Texts longer than this end in "…".
inline constexpr std::size_t kLongestText = 4096;
// "array<number>[any]"; "???" for nullptr.
std::string to_text(Type type);
// "(string, ???)"
std::string to_text(const std::vector<Type>& types);
// "(collection: any<string, array[any]>, n: number)": arguments and result of a function.
std::string arguments_text(Type function);

std::strong_ordering compare(Type a, Type b);

// How much work a pool's types may be.
class Fuel {
 public:
  explicit Fuel(std::uint64_t steps) : left_(steps) {}
  // False when there is none left.
  bool burn(std::uint64_t steps = 1) {
    left_ -= std::min(left_, steps);
    return left_ > 0;
  }
  bool is_empty() const { return left_ == 0; }

 private:
  std::uint64_t left_;
};

// What can be done with the types there are. Makes the shapes it returns.
class TypePool {
 public:
  // Some tenths of a second and a hundred megabytes. What policies need is less by far.
  static constexpr std::uint64_t kFuel = 20'000'000;

  explicit TypePool(std::uint64_t fuel = kFuel) : fuel_(fuel) {}
  TypePool(const TypePool&) = delete;
  TypePool& operator=(const TypePool&) = delete;

  // Where keys stand that nothing else keeps.
  Arena& arena() { return arena_; }
  Fuel& fuel() { return fuel_; }

  Type array(std::vector<Type> parts, Type rest);
  Type object(std::vector<StaticField> fields);                        // no others
  Type object(std::vector<StaticField> fields, Type key, Type value);  // and others
  Type set(Type of);
  Type function(std::vector<Type> arguments, Type result);
  // `signature` must outlive the type.
  Type function(const Signature& signature);
  Type declared(const rego::Type& type);

  // Of a value that is known, which must outlive the pool. A key of an object is a static one.
  Type of(const Term& value);

  // The union; nullptr beside a type is that type.
  Type either(Type a, Type b);
  // The same of any number; of several, functions are left out. nullptr: of none.
  Type either(std::vector<Type> types);
  // As `either`, but sets and objects without known members are made one.
  Type merged(Type a, Type b);

  // What `type[key]` is for a constant key; nullptr: nothing.
  Type select(Type type, const Term& key);
  // What keys and values an iteration over it has; nullptr: it has none.
  Type keys(Type type);
  Type values(Type type);

 private:
  Type add(Shape node);
  Type union_of(std::vector<Type> sorted);
  Type select_from(const Shape& type, const Term& key);
  void add_keys(const Shape& type, std::vector<Type>& out);

  Arena arena_;
  Fuel fuel_;
  std::deque<Shape> shapes_;
  std::unordered_map<Type, Type> keys_;    // that were asked for
  std::unordered_map<Type, Type> values_;  // that were asked for
};

// Whether some value may be of both types. False when one is nullptr.
bool unifies(Type a, Type b, Fuel& fuel);

}  // namespace writ::rego::types
