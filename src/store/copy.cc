#include "store/copy.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "store/blob_references.h"
#include "store/blob_store.h"
#include "store/copy_rows.h"
#include "store/copy_turn.h"
#include "store/key.h"
#include "store/migrate.h"

namespace writ::store {
namespace {

// Adds up rows.
class Account {
 public:
  explicit Account(const Table& table) { report_.table = table.name; }

  void add(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      ++report_.rows;
      report_.bytes += row.key.size() + row.value.size();
      add(row.key);
      add(row.value);
    }
  }
  void add_changed(std::uint64_t rows) { report_.changed += rows; }
  const TableReport& report() const { return report_; }
  TableReport finish() {
    report_.digest = sha_.finish();
    return std::move(report_);
  }

 private:
  void add(std::string_view part) { sha_.update(Key().number(part.size()).bytes()).update(part); }

  TableReport report_;
  crypto::Sha256 sha_;
};

// The rows of a table in order, slice by slice; each comes with the range of keys it is all of.
using TakeSlice = std::function<Result<void>(const KeyRange&, const std::vector<Row>&)>;

Result<void> each_slice(Tx& tx, const Table& table, const CopyOptions& options,
                        const TakeSlice& take) {
  std::size_t limit = std::min<std::size_t>(options.slice_rows, 64);
  KeyRange range;
  for (;;) {
    WRIT_TRY(const auto rows, tx.scan(table, range, limit));
    const bool is_last = rows.size() < limit;
    KeyRange whole = range;
    if (!is_last) whole.last = rows.back().key + '\0';
    WRIT_CHECK(take(whole, rows));
    WRIT_CHECK(ask(options.go_on));
    if (is_last) return {};
    range.first = whole.last;
    // As many as fit, going by those just seen; never many more at once than before.
    std::size_t bytes = 1;
    for (const Row& row : rows) bytes += row.key.size() + row.value.size();
    const std::size_t fit = rows.size() * options.slice_bytes / bytes;
    limit = std::clamp<std::size_t>(fit, 1, std::min(options.slice_rows, 2 * limit));
  }
}

Result<TableReport> account_for(Tx& tx, const Table& table, const CopyOptions& options) {
  Account account(table);
  WRIT_CHECK(each_slice(tx, table, options, [&](const KeyRange&, const auto& rows) -> Result<void> {
    account.add(rows);
    return {};
  }));
  return account.finish();
}

Result<TableReport> copy_table(Tx& from, Store& to, const Table& table,
                               const CopyOptions& options) {
  Account account(table);
  WRIT_CHECK(each_slice(
      from, table, options, [&](const KeyRange& range, const auto& rows) -> Result<void> {
        account.add(rows);
        // Mostly there is nothing to write when a copy is made again: that takes no lock.
        WRIT_TRY(const bool is_there, to.read([&](Tx& tx) -> Result<bool> {
          WRIT_TRY(const auto there, tx.scan(table, range, rows.size() + 1));
          return std::ranges::equal(there, rows, is_same);
        }));
        if (!is_there) {
          WRIT_TRY(const auto changed, to.write([&](Tx& tx) -> Result<std::uint64_t> {
            WRIT_CHECK(keep_turn(tx, options.claim));
            return make_equal(tx, table, range, rows);
          }));
          account.add_changed(changed);
        }
        return options.progress ? options.progress(account.report()) : Result<void>{};
      }));
  return account.finish();
}

Result<SchemaTx*> schema_of(Tx& tx) {
  auto* const schema = dynamic_cast<SchemaTx*>(&tx);
  if (schema == nullptr) return fail(Code::internal, "this store cannot be copied to");
  return schema;
}

Result<void> expect_empty(SchemaTx& to, const std::vector<Migration>& migrations) {
  WRIT_CHECK(migrate(to, migrations));
  for (const Table& table : tables_of(migrations)) {
    WRIT_TRY(const auto rows, to.scan(table, {}, 1));
    if (rows.empty()) continue;
    return fail(Code::conflict,
                "the store to copy to holds rows in table " + std::string(table.name),
                "Name an empty one, or one that a copy has begun to fill");
  }
  return {};
}

using MayOverwrite = std::function<Result<bool>(const Moved&)>;

// The mark of the store whose rows may go. Nothing: they may not.
Result<std::optional<Moved>> leave_to_overwrite(Store& to, const MayOverwrite& may_overwrite) {
  WRIT_TRY(auto moved, moved_to(to));
  if (!moved || !may_overwrite) return std::nullopt;
  WRIT_TRY(const bool may, may_overwrite(*moved));
  if (!may) return std::nullopt;
  return moved;
}

// Looks and begins in one transaction: a store that has come into use meanwhile is left alone.
Result<void> begin(SchemaTx& to, const std::vector<Migration>& migrations,
                   const std::optional<Moved>& leave) {
  WRIT_TRY(const auto moved, moved_to(to));
  const bool may_overwrite = leave && moved == leave;
  if (!may_overwrite) WRIT_CHECK(expect_empty(to, migrations));
  WRIT_CHECK(begin_turns(to));
  return {};
}

Result<void> prepare(Store& to, const std::vector<Migration>& migrations,
                     const CopyOptions& options) {
  WRIT_TRY(const auto leave, leave_to_overwrite(to, options.may_overwrite));
  return to.write([&](Tx& tx) -> Result<void> {
    WRIT_TRY(SchemaTx* const schema, schema_of(tx));
    WRIT_TRY(const bool is_begun, has_begun(tx));
    if (!is_begun && options.claim.target.empty()) WRIT_CHECK(begin(*schema, migrations, leave));
    WRIT_CHECK(take_turn(tx, options.claim));
    WRIT_CHECK(migrate(*schema, migrations));
    return {};
  });
}

Result<void> expect_copied(Tx& to, const TableReport& report, const CopyOptions& options) {
  WRIT_TRY(const TableReport there, account_for(to, Table{report.table}, options));
  if (there.digest == report.digest && there.rows == report.rows) return {};
  return fail(Code::tampered,
              "table " + report.table + " of the copy holds " + std::to_string(there.rows) +
                  " rows with digest " + there.digest.hex() + ", not " +
                  std::to_string(report.rows) + " with " + report.digest.hex(),
              "Copy again while nobody else writes to the copy");
}

}  // namespace

Result<std::string> begin_copy(Store& to, const std::vector<Migration>& migrations,
                               const std::string& target, const MayOverwrite& may_overwrite) {
  WRIT_TRY(const auto leave, leave_to_overwrite(to, may_overwrite));
  return to.write([&](Tx& tx) -> Result<std::string> {
    WRIT_TRY(SchemaTx* const schema, schema_of(tx));
    WRIT_TRY(const bool is_begun, has_begun(tx));
    if (!is_begun) WRIT_CHECK(begin(*schema, migrations, leave));
    WRIT_TRY(const auto turn, load_turn(tx));
    if (turn && !turn->target.empty()) return turn->target;
    WRIT_CHECK(save_turn(tx, {.lease = std::chrono::milliseconds(0), .target = target}));
    return target;
  });
}

Result<std::vector<TableReport>> copy(Store& from, Store& to,
                                      const std::vector<Migration>& migrations,
                                      const CopyOptions& options) {
  WRIT_CHECK(expect_newest(from, migrations));
  WRIT_CHECK(prepare(to, migrations, options));
  WRIT_TRY(auto reports, from.read([&](Tx& tx) -> Result<std::vector<TableReport>> {
    std::vector<TableReport> out;
    for (const Table& table : tables_of(migrations)) {
      WRIT_TRY(out.emplace_back(), copy_table(tx, to, table, options));
    }
    return out;
  }));
  WRIT_CHECK(to.read([&](Tx& tx) -> Result<void> {
    for (const TableReport& report : reports) {
      WRIT_CHECK(expect_copied(tx, report, options));
      // Reading takes its time, too.
      WRIT_CHECK(claim_copy(to, options.claim));
    }
    return {};
  }));
  return reports;
}

Result<void> copy_blobs(BlobStore& from_blobs, Store& to, BlobStore& to_blobs, CheckBlobs which,
                        const GoOn& go_on) {
  WRIT_CHECK(for_each_referenced(
      to, [&](const BlobRef& ref) { return copy_blob(from_blobs, to_blobs, ref, go_on); }));
  if (which == CheckBlobs::copied) return {};
  return to_blobs.check(to, go_on);
}

Result<void> claim_copy(Store& to, const CopyClaim& claim) {
  return to.write([&](Tx& tx) { return take_turn(tx, claim); });
}

Result<void> finish_copy(Store& to, const CopyClaim& claim,
                         const std::function<Result<void>(Tx&)>& also) {
  return to.write([&](Tx& tx) -> Result<void> {
    WRIT_TRY(SchemaTx* const schema, schema_of(tx));
    WRIT_CHECK(keep_turn(tx, claim));
    if (also) WRIT_CHECK(also(tx));
    WRIT_CHECK(clear_mark(tx));
    return end_turns(*schema);
  });
}

Result<std::vector<TableReport>> account_for_tables(Store& store,
                                                    const std::vector<Migration>& migrations) {
  return store.read([&](Tx& tx) -> Result<std::vector<TableReport>> {
    std::vector<TableReport> out;
    for (const Table& table : tables_of(migrations)) {
      WRIT_TRY(out.emplace_back(), account_for(tx, table, {}));
    }
    return out;
  });
}

Result<bool> is_unfinished_copy(Store& store) { return store.read(has_begun); }

namespace {

Result<std::optional<Turn>> turn_in(Store& store) {
  return store.read([](Tx& tx) -> Result<std::optional<Turn>> {
    WRIT_TRY(const bool is_begun, has_begun(tx));
    if (!is_begun) return std::nullopt;
    WRIT_TRY(auto turn, load_turn(tx));
    return turn ? turn : Turn{};
  });
}

}  // namespace

Result<std::optional<std::string>> copy_under_way(Store& store) {
  WRIT_TRY(const auto turn, turn_in(store));
  if (!turn) return std::nullopt;
  return turn->of;
}

Result<std::optional<std::string>> copy_target(Store& store) {
  WRIT_TRY(const auto turn, turn_in(store));
  if (!turn || turn->target.empty()) return std::nullopt;
  return turn->target;
}

}  // namespace writ::store
