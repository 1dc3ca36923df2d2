#pragma once
// facts/v1: what a gate sees. Facts are typed values aggregated from evidence; one table lists
// every name that exists. Evidence of another tree never becomes a fact (LAW-31).
// Format: contracts/facts.schema.json, docs/formats/facts.md.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace writ::policy {

enum class FactType : std::uint8_t { number, boolean, string };

// How the values of several pieces of evidence become one.
enum class Aggregate : std::uint8_t { sum, max, min, all, any, last };

struct FactRow {
  std::string_view name;  // "tests.failed"
  FactType type;
  Aggregate aggregate;
  std::string_view evidence;  // the evidence kind that produces it: "tests", "command", …
  std::string_view meaning;   // one line for documentation and `writ explain`
};

// Every fact there is, sorted by name.
std::span<const FactRow> fact_table();
const FactRow* find_fact(std::string_view name);

// Where a fact's value came from.
struct FactOrigin {
  std::string evidence_id;
  std::string step;
  std::string kind;
};

struct Fact {
  Value value;
  std::vector<FactOrigin> origins;
};

// Why a fact that could exist is absent: only stale evidence, or none at all.
struct AbsentFact {
  std::string name;
  std::string reason;  // "evidence of step test/unit was made on another tree"
};

struct Facts {
  Value run;         // {id, plan, spec, work_type}
  Value step;        // {path, attempt}
  std::string tree;  // "sha256:<hex>"
  std::map<std::string, Fact, std::less<>> facts;
  std::vector<AbsentFact> stale;

  // Adds one value by the table's aggregation. Errors: internal (no such fact, wrong type).
  Result<void> add(std::string_view name, const Value& value, FactOrigin origin);
  // The facts/v1 document that is kept with the decision, and back.
  Value to_value() const;
  static Result<Facts> from_value(const Value& value);
};

}  // namespace writ::policy
