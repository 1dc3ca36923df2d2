#pragma once
// One validation: goes through a query document beside the schema and looks at every node when
// its children have been seen. Private to validate*.cc.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/graphql/schema.h"

namespace writ::rego::graphql {

// What the place of a value wants.
struct Expected {
  Term type;  // undefined: not known
  bool has_default = false;
  const Definition* definition = nullptr;  // of the type's innermost name
};

class Walker {
 public:
  Walker(const Schema& schema, const Term& document) : schema_(schema), document_(document) {}
  std::vector<Problem> run();

 private:
  static constexpr std::size_t kMostProblems = 100;
  static constexpr int kDeepest = 300;

  void add(const Term& at, std::string message);
  bool too_deep(const Term& at);

  void walk_operation(const Term& operation);
  void walk_fragment(const Term& fragment);
  void walk_directives(std::span<const Term> directives, std::string_view location);
  void walk_arguments(std::span<const Term> arguments, std::span<const Term> definitions);
  void walk_selections(const Definition* parent, std::span<const Term> selections);
  void walk_field(const Definition* parent, const Term& field);
  void walk_inline_fragment(const Definition* parent, const Term& fragment);
  void walk_spread(const Definition* parent, const Term& spread);
  void walk_value(const Term& value, const Expected& expected);

  const Term* fragment_named(std::string_view name) const;
  const Term* variable_named(std::string_view name) const;
  Expected expected_of(const Term& definition) const;

  // validate.cc
  void on_operation(const Term& operation);
  void on_variable(const Term& variable);
  void on_fragment(const Term& fragment);
  void on_inline_fragment(const Definition* parent, const Term& fragment);
  void on_spread(const Definition* parent, const Term& spread);
  void check_cycles(const Term& fragment, std::vector<Term>& path, std::vector<std::string>& names);
  bool can_meet(const Definition* parent, std::string_view condition) const;
  void check_subscription(const Term& operation);
  // validate_fields.cc
  void on_field(const Definition* parent, const Term* definition, const Term& field);
  void on_directive(const Term& directive, std::string_view location);
  void on_directives(std::span<const Term> directives);
  void check_known_field(const Definition& parent, const Term& field);
  void check_required(const Term& node, const Term& definition, const std::string& what);
  void check_leaf(const Term& definition, const Term& field);
  void check_unique_arguments(std::span<const Term> arguments);
  bool asks_too_deep(std::span<const Term> selections, std::set<std::string>& inside, int depth);
  // validate_values.cc
  void on_value(const Term& value, const Expected& expected);
  void check_defined(const Term& value);
  void check_value(const Term& value, const Expected& expected);
  void check_scalar(const Term& value, const Expected& expected, std::string_view allowed);
  void check_enum(const Term& value, const Expected& expected);
  void check_object(const Term& value, const Expected& expected);
  void check_position(const Term& value, const Expected& expected);
  std::string unexpected(const Term& value, const Expected& expected) const;

  const Schema& schema_;
  const Term& document_;
  std::vector<Problem> problems_;
  int depth_ = 0;
  const Term* operation_ = nullptr;       // nullptr inside fragments that are walked by themselves
  std::set<std::string> used_variables_;  // of the operation
  std::set<std::string> walked_spreads_;
  std::set<std::string> used_fragments_;
  std::set<std::string> checked_fragments_;
  bool in_fragments_ = false;
};

// What a selection is: gqlparser's three kinds have different fields.
enum class SelectionKind : std::uint8_t { field, inline_fragment, spread };
SelectionKind selection_kind(const Term& selection);

// Definition of the field that `parent` has by this name; __typename is in all.
const Term* field_of(const Definition* parent, std::string_view name);

// Fields that would come out under one name and differ (section 5.3.2). Bounded:
// a query that takes more comparisons is reported as too complex.
std::vector<Problem> overlapping_fields(const Schema& schema, const Term& document,
                                        const Definition* parent, std::span<const Term> selections);

}  // namespace writ::rego::graphql
