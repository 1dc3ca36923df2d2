#pragma once
// A Rego module as it was written. Plain values, so that the compiler may copy and rewrite parts.
// Infix operators are calls of their builtins: `x + 1` is plus(x, 1), `x := 1` is assign(x, 1).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego::ast {

struct Statement;
using Body = std::vector<Statement>;

struct Term {
  enum class Kind : std::uint8_t {
    scalar,                // value
    var,                   // name; "_" in each place a variable of its own ("_" is kept)
    ref,                   // parts: head (var, call, comprehension, composite), then keys
    call,                  // parts: what is called (a var or ref), then arguments
    array,                 // parts
    set,                   // parts
    object,                // parts: key, value, key, value …
    array_comprehension,   // parts: item; body
    set_comprehension,     // parts: item; body
    object_comprehension,  // parts: key, value; body
    template_string,       // texts and parts alternate: body holds one statement per hole
  };
  Kind kind = Kind::scalar;
  Position at;
  rego::Term value;
  std::string name;
  std::vector<Term> parts;
  std::shared_ptr<Body> body;
  // For the compiler: of a variable its slot in the frame; of a comprehension the first slot
  // that is its own. -1: not known.
  std::int32_t slot = -1;
  // Byte of the source text behind it; parentheses around it are not counted.
  std::uint32_t end = 0;

  bool is(Kind k) const { return kind == k; }
  bool is_var() const { return kind == Kind::var; }
  bool is_wildcard() const { return kind == Kind::var && name == "_"; }
  bool is_comprehension() const {
    return kind >= Kind::array_comprehension && kind <= Kind::object_comprehension;
  }
  bool is_string() const { return kind == Kind::scalar && value.is_string(); }
};

struct With {
  Term target;
  Term value;
  Position at;
};

struct Statement {
  enum class Kind : std::uint8_t {
    term,     // terms[0]
    some,     // terms: declared variables
    some_in,  // terms: value | key, value; then the collection
    every,    // terms: value | key, value; then the domain; body
  };
  Kind kind = Kind::term;
  bool negated = false;
  Position at;
  std::size_t begin = 0;  // bytes of the source text
  std::size_t end = 0;
  std::vector<Term> terms;
  std::vector<With> with;
  std::shared_ptr<Body> body;
  std::size_t body_end = 0;  // byte behind the body's brace
  std::int32_t slot = -1;    // of `every`: the first slot that is its own
};

// Annotations as a term: {"scope": "rule", "title": …}.
struct Annotations {
  Position at;
  Position end;  // of the last line of the comment block
  rego::Term value;
  std::string scope;
};

struct Else;

struct Rule {
  Position at;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t args_end = 0;  // byte behind the arguments' parenthesis
  std::size_t head_end = 0;  // … behind name and value
  std::size_t body_end = 0;  // … behind the body's brace; 0: there is no brace
  bool is_default = false;
  bool is_function = false;
  bool is_partial_set = false;  // `contains`
  bool has_if = false;
  bool is_assigned = false;  // `:=`
  bool has_body = false;
  Term ref;  // as written: var, or ref that begins with one
  std::vector<Term> args;
  std::optional<Term> member;  // of `contains`
  std::optional<Term> value;
  Body body;                    // empty: always true
  std::vector<Else> otherwise;  // the else branches in order
  std::vector<Annotations> annotations;
};

struct Else {
  Position at;
  Position keyword_at;
  std::size_t head_end = 0;
  std::size_t body_end = 0;
  bool has_if = false;
  bool is_assigned = false;
  std::optional<Term> value;
  Body body;
};

struct Import {
  Position at;
  std::size_t end = 0;
  Term path;  // ref
  std::string alias;
  bool has_alias = false;
};

struct Comment {
  Position at;
  std::string text;  // without '#'
};

struct Module {
  std::string file;
  std::string source;
  bool is_v0 = false;
  Position package_at;
  std::vector<rego::Term> package;  // strings after `data`
  std::vector<Import> imports;
  std::vector<Rule> rules;
  std::vector<Comment> comments;
  std::vector<Annotations> package_annotations;
  std::shared_ptr<Arena> arena;  // owns the constants
};

// "x", "data.foo[x]": for messages. Source spelling where it was a name.
std::string to_text(const Term& term);
std::string to_text(const Statement& statement);
// Whether `name` may follow a dot: a letter or '_', then letters, digits and '_'.
bool is_plain_name(std::string_view name);

}  // namespace writ::rego::ast
