#pragma once
// What holds for every refusal of a text: one diagnostic, inside of the text, with a remedy.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"

inline void check_diagnostic(std::string_view text, const writ::Error& error) {
  WRIT_ASSERT(error.code == writ::Code::invalid_input);
  WRIT_ASSERT(error.diagnostics.size() == 1);
  const writ::Position at = error.diagnostics.front().at;
  const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  WRIT_ASSERT(at.line >= 1 && at.line <= lines);
  WRIT_ASSERT(at.column >= 1 && at.column <= text.size() + 1);
  WRIT_ASSERT(!error.diagnostics.front().remedy.empty());
  WRIT_ASSERT(writ::is_utf8(error.text()));
}
