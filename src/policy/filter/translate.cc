#include <algorithm>
#include <map>
#include <optional>

#include "policy/filter/filter.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

using Form = ast::Term::Kind;
using Kind = Filter::Kind;
using Operation = Filter::Operation;

struct Row {
  std::string_view builtin;
  Operation operation;
  std::optional<Operation> turned;  // with its sides exchanged
};
constexpr Row kOperations[] = {
    {"contains", Operation::contains, {}},     {"endswith", Operation::endswith, {}},
    {"eq", Operation::eq, Operation::eq},      {"equal", Operation::eq, Operation::eq},
    {"gt", Operation::gt, Operation::lt},      {"gte", Operation::gte, Operation::lte},
    {"internal.member_2", Operation::in, {}},  {"lt", Operation::lt, Operation::gt},
    {"lte", Operation::lte, Operation::gte},   {"neq", Operation::ne, Operation::ne},
    {"startswith", Operation::startswith, {}},
};

constexpr std::string_view kNames[] = {"eq",  "ne", "lt",         "lte",      "gt",
                                       "gte", "in", "startswith", "endswith", "contains"};

bool is_root(const ast::Term& ref, std::string_view name) {
  return ref.is(Form::ref) && ref.parts[0].is_var() && ref.parts[0].name == name;
}

std::string callee_of(const ast::Term& call) {
  const ast::Term& name = call.parts[0];
  return name.is_var() ? name.name : ast::to_text(name);
}

Filter certain(bool holds) {
  Filter out;
  out.kind = holds ? Kind::always : Kind::never;
  return out;
}

// What decides the whole alone does; what does not matter is left out.
Filter joined(Kind kind, std::vector<Filter> parts) {
  const Kind neutral = kind == Kind::all ? Kind::always : Kind::never;
  const Kind deciding = kind == Kind::all ? Kind::never : Kind::always;
  for (const Filter& part : parts) {
    if (part.kind == deciding) return part;
  }
  std::erase_if(parts, [&](const Filter& part) { return part.kind == neutral; });
  if (parts.empty()) return certain(kind == Kind::all);
  if (parts.size() == 1) return std::move(parts[0]);
  Filter out;
  out.kind = kind;
  out.parts = std::move(parts);
  return out;
}

class Translator {
 public:
  explicit Translator(const PartialAnswer& answer) : arena_(*answer.arena) {
    for (const SupportModule& module : answer.support) {
      std::string package = "data";
      for (const Term& key : module.module.package) package += "." + std::string(key.text());
      for (const ast::Rule& rule : module.module.rules) {
        const bool is_helper = rule.ref.is_var() && !rule.is_function && !rule.is_default &&
                               !rule.is_partial_set && !rule.value;
        if (is_helper) helpers_[package + "." + rule.ref.name].push_back(&rule);
      }
    }
  }

  Filter any_of(const std::vector<ast::Body>& bodies) {
    std::vector<Filter> parts;
    for (const ast::Body& body : bodies) parts.push_back(all_of(body));
    return joined(Kind::any, std::move(parts));
  }

  PolicyErrors take_errors() { return std::move(errors_); }

 private:
  Filter all_of(const ast::Body& body) {
    std::vector<Filter> parts;
    for (const ast::Statement& one : body) parts.push_back(condition(one));
    return joined(Kind::all, std::move(parts));
  }

  Filter condition(const ast::Statement& of) {
    if (of.kind != ast::Statement::Kind::term || !of.with.empty()) {
      return refuse(of, "is no comparison");
    }
    Filter out = plain(of);
    if (!of.negated) return out;
    if (out.kind == Kind::always || out.kind == Kind::never) {
      return certain(out.kind == Kind::never);
    }
    Filter negation;
    negation.kind = Kind::none;
    negation.parts.push_back(std::move(out));
    return negation;
  }

  Filter plain(const ast::Statement& of) {
    const ast::Term& term = of.terms[0];
    if (is_root(term, "data")) return helper(of);
    if (!term.is(Form::call)) {
      return refuse(of, "stands alone: compare it with a value, for example with true");
    }
    const std::string name = callee_of(term);
    const auto* const row = std::ranges::find(kOperations, name, &Row::builtin);
    if (row == std::end(kOperations)) {
      return refuse(of, "calls " + name + ", which no condition on columns is");
    }
    if (term.parts.size() != 3) return refuse(of, "keeps what " + name + " comes to");
    return compare(of, *row, term.parts[1], term.parts[2]);
  }

  // A negation that stands in a rule of its own.
  Filter helper(const ast::Statement& of) {
    const auto found = helpers_.find(ast::to_text(of.terms[0]));
    if (found == helpers_.end()) {
      return refuse(of, "needs a rule with a default, a set or an object");
    }
    std::vector<ast::Body> bodies;
    for (const ast::Rule* rule : found->second) bodies.push_back(rule->body);
    return any_of(bodies);
  }

  Filter compare(const ast::Statement& of, const Row& row, const ast::Term& left,
                 const ast::Term& right) {
    Filter out;
    out.kind = Kind::compare;
    out.operation = row.operation;
    if (is_existence(row, left)) return existence(of, right);
    const auto field = field_of(left);
    const auto other = field_of(right);
    const Term value = constant(other ? left : right);
    if (field && other && row.turned) {
      out.field = *field;
      out.other_field = *other;
      return out;
    }
    if (!field && !(other && row.turned)) return refuse(of, "compares no column of a row");
    if (!field) out.operation = *row.turned;
    out.field = field ? *field : *other;
    if (row.operation == Operation::in) return one_of(of, std::move(out), value);
    if (!value.is_defined() || value.is_collection()) {
      return refuse(of, "compares with what is no constant of one value");
    }
    const bool is_ordered = out.operation != Operation::eq && out.operation != Operation::ne;
    if (value.is_null() && is_ordered) return refuse(of, "orders null");
    const bool is_text = row.operation >= Operation::startswith;
    if (is_text && !value.is_string()) return refuse(of, "looks for what is no string");
    out.value = value;
    return out;
  }

  // `_ = input.t.c`: the column has a value.
  static bool is_existence(const Row& row, const ast::Term& left) {
    return row.operation == Operation::eq && left.is_wildcard();
  }

  Filter existence(const ast::Statement& of, const ast::Term& right) {
    const auto field = field_of(right);
    if (!field) return refuse(of, "asks for what is no column of a row");
    Filter out;
    out.kind = Kind::compare;
    out.operation = Operation::ne;
    out.field = *field;
    out.value = Term::null();
    return out;
  }

  Filter one_of(const ast::Statement& of, Filter out, const Term& value) {
    if (!value.is_collection()) return refuse(of, "looks in what is no known collection");
    const auto items = value.is_object() ? value.values() : value.items();
    if (items.empty()) return certain(false);
    for (const Term& item : items) {
      if (item.is_collection() || item.is_null()) {
        return refuse(of,
                      "looks in a collection with other values than texts, numbers and booleans");
      }
    }
    out.value = make_array(arena_, items);
    return out;
  }

  Term constant(const ast::Term& term) {
    if (term.is(Form::scalar)) return term.value;
    const bool is_list = term.is(Form::array) || term.is(Form::set);
    if (!is_list && !term.is(Form::object)) return {};
    std::vector<Term> items;
    for (std::size_t i = is_list ? 0 : 1; i < term.parts.size(); i += is_list ? 1 : 2) {
      items.push_back(constant(term.parts[i]));
      if (!items.back().is_defined()) return {};
    }
    return make_array(arena_, items);
  }

  static std::optional<std::vector<std::string>> field_of(const ast::Term& term) {
    constexpr std::size_t kMostParts = 3;  // input, table, column
    if (!is_root(term, "input") || term.parts.size() > kMostParts) return std::nullopt;
    std::vector<std::string> out;
    for (std::size_t i = 1; i < term.parts.size(); ++i) {
      if (!term.parts[i].is_string()) return std::nullopt;
      out.emplace_back(term.parts[i].value.text());
    }
    return out;
  }

  Filter refuse(const ast::Statement& of, const std::string& why) {
    errors_.push_back({std::string(kFragmentError),
                       ast::to_text(of) + " " + why + "; it cannot be asked of rows",
                       {},
                       {},
                       {}});
    return {};
  }

  Arena& arena_;
  std::map<std::string, std::vector<const ast::Rule*>> helpers_;
  PolicyErrors errors_;
};

}  // namespace

std::string_view name_of(Filter::Operation operation) {
  return kNames[static_cast<std::size_t>(operation)];
}

std::expected<Filter, PolicyErrors> to_filter(const PartialAnswer& answer) {
  Translator translator(answer);
  Filter out = translator.any_of(answer.queries);
  PolicyErrors errors = translator.take_errors();
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

}  // namespace writ::rego
