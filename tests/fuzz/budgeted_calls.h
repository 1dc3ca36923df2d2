#pragma once
// Calls builtins as the evaluator does, within a budget of memory and of questions whether to go
// on.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/testing/fake_clock.h"
#include "policy/builtins/table.h"
#include "policy/term/print.h"

class BudgetedCalls {
 public:
  struct Said {
    writ::rego::Term value;  // undefined when there is none
    std::string error;       // empty: it did not fail
    bool is_true() const { return value.is_true(); }
  };

  BudgetedCalls() {
    services_.clock = &clock_;
    services_.random = &random_;
    arena_.set_limit(std::size_t{64} << 20);
    env_.arena = &arena_;
    env_.services = &services_;
    env_.cache = &cache_;
    env_.stopped = [this] { return ++asked_ > 10'000; };
  }

  writ::rego::Arena& arena() { return arena_; }
  // Whether an outcome counts: else it is what a call came to that was stopped.
  bool has_budget() const { return !arena_.exhausted() && asked_ <= 10'000; }
  writ::rego::Term text(std::string_view text) { return make_string(arena_, text); }

  Said with(std::string_view name, const std::vector<writ::rego::Term>& args) {
    const writ::rego::BuiltinEntry* entry = writ::rego::BuiltinTable::standard().find(name);
    WRIT_ASSERT(entry != nullptr);
    writ::rego::Call call(*entry->row, args, env_);
    const writ::rego::Outcome outcome = invoke(*entry, call);
    if (!outcome.failed()) return {outcome.value(), {}};
    WRIT_ASSERT(!call.problem().message.empty());
    return {{}, call.problem().message};
  }

 private:
  writ::rego::Arena arena_;
  writ::rego::CallCache cache_;
  writ::FakeClock clock_;
  writ::SystemRandom random_;
  writ::rego::Services services_;
  writ::rego::Call::Env env_;
  std::size_t asked_ = 0;
};
