#include "enforce.h"

#include <ctime>

namespace documents {
namespace {

using writ::sdk::Object;
using writ::sdk::Value;
using writ::sdk::Verdict;

constexpr const char* kRule = "documents/authz/allow";

int hour_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return parts.tm_hour;
}

Value input_of(const Caller& caller, const std::string& action, const Document& document) {
  return Object{
      {"subject",
       Object{{"id", caller.id}, {"role", caller.role}, {"department", caller.department}}},
      {"action", action},
      {"resource", Object{{"id", document.id},
                          {"owner", document.owner},
                          {"department", document.department},
                          {"level", document.level}}},
      {"environment", Object{{"network", caller.network}, {"hour", hour_of_day()}}}};
}

}  // namespace

Verdict Enforcer::may(const Caller& caller, const std::string& action,
                      const Document& document) const {
  return decider_.allowed(kRule, input_of(caller, action, document));
}

std::vector<Verdict> Enforcer::may(const Caller& caller, const std::string& action,
                                   std::span<const Document> documents) const {
  std::vector<Value> inputs;
  for (const Document& document : documents) inputs.push_back(input_of(caller, action, document));
  std::vector<Verdict> out;
  for (const auto& decision : decider_.decide_all(kRule, inputs)) {
    out.push_back(writ::sdk::verdict_of(kRule, decision));
  }
  return out;
}

}  // namespace documents
