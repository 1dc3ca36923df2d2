#pragma once
// The wire spellings of the plan's enumerations.
#include <span>
#include <string_view>

#include "protocol/plan.h"

namespace writ::protocol {

std::string_view to_text(Authority value);
std::string_view to_text(StepKind value);
std::string_view to_text(WorkType value);
std::string_view to_text(BlockerKind value);
std::string_view to_text(Slot value);

// False when the text is none of the spellings; `value` is then untouched.
bool parse_text(std::string_view text, Authority& value);
bool parse_text(std::string_view text, StepKind& value);
bool parse_text(std::string_view text, WorkType& value);
bool parse_text(std::string_view text, BlockerKind& value);
bool parse_text(std::string_view text, Slot& value);

// Every spelling, in the order of the enumerators.
std::span<const std::string_view> step_kind_names();
std::span<const std::string_view> blocker_kind_names();

}  // namespace writ::protocol
