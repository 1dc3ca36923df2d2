#pragma once
// Calls one builtin the way the evaluator does, for tests.
//
//   EXPECT_EQ(BuiltinCall().text("count", R"([[1, 2]])"), "2");
#include <string>
#include <string_view>

#include "base/testing/fake_clock.h"
#include "policy/builtins/table.h"
#include "policy/term/json.h"
#include "policy/term/print.h"

namespace writ::rego::testing {

class BuiltinCall {
 public:
  BuiltinCall() {
    services_.clock = &clock_;
    services_.random = &random_;
    env_.arena = &arena_;
    env_.services = &services_;
    env_.cache = &cache_;
  }

  Arena& arena() { return arena_; }
  Services& services() { return services_; }
  Call::Env& env() { return env_; }

  // The value in Rego syntax, "undefined", or "error: <name>: <message>" / "type error: …".
  std::string with(std::string_view name, std::span<const Term> args) {
    const BuiltinEntry* entry = BuiltinTable::standard().find(name);
    if (entry == nullptr) return "no such builtin";
    Call call(*entry->row, args, env_);
    const Outcome outcome = invoke(*entry, call);
    if (!outcome.failed()) return to_rego(outcome.value());
    const bool is_type = call.problem().kind == BuiltinError::Kind::type;
    return (is_type ? "type error: " : "error: ") + call.problem().message;
  }
  // The same with the arguments as a JSON array.
  std::string text(std::string_view name, std::string_view json_args) {
    auto args = parse_json(arena_, json_args);
    if (!args) return args.error().text();
    return with(name, args->items());
  }
  // A set out of a JSON array, for arguments that JSON cannot say.
  Term set(std::string_view json) {
    auto items = parse_json(arena_, json);
    WRIT_ASSERT(items.has_value());
    return make_set(arena_, {items->items().begin(), items->items().end()});
  }

 private:
  Arena arena_;
  CallCache cache_;
  FakeClock clock_;
  SystemRandom random_;
  Services services_;
  Call::Env env_;
};

}  // namespace writ::rego::testing
