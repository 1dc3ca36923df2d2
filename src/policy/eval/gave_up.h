#pragma once
// Why an evaluation is given up, and which of it another machine may not share: steps, memory and
// depth are counted alike everywhere, time and stack are not. In OPA's words, where it has some.
#include <algorithm>
#include <array>
#include <string_view>

#include "policy/parse/policy_error.h"

namespace writ::rego {

inline constexpr std::string_view kTookTooLong = "query took too long";
inline constexpr std::string_view kRulesTooDeep = "rules are nested too deeply";
inline constexpr std::string_view kTooMuchMemory = "query used too much memory";
inline constexpr std::string_view kTooManySteps = "query took too many steps";
inline constexpr std::string_view kValueTooDeep = "a value is nested too deeply";

// What one machine gives up and another might not.
inline constexpr std::array<std::string_view, 2> kMachineLimits = {kTookTooLong, kRulesTooDeep};

inline bool is_machine_limit(const PolicyError& error) {
  return error.code == kCancelError &&
         std::ranges::find(kMachineLimits, error.message) != kMachineLimits.end();
}

}  // namespace writ::rego
