#include "identity/kv/entries.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/json.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kEntries{"storage_entries"};  // namespace, key → value, revision, times
constexpr store::Table kSpaces{"storage_spaces"};    // namespace → what its entries add up to
constexpr store::Table kState{"storage_state"};
constexpr std::string_view kRevision = "revision";

struct Sums {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

std::string key_of(const EntryName& name) {
  return store::Key().text(name.space).text(name.key).take();
}
std::string key_of(std::string_view space) { return store::Key().text(space).take(); }

bool is_small(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_key_char(char c) {
  constexpr std::string_view kOthers = "-._~:@";
  return is_small(c) || (c >= 'A' && c <= 'Z') || kOthers.find(c) != std::string_view::npos;
}

// /storage/switch is about the store itself.
constexpr std::string_view kReservedSpace = "switch";

Result<void> check_space(std::string_view space) {
  if (space == kReservedSpace) {
    return fail(Code::invalid_input, "no namespace is named `switch`: the API has the word",
                "Name it otherwise");
  }
  const bool is_name = !space.empty() && space.size() <= kMaxSpaceName && is_small(space.front()) &&
                       std::ranges::all_of(space, [](char c) { return is_small(c) || c == '-'; });
  if (is_name) return {};
  return fail(Code::invalid_input,
              "a namespace is named by 1 to 63 of a-z, 0-9 and `-`, the first none of them `-`",
              "Name it as `billing` or `team-7`");
}

Result<void> check_name(const EntryName& name) {
  WRIT_CHECK(check_space(name.space));
  const std::string_view key = name.key;
  const bool is_key = !key.empty() && key.size() <= kMaxEntryKey && key != "." && key != ".." &&
                      std::ranges::all_of(key, &is_key_char);
  if (is_key) return {};
  return fail(Code::invalid_input,
              "a key is 1 to 256 of A-Z, a-z, 0-9 and `-._~:@`, and neither `.` nor `..`",
              "Write it without slashes and blanks, as `mail:footer`");
}

std::string to_row(const Entry& entry) {
  return to_json(Object{{"value", entry.value},
                        {"revision", entry.revision},
                        {"created", entry.created_at.micros},
                        {"changed", entry.changed_at.micros}});
}

Result<Entry> from_row(std::string key, std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  Entry out;
  out.key = std::move(key);
  const Value* held = value.find("value");
  if (held == nullptr) return fail(Code::tampered, "the entry " + out.key + " has no value");
  out.value = *held;
  out.revision = static_cast<std::uint64_t>(value.integer_or("revision", 0));
  out.created_at.micros = value.integer_or("created", 0);
  out.changed_at.micros = value.integer_or("changed", 0);
  return out;
}

Result<std::uint64_t> next_revision(store::Tx& tx) {
  WRIT_TRY(const std::uint64_t last, storage_revision(tx));
  WRIT_CHECK(tx.put(kState, kRevision, std::to_string(last + 1)));
  return last + 1;
}

Result<Sums> sums_of(store::Tx& tx, std::string_view space) {
  WRIT_TRY(const auto row, tx.get(kSpaces, key_of(space)));
  if (!row) return Sums{};
  WRIT_TRY(const Value value, parse_json(*row));
  return Sums{static_cast<std::uint64_t>(value.integer_or("entries", 0)),
              static_cast<std::uint64_t>(value.integer_or("bytes", 0))};
}

Result<void> put_sums(store::Tx& tx, std::string_view space, const Sums& sums) {
  if (sums.entries == 0) {
    WRIT_CHECK(tx.erase(kSpaces, key_of(space)));
    return {};
  }
  return tx.put(kSpaces, key_of(space),
                to_json(Object{{"entries", sums.entries}, {"bytes", sums.bytes}}));
}

// The namespace after an entry of `before` bytes (nothing: there was none) has become one of
// `after` bytes. Errors: conflict (no room).
Result<void> account(store::Tx& tx, std::string_view space, std::optional<std::uint64_t> before,
                     std::optional<std::uint64_t> after) {
  WRIT_TRY(Sums sums, sums_of(tx, space));
  sums.entries += (after ? 1u : 0u);
  sums.entries -= (before ? 1u : 0u);
  sums.bytes += after.value_or(0);
  sums.bytes -= before.value_or(0);
  const bool has_grown = after.value_or(0) > before.value_or(0) || !before;
  if (has_grown && after && (sums.entries > kMaxEntries || sums.bytes > kMaxSpaceBytes)) {
    return fail(Code::conflict,
                "the namespace " + std::string(space) +
                    " holds as much as one may: 100,000 "
                    "entries, or 64 MiB of values",
                "Delete what is not needed, or use another namespace");
  }
  return put_sums(tx, space, sums);
}

Result<void> tell(store::Tx& tx, const EntryName& name, std::string_view type,
                  std::uint64_t revision, std::size_t bytes, const Deed& deed) {
  return deed.tell(tx, type, space_object(name.space) + "/" + name.key,
                   Object{{"revision", revision}, {"bytes", bytes}});
}

std::uint64_t bytes_of(const Entry& entry) { return to_json(entry.value).size(); }

}  // namespace

bool is_met(const EntryCondition& condition, const Entry* entry) {
  const auto names = [&](const std::vector<std::uint64_t>& revisions) {
    return entry != nullptr && std::ranges::find(revisions, entry->revision) != revisions.end();
  };
  if (condition.must_exist && entry == nullptr) return false;
  if (condition.must_be_absent && entry != nullptr) return false;
  if (condition.one_of && !names(*condition.one_of)) return false;
  return !names(condition.none_of);
}

std::string space_object(std::string_view space) { return "storage/" + std::string(space); }

Result<std::optional<Entry>> find_entry(store::Tx& tx, const EntryName& name) {
  WRIT_CHECK(check_name(name));
  WRIT_TRY(const auto row, tx.get(kEntries, key_of(name)));
  if (!row) return std::nullopt;
  WRIT_TRY(Entry entry, from_row(name.key, *row));
  return entry;
}

Result<std::vector<Entry>> list_entries(store::Tx& tx, const std::string& space,
                                        std::string_view prefix, std::string_view after,
                                        std::size_t limit) {
  WRIT_CHECK(check_space(space));
  store::KeyRange range = store::Key().text(space).under();
  range.first += prefix;
  if (!after.empty()) {
    range.first = std::max(range.first, key_of(EntryName{space, std::string(after)}) + '\0');
  }
  WRIT_TRY(const auto rows, tx.scan(kEntries, range, limit));
  std::vector<Entry> out;
  for (const store::Row& row : rows) {
    store::KeyReader reader(row.key);
    WRIT_CHECK(reader.text());
    WRIT_TRY(std::string key, reader.text());
    if (!key.starts_with(prefix)) break;
    WRIT_TRY(Entry entry, from_row(std::move(key), row.value));
    out.push_back(std::move(entry));
  }
  return out;
}

Result<EntryChange> put_entry(store::Tx& tx, const EntryName& name, const Value& value,
                              const EntryCondition& condition, const Deed& deed) {
  WRIT_TRY(const auto before, find_entry(tx, name));
  if (!is_met(condition, before ? &*before : nullptr)) {
    return EntryChange{EntryOutcome::unmet, before};
  }
  const std::size_t bytes = to_json(value).size();
  if (bytes > kMaxEntryBytes) {
    return fail(Code::invalid_input, "the value has more than 65,536 bytes as JSON",
                "Keep large things elsewhere, and their address here");
  }
  WRIT_CHECK(
      account(tx, name.space, before ? std::optional(bytes_of(*before)) : std::nullopt, bytes));
  Entry made{.key = name.key, .value = value};
  WRIT_TRY(made.revision, next_revision(tx));
  WRIT_TRY(made.changed_at, tx.now());
  made.created_at = before ? before->created_at : made.changed_at;
  WRIT_CHECK(tx.put(kEntries, key_of(name), to_row(made)));
  WRIT_CHECK(tell(tx, name, "writ.storage.changed", made.revision, bytes, deed));
  return EntryChange{before ? EntryOutcome::replaced : EntryOutcome::made, std::move(made)};
}

Result<EntryChange> remove_entry(store::Tx& tx, const EntryName& name,
                                 const EntryCondition& condition, const Deed& deed) {
  WRIT_TRY(const auto before, find_entry(tx, name));
  if (!is_met(condition, before ? &*before : nullptr)) {
    return EntryChange{EntryOutcome::unmet, before};
  }
  if (!before) return EntryChange{EntryOutcome::absent, std::nullopt};
  const std::uint64_t bytes = bytes_of(*before);
  WRIT_CHECK(account(tx, name.space, bytes, std::nullopt));
  WRIT_TRY(const std::uint64_t revision, next_revision(tx));
  WRIT_CHECK(tx.erase(kEntries, key_of(name)));
  WRIT_CHECK(tell(tx, name, "writ.storage.deleted", revision, bytes, deed));
  return EntryChange{EntryOutcome::removed, std::nullopt};
}

Result<std::uint64_t> storage_revision(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kState, kRevision));
  if (!row) return 0;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(row->data(), row->data() + row->size(), out);
  if (error == std::errc() && end == row->data() + row->size()) return out;
  return fail(Code::tampered, "the revision of storage is no number");
}

Result<void> raise_storage_revision(store::Tx& tx, std::uint64_t least) {
  WRIT_TRY(const std::uint64_t revision, storage_revision(tx));
  if (least <= revision) return {};
  return tx.put(kState, kRevision, std::to_string(least));
}

std::vector<store::Migration> entry_migrations() {
  return store::make_tables("identity_storage", "values by namespace and key",
                            {kEntries, kSpaces, kState});
}

}  // namespace writ::identity
