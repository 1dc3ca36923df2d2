#include <algorithm>

#include "policy/filter/write_filter.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

using Form = Filter::Kind;
using Operation = Filter::Operation;

struct Row {
  std::string_view name;
  UcastVariant variant;
  bool has_not;
  bool has_in;
  bool has_texts;   // startswith, endswith, contains
  bool has_fields;  // two columns compared
};
constexpr Row kVariants[] = {
    {"all", UcastVariant::all, true, true, true, true},
    {"minimal", UcastVariant::minimal, false, false, false, false},
    {"prisma", UcastVariant::prisma, true, true, true, false},
    {"linq", UcastVariant::linq, true, true, false, true},
};

std::string dotted(const std::vector<std::string>& field) {
  std::string out;
  for (const std::string& part : field) out += (out.empty() ? "" : ".") + part;
  return out;
}

class UcastWriter {
 public:
  UcastWriter(Arena& arena, UcastVariant variant)
      : arena_(arena), row_(kVariants[static_cast<std::size_t>(variant)]) {}

  Term condition(const Filter& filter) {
    switch (filter.kind) {
      case Form::always:
        return compound("and", {});
      case Form::never:
        return compound("or", {});
      case Form::compare:
        return compare(filter);
      case Form::all:
        return compound("and", filter.parts);
      case Form::any:
        return compound("or", filter.parts);
      case Form::none:
        if (!row_.has_not) refuse("not");
        return compound("not", filter.parts);
    }
    return {};
  }

  PolicyErrors take_errors() { return std::move(errors_); }

 private:
  Term text(std::string_view value) { return make_string(arena_, value); }

  Term compound(std::string_view operation, const std::vector<Filter>& parts) {
    std::vector<Term> values;
    for (const Filter& part : parts) values.push_back(condition(part));
    return make_object(arena_, {{text("type"), text("compound")},
                                {text("operator"), text(operation)},
                                {text("value"), make_array(arena_, values)}});
  }

  Term compare(const Filter& of) {
    if (of.operation == Operation::in && !row_.has_in) refuse("in");
    if (of.operation >= Operation::startswith && !row_.has_texts) refuse(name_of(of.operation));
    if (!of.other_field.empty() && !row_.has_fields) refuse("the comparison of two columns");
    const Term value = of.other_field.empty()
                           ? of.value
                           : make_object(arena_, {{text("field"), text(dotted(of.other_field))}});
    return make_object(arena_, {{text("type"), text("field")},
                                {text("operator"), text(name_of(of.operation))},
                                {text("field"), text(dotted(of.field))},
                                {text("value"), value}});
  }

  void refuse(std::string_view what) {
    errors_.push_back({std::string(kFragmentError),
                       "ucast." + std::string(row_.name) + " has no " + std::string(what),
                       {},
                       {},
                       {}});
  }

  Arena& arena_;
  const Row& row_;
  PolicyErrors errors_;
};

}  // namespace

std::optional<UcastVariant> ucast_named(std::string_view name) {
  const auto* const row = std::ranges::find(kVariants, name, &Row::name);
  if (row == std::end(kVariants)) return std::nullopt;
  return row->variant;
}

std::expected<Term, PolicyErrors> to_ucast(Arena& arena, const Filter& filter,
                                           UcastVariant variant) {
  if (filter.kind == Filter::Kind::always) return empty_object();
  UcastWriter writer(arena, variant);
  const Term out = writer.condition(filter);
  PolicyErrors errors = writer.take_errors();
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

}  // namespace writ::rego
