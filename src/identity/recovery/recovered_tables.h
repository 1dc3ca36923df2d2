#pragma once
// What becomes of each table when a backup is restored: one row a table, in the order in which they
// are settled. Whatever was taken back stays taken back: deleted principals, revoked keys, ended
// sessions, used codes; epochs, stamps and revisions only rise. Private to recovery.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::identity {

// A key, with its row here and its row in the backup; at least one of them is there. Tables that
// stand before this one are settled already, in `live`.
struct RowPair {
  store::Tx& live;
  const std::string& key;
  const std::string* here = nullptr;
  const std::string* saved = nullptr;
  WallTime now;
  std::uint64_t epoch_floor = 0;
};

struct Settled {
  std::optional<std::string> row = {};  // nullopt: there will be none
  bool is_told = true;                  // false: it differs only by numbers that rise
};

using Settle = Result<Settled> (*)(const RowPair& pair);

enum class InBackup : std::uint8_t {
  whole,
  public_half,  // without the sealed secret
  left_out,
};

struct RecoveredTable {
  std::string_view name;
  InBackup in_backup = InBackup::whole;
  Settle settle = nullptr;
};

std::span<const RecoveredTable> recovered_tables();
// nullptr: nobody has said what becomes of it.
const RecoveredTable* find_recovered_table(std::string_view name);

}  // namespace writ::identity
