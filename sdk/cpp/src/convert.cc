#include "convert.h"

#include <cmath>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "policy/term/build.h"
#include "policy/term/json.h"
#include "policy/term/number.h"

namespace writ::sdk {
namespace {

using rego::Arena;
using rego::Term;

// As deep as what is read from text may be.
constexpr std::uint32_t kDeepestInput = rego::kDeepest / 2;

class TermMaker {
 public:
  explicit TermMaker(Arena& arena) : arena_(arena) {}

  Result<Term> convert(const Value& value) {
    if (const auto b = value.boolean()) return Term::boolean(*b);
    if (const std::string* const text = value.text()) return string(*text);
    if (const Array* const array = value.array()) return convert(*array);
    if (const Object* const object = value.object()) return convert(*object);
    if (const auto n = value.number()) return number(value, *n);
    return Term::null();
  }

 private:
  Result<Term> string(const std::string& text) {
    if (is_utf8(text)) return rego::make_string(arena_, text);
    return std::unexpected(make_error(ErrorCode::invalid_input, "a text is not UTF-8"));
  }

  Result<Term> number(const Value& value, double n) {
    if (const auto integer = value.integer()) return Term::integer(*integer);
    if (std::isfinite(n)) return rego::make_number(arena_, writ::to_json(writ::Value(n)));
    return std::unexpected(make_error(ErrorCode::invalid_input, "a number is not finite"));
  }

  Result<Term> convert(const Array& array) {
    if (++depth_ > kDeepestInput) return too_deep();
    std::vector<Term> items;
    items.reserve(array.size());
    for (const Value& value : array) {
      auto item = convert(value);
      if (!item) return item;
      items.push_back(*item);
    }
    --depth_;
    return rego::make_array(arena_, items);
  }

  Result<Term> convert(const Object& object) {
    if (++depth_ > kDeepestInput) return too_deep();
    std::vector<rego::Member> members;
    members.reserve(object.size());
    for (const auto& [name, value] : object) {
      auto key = string(name);
      if (!key) return key;
      auto member = convert(value);
      if (!member) return member;
      members.push_back({*key, *member});
    }
    --depth_;
    return rego::make_object(arena_, std::move(members));
  }

  static Result<Term> too_deep() {
    return std::unexpected(make_error(ErrorCode::invalid_input, "a value is nested too deeply"));
  }

  Arena& arena_;
  std::uint32_t depth_ = 0;
};

Value number_of(const Term& term) {
  if (const auto integer = rego::to_int64(term)) return *integer;
  return rego::to_double(term);
}

struct Translation {
  Code from;
  ErrorCode to;
};
// What is not here is `internal`.
constexpr Translation kTranslations[] = {
    {Code::cancelled, ErrorCode::cancelled},
    {Code::conflict, ErrorCode::invalid_input},
    {Code::invalid_input, ErrorCode::invalid_input},
    {Code::not_found, ErrorCode::unavailable},
    {Code::overloaded, ErrorCode::unavailable},
    {Code::signature_bad, ErrorCode::signature_bad},
    {Code::storage_failed, ErrorCode::unavailable},
    {Code::timed_out, ErrorCode::timed_out},
    {Code::unavailable, ErrorCode::unavailable},
    {Code::unsupported, ErrorCode::invalid_input},
};

Problem to_problem(const rego::PolicyError& error) {
  return {.code = error.code,
          .message = error.message,
          .file = error.file,
          .row = static_cast<unsigned>(error.at.line),
          .column = static_cast<unsigned>(error.at.column)};
}

}  // namespace

Result<Term> term_of(Arena& arena, const Value& value) { return TermMaker(arena).convert(value); }

Value value_of(const Term& term) {
  switch (term.kind()) {
    case rego::Kind::boolean:
      return term.as_boolean();
    case rego::Kind::number:
      return number_of(term);
    case rego::Kind::string:
      return term.text();
    case rego::Kind::array:
    case rego::Kind::set: {
      Array items;
      items.reserve(term.size());
      for (const Term& item : term.items()) items.push_back(value_of(item));
      return items;
    }
    case rego::Kind::object: {
      Object object;
      for (std::size_t i = 0; i < term.size(); ++i) {
        const Term& key = term.keys()[i];
        object.insert_or_assign(key.is_string() ? std::string(key.text()) : rego::to_json(key),
                                value_of(term.values()[i]));
      }
      return object;
    }
    default:
      return {};
  }
}

Error make_error(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

Error to_error(const writ::Error& from) {
  Error error = make_error(ErrorCode::internal, from.message);
  for (const Translation& row : kTranslations) {
    if (row.from == from.code) error.code = row.to;
  }
  for (const std::string& context : from.contexts) error.message += " (while " + context + ")";
  for (const Diagnostic& diagnostic : from.diagnostics) {
    error.problems.push_back({.code = {},
                              .message = diagnostic.message,
                              .file = diagnostic.file,
                              .row = static_cast<unsigned>(diagnostic.at.line),
                              .column = static_cast<unsigned>(diagnostic.at.column)});
  }
  return error;
}

Error to_error(const rego::PolicyError& from) {
  Error error = make_error(ErrorCode::evaluation, from.message);
  error.problems.push_back(to_problem(from));
  return error;
}

Result<std::vector<std::string>> parse_path(std::string_view path) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end == 0 || !is_utf8(path.substr(0, end))) {
      return std::unexpected(
          make_error(ErrorCode::invalid_input, "a path is names with / between: app/authz/allow"));
    }
    out.emplace_back(path.substr(0, end));
    if (end == path.size()) return out;
    path.remove_prefix(end + 1);
  }
}

}  // namespace writ::sdk
