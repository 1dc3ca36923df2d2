#include "protocol/plan.h"

#include "contract/canonical.h"
#include "crypto/digest.h"
#include "protocol/plan_value.h"

namespace writ::protocol {
namespace {

// Plans hold finite numbers and UTF-8 only: documents are checked for both when they are parsed.
std::string canonical_text(const Value& value) {
  auto text = contract::canonical_json(value);
  WRIT_ASSERT(text.has_value());
  return *std::move(text);
}

}  // namespace

std::size_t Plan::find(std::string_view path) const {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].path == path) return i;
  }
  return steps.size();
}

std::string Plan::canonical() const { return canonical_text(digested_value(*this)); }

std::string Plan::digest() const { return crypto::sha256(canonical()).hex(); }

std::string step_digest(const PlanStep& step) {
  return crypto::sha256(canonical_text(digested_value(step))).hex();
}

}  // namespace writ::protocol
