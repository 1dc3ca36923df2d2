#include "evidence/archive.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "base/safe_path.h"
#include "contract/canonical.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::evidence {
namespace {

constexpr store::Table kRecords{"evidence"};  // key below -> canonical JSON
constexpr store::Table kIds{"evidence_ids"};  // id -> key in kRecords
constexpr std::size_t kPage = 256;

store::Key run_key(RunId run) {
  store::Key key;
  key.id(run);
  return key;
}

std::string record_key(const Record& record) {
  store::Key key = run_key(record.run);
  key.text(record.step).number(record.attempt).text(kind_name(record.kind)).text(record.name);
  return key.take();
}

Result<Record> decode(const store::Row& row) {
  const auto broken = [](const Error& error) {
    return fail(Code::tampered, "a stored evidence record is broken: " + error.message);
  };
  const auto value = parse_json(row.value);
  if (!value) return broken(value.error());
  auto record = Record::from_value(*value);
  if (!record) return broken(record.error());
  if (record_key(*record) != row.key) {
    return fail(Code::tampered, "evidence " + record->id.text() + " is stored under another key");
  }
  return record;
}

// The first key behind `key`.
std::string key_after(std::string key) {
  key.push_back('\0');
  return key;
}

// Calls `take` with each row of the range in order, until it returns false.
template <typename F>
Result<void> for_each_row(store::Tx& tx, store::KeyRange range, F&& take) {
  for (;;) {
    WRIT_TRY(const std::vector<store::Row> rows, tx.scan(kRecords, range, kPage));
    for (const store::Row& row : rows) {
      WRIT_TRY(const bool goes_on, take(row));
      if (!goes_on) return {};
    }
    if (rows.size() < kPage) return {};
    range.first = key_after(rows.back().key);
  }
}

Result<std::vector<Record>> read_all(store::Tx& tx, store::KeyRange range) {
  std::vector<Record> records;
  WRIT_CHECK(for_each_row(tx, std::move(range), [&](const store::Row& row) -> Result<bool> {
    WRIT_TRY(records.emplace_back(), decode(row));
    return true;
  }));
  return records;
}

bool matches(const Filter& filter, const Record& record, std::string_view json) {
  if (filter.run && record.run != *filter.run) return false;
  if (!filter.step.empty() && !glob_matches(filter.step, record.step)) return false;
  if (filter.kind && record.kind != *filter.kind) return false;
  if (!filter.name.empty() && !glob_matches(filter.name, record.name)) return false;
  if (filter.tree && record.tree != *filter.tree) return false;
  if (!filter.fact.empty() && !record.facts.contains(filter.fact)) return false;
  if (filter.from && record.at < *filter.from) return false;
  if (filter.to && record.at >= *filter.to) return false;
  return filter.text.empty() || json.find(filter.text) != std::string_view::npos;
}

Result<store::KeyRange> range_of(const Filter& filter) {
  store::KeyRange range;
  if (filter.run) range = run_key(*filter.run).under();
  if (!filter.after.empty()) {
    WRIT_TRY(const std::string last, parse_hex(filter.after));
    range.first = std::max(range.first, key_after(last));
  }
  return range;
}

}  // namespace

std::vector<store::Migration> evidence_migrations() {
  return store::make_tables("evidence", "evidence records and their ids", {kRecords, kIds});
}

Result<void> put_record(store::Tx& tx, const Record& record) {
  WRIT_CHECK(record.check());
  WRIT_TRY(const std::string bytes, contract::canonical_json(record.to_value()));
  const std::string key = record_key(record);
  WRIT_TRY(const bool is_new, tx.insert(kRecords, key, bytes));
  if (is_new) return tx.put(kIds, record.id.uuid.text(), key);
  WRIT_TRY(const auto stored, tx.get(kRecords, key));
  if (stored && *stored == bytes) return {};
  return fail(Code::conflict,
              "evidence `" + record.name + "` of step " + record.step + ", attempt " +
                  std::to_string(record.attempt) + ", is recorded already with other content",
              "Evidence is never overwritten: record it under another name or attempt");
}

Result<Record> get_record(store::Tx& tx, EvidenceId id) {
  WRIT_TRY(const auto key, tx.get(kIds, id.uuid.text()));
  if (!key) return fail(Code::not_found, "no evidence " + id.text());
  WRIT_TRY(const auto bytes, tx.get(kRecords, *key));
  if (!bytes) return fail(Code::tampered, "evidence " + id.text() + " is indexed but missing");
  WRIT_TRY(Record record, decode({*key, *bytes}));
  if (record.id != id) return fail(Code::tampered, "evidence " + id.text() + " is another one");
  return record;
}

Result<std::vector<Record>> records_of_run(store::Tx& tx, RunId run) {
  return read_all(tx, run_key(run).under());
}

Result<std::vector<Record>> records_of_step(store::Tx& tx, RunId run, std::string_view step,
                                            std::optional<std::uint32_t> attempt) {
  store::Key key = run_key(run);
  key.text(step);
  if (attempt) key.number(*attempt);
  return read_all(tx, key.under());
}

Result<Found> find(store::Tx& tx, const Filter& filter) {
  WRIT_TRY(store::KeyRange range, range_of(filter));
  Found found;
  std::string last;
  WRIT_CHECK(for_each_row(tx, std::move(range), [&](const store::Row& row) -> Result<bool> {
    WRIT_TRY(Record record, decode(row));
    if (!matches(filter, record, row.value)) return true;
    if (found.records.size() >= std::max<std::size_t>(filter.limit, 1)) {
      found.next = to_hex(as_bytes(last));
      return false;
    }
    found.records.push_back(std::move(record));
    last = row.key;
    return true;
  }));
  return found;
}

}  // namespace writ::evidence
