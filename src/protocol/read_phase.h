#pragma once
// Phases of a document: phase → action → task → step, levels that are left out implied.
#include "protocol/reading.h"

namespace writ::protocol {

inline constexpr std::size_t kMaxSteps = 10'000;
inline constexpr std::size_t kMaxPhases = 1'000;

// `phases` of a spec, a protocol or a profile, into `law`; conditional ones that do not apply go
// to `inapplicable` instead. Reports duplicate names with both positions.
void read_phases(Reading& reading, const Value& body, const Circumstances& circumstances, Law& law,
                 std::vector<Inapplicable>& inapplicable);

// "cmake-build", "ctest-unit", "scan": the id of a step whose author gave none.
std::string default_step_id(const PlanStep& step);

}  // namespace writ::protocol
