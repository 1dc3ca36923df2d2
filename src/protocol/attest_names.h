#pragma once
// Attestation checks that protocols may name without giving a gate.
#include <span>
#include <string_view>

namespace writ::protocol {

struct AttestRow {
  std::string_view name;
  std::string_view gate;
  std::string_view text;
};

// Sorted by name.
std::span<const AttestRow> attest_table();
const AttestRow* find_attest(std::string_view name);

}  // namespace writ::protocol
