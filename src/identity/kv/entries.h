#pragma once
// Entries of namespaces: JSON values by name, each with a revision that changes with it, so that
// who read one can say which one it means to replace. The value itself stands in no event.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/accounts/deed.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr std::size_t kMaxSpaceName = 63;
inline constexpr std::size_t kMaxEntryKey = 256;
inline constexpr std::size_t kMaxEntryBytes = 64u << 10;  // of the value as JSON text
// Of one namespace.
inline constexpr std::uint64_t kMaxEntries = 100'000;
inline constexpr std::uint64_t kMaxSpaceBytes = 64u << 20;

struct EntryName {
  std::string space;  // a-z, 0-9, `-`; begins with a letter or digit
  std::string key;    // A-Z, a-z, 0-9 and `-._~:@`; neither `.` nor `..`
};

struct Entry {
  std::string key;
  Value value;
  std::uint64_t revision = 0;  // another one with each change, of whatever entry
  WallTime created_at = {};
  WallTime changed_at = {};
};

// What has to be so for a change to be made (RFC 9110 section 13.1).
struct EntryCondition {
  bool must_exist = false;                                // If-Match: *
  bool must_be_absent = false;                            // If-None-Match: *
  std::optional<std::vector<std::uint64_t>> one_of = {};  // If-Match: revisions
  std::vector<std::uint64_t> none_of = {};                // If-None-Match: revisions
};
// `entry` nullptr: there is none.
bool is_met(const EntryCondition& condition, const Entry* entry);

enum class EntryOutcome : std::uint8_t { made, replaced, removed, absent, unmet };

struct EntryChange {
  EntryOutcome outcome = EntryOutcome::unmet;
  std::optional<Entry> entry = {};  // as it is now
};

// "storage/<namespace>": what access control knows a namespace as.
std::string space_object(std::string_view space);

// Errors of all that take a name: invalid_input (it is none).
Result<std::optional<Entry>> find_entry(store::Tx& tx, const EntryName& name);
// In order of their keys, from behind `after`; only keys that begin with `prefix`.
Result<std::vector<Entry>> list_entries(store::Tx& tx, const std::string& space,
                                        std::string_view prefix, std::string_view after,
                                        std::size_t limit);
// Makes or replaces. Errors: invalid_input (the value is too large), conflict (the namespace has no
// room left).
Result<EntryChange> put_entry(store::Tx& tx, const EntryName& name, const Value& value,
                              const EntryCondition& condition, const Deed& deed);
Result<EntryChange> remove_entry(store::Tx& tx, const EntryName& name,
                                 const EntryCondition& condition, const Deed& deed);

// 0 before the first change. It only rises.
Result<std::uint64_t> storage_revision(store::Tx& tx);
// For whoever replaced rows: no lower than it was, nor than `least`.
Result<void> raise_storage_revision(store::Tx& tx, std::uint64_t least);

std::vector<store::Migration> entry_migrations();

}  // namespace writ::identity
