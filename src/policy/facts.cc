#include "policy/facts.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "policy/expression.h"

namespace writ::policy {
namespace {

constexpr std::string_view kFormat = "writ.facts/v1";

bool has_type(const Value& value, FactType type) {
  switch (type) {
    case FactType::number:
      return value.is_number() && std::isfinite(value.as_number());
    case FactType::boolean:
      return value.is_bool();
    case FactType::string:
      break;
  }
  return value.is_string();
}

// Exact while both are integers and the sum is one; a sum beyond that becomes a real.
Value sum(const Value& a, const Value& b) {
  std::int64_t total = 0;
  if (a.is_integer() && b.is_integer() &&
      !__builtin_add_overflow(a.as_integer(), b.as_integer(), &total)) {
    return total;
  }
  return a.as_number() + b.as_number();
}

Value combine(Aggregate aggregate, const Value& old, const Value& added) {
  switch (aggregate) {
    case Aggregate::sum:
      return sum(old, added);
    case Aggregate::max:
      return compare_numbers(old, added) < 0 ? added : old;
    case Aggregate::min:
      return compare_numbers(old, added) > 0 ? added : old;
    case Aggregate::all:
      return old.as_bool() && added.as_bool();
    case Aggregate::any:
      return old.as_bool() || added.as_bool();
    case Aggregate::last:
      break;
  }
  return added;
}

auto key(const FactOrigin& o) { return std::tie(o.evidence_id, o.step, o.kind); }

// Sorted and unique, so that a document does not depend on the order evidence came in.
void insert_origin(std::vector<FactOrigin>& origins, FactOrigin origin) {
  const auto less = [](const FactOrigin& a, const FactOrigin& b) { return key(a) < key(b); };
  const auto at = std::ranges::lower_bound(origins, origin, less);
  if (at != origins.end() && key(*at) == key(origin)) return;
  origins.insert(at, std::move(origin));
}

std::unexpected<Error> not_facts(std::string what) {
  return fail(Code::invalid_input, "this is no facts/v1 document: " + std::move(what));
}

using OriginKey = std::tuple<std::string, std::string, std::string>;

Value evidence_value(const Facts& facts) {
  std::map<OriginKey, Array> names;
  for (const auto& [name, fact] : facts.facts) {
    for (const FactOrigin& o : fact.origins) {
      names[{o.evidence_id, o.step, o.kind}].push_back(name);
    }
  }
  Array evidence;
  for (auto& [origin, made] : names) {
    const auto& [id, step, kind] = origin;
    evidence.push_back(
        Object{{"id", id}, {"step", step}, {"kind", kind}, {"facts", std::move(made)}});
  }
  return evidence;
}

Result<void> read_values(const Value& values, Facts& facts) {
  for (const Member& member : values.as_object()) {
    const FactRow* row = find_fact(member.key);
    if (row == nullptr) return not_facts("there is no fact `" + member.key + "`");
    if (!has_type(member.value, row->type)) return not_facts(member.key + " has the wrong type");
    facts.facts[member.key].value = member.value;
  }
  return {};
}

Result<void> read_evidence(const Value& evidence, Facts& facts) {
  for (const Value& piece : evidence.as_array()) {
    const Value* names = piece.find("facts");
    const FactOrigin origin{std::string(piece.string_or("id", "")),
                            std::string(piece.string_or("step", "")),
                            std::string(piece.string_or("kind", ""))};
    if (names == nullptr || !names->is_array()) return not_facts("evidence without `facts`");
    for (const Value& name : names->as_array()) {
      const auto found = name.is_string() ? facts.facts.find(name.as_string()) : facts.facts.end();
      if (found == facts.facts.end()) return not_facts("evidence for a fact that is not there");
      insert_origin(found->second.origins, origin);
    }
  }
  return {};
}

Result<void> read_stale(const Value& stale, Facts& facts) {
  for (const Value& piece : stale.as_array()) {
    if (!piece.is_object()) return not_facts("`stale` holds something else than objects");
    facts.stale.push_back(
        {std::string(piece.string_or("name", "")), std::string(piece.string_or("reason", ""))});
  }
  return {};
}

}  // namespace

Result<void> Facts::add(std::string_view name, const Value& value, FactOrigin origin) {
  const FactRow* row = find_fact(name);
  if (row == nullptr) return fail(Code::internal, "no fact is called " + std::string(name));
  if (!has_type(value, row->type)) {
    return fail(Code::internal, "fact " + std::string(name) + " got a value of the wrong type (" +
                                    std::string(kind_name(value.kind())) + ")");
  }
  const auto [at, is_new] = facts.try_emplace(std::string(name));
  Fact& fact = at->second;
  fact.value = is_new ? value : combine(row->aggregate, fact.value, value);
  insert_origin(fact.origins, std::move(origin));
  return {};
}

Value Facts::to_value() const {
  Object values;
  for (const auto& [name, fact] : facts) values.append(name, fact.value);
  Array absent;
  for (const AbsentFact& a : stale) {
    absent.push_back(Object{{"name", a.name}, {"reason", a.reason}});
  }
  return Object{{"format", kFormat},
                {"run", run},
                {"step", step},
                {"tree", tree},
                {"facts", std::move(values)},
                {"evidence", evidence_value(*this)},
                {"stale", std::move(absent)}};
}

Result<Facts> Facts::from_value(const Value& value) {
  if (value.string_or("format", "") != kFormat) return not_facts("`format` is not writ.facts/v1");
  const Value* run = value.find("run");
  const Value* step = value.find("step");
  const Value* values = value.find("facts");
  const Value* evidence = value.find("evidence");
  const Value* stale = value.find("stale");
  if (run == nullptr || step == nullptr || values == nullptr || !values->is_object() ||
      evidence == nullptr || !evidence->is_array() || stale == nullptr || !stale->is_array()) {
    return not_facts("run, step, facts, evidence and stale must all be there");
  }
  Facts facts;
  facts.run = *run;
  facts.step = *step;
  facts.tree = value.string_or("tree", "");
  WRIT_CHECK(read_values(*values, facts));
  WRIT_CHECK(read_evidence(*evidence, facts));
  WRIT_CHECK(read_stale(*stale, facts));
  return facts;
}

}  // namespace writ::policy
