#pragma once
// Asks one of Writ's own policies. It sees its input and nothing else, under the limits of gates or
// closer ones.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace writ::rego {
struct Program;
}

namespace writ::policy {

// What one question may take. Steps and memory are the same on every machine; the time is a last
// resort.
struct PolicyBudget {
  std::uint64_t steps = 5'000'000;
  std::size_t memory_bytes = std::size_t{128} << 20;
  std::chrono::milliseconds time{20'000};
};

// A value; any number of threads may ask.
class OwnPolicy {
 public:
  // A module, and the document that decides: "data.writ.approval.decision". `name`: how messages
  // name the module.
  // A module that does not compile is kept as such: whoever asks it gets the error.
  OwnPolicy(std::string_view module, std::string query, std::string_view name = "policy.rego",
            PolicyBudget budget = {});

  // Why it does not compile, with the place; empty: it does.
  const std::string& broken() const { return broken_; }
  // The document's value. Errors: internal (it does not compile, fails, takes too much, or is
  // undefined). Whoever asks then permits nothing.
  Result<Value> decide(const Value& input) const;

 private:
  std::string query_;
  PolicyBudget budget_;
  std::shared_ptr<const rego::Program> program_;
  std::string broken_;  // why there is no program
};

}  // namespace writ::policy
