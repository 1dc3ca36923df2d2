#pragma once
// Asks one of Writ's own policies. It sees its input and nothing else, under the limits of gates.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace writ::rego {
struct Program;
}

namespace writ::policy {

// A value; any number of threads may ask.
class OwnPolicy {
 public:
  // A module, and the document that decides: "data.writ.approval.decision". `name`: how messages
  // name the module.
  // A module that does not compile is kept as such: whoever asks it gets the error.
  OwnPolicy(std::string_view module, std::string query, std::string_view name = "policy.rego");

  // The document's value. Errors: internal (it does not compile, fails, or is undefined). Whoever
  // asks then permits nothing.
  Result<Value> decide(const Value& input) const;

 private:
  std::string query_;
  std::shared_ptr<const rego::Program> program_;
  std::string broken_;  // why there is no program
};

}  // namespace writ::policy
