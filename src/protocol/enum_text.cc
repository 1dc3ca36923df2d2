#include "protocol/enum_text.h"

namespace writ::protocol {
namespace {

constexpr std::string_view kAuthorities[] = {"default", "enforced", "absolute"};
constexpr std::string_view kStepKinds[] = {"run",  "check", "approval", "external",
                                           "wait", "spec",  "gate"};
constexpr std::string_view kWorkTypes[] = {"IMPLEMENTATION", "REMEDIATION", "REFACTOR"};
constexpr std::string_view kBlockerKinds[] = {"FIX_REQUIRED", "SPEC_BLOCKER", "CONTRACT_UNCLEAR",
                                              "INVENTION_REQUIRED", "HARD_STOP"};
constexpr std::string_view kSlots[] = {"enter", "work", "exit"};

template <typename Enum>
bool parse(std::span<const std::string_view> names, std::string_view text, Enum& value) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != text) continue;
    value = static_cast<Enum>(i);
    return true;
  }
  return false;
}

}  // namespace

std::string_view to_text(Authority value) { return kAuthorities[static_cast<std::size_t>(value)]; }
std::string_view to_text(StepKind value) { return kStepKinds[static_cast<std::size_t>(value)]; }
std::string_view to_text(WorkType value) { return kWorkTypes[static_cast<std::size_t>(value)]; }
std::string_view to_text(BlockerKind value) {
  return kBlockerKinds[static_cast<std::size_t>(value)];
}
std::string_view to_text(Slot value) { return kSlots[static_cast<std::size_t>(value)]; }

bool parse_text(std::string_view text, Authority& value) {
  return parse(kAuthorities, text, value);
}
bool parse_text(std::string_view text, StepKind& value) { return parse(kStepKinds, text, value); }
bool parse_text(std::string_view text, WorkType& value) { return parse(kWorkTypes, text, value); }
bool parse_text(std::string_view text, BlockerKind& value) {
  return parse(kBlockerKinds, text, value);
}
bool parse_text(std::string_view text, Slot& value) { return parse(kSlots, text, value); }

std::span<const std::string_view> step_kind_names() { return kStepKinds; }
std::span<const std::string_view> blocker_kind_names() { return kBlockerKinds; }

}  // namespace writ::protocol
