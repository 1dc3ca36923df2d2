#include "store/copy_changes.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "store/blob_references.h"
#include "store/change_notes.h"
#include "store/copy_rows.h"
#include "store/copy_turn.h"
#include "store/key.h"
#include "store/migrate.h"

namespace writ::store {
namespace {

// Notes of a transaction; fewer where their rows are large.
constexpr std::size_t kPage = 500;

// Beside the notes of the source: the last step of both sides, and which tables that was about.
// Without a shape it is the name of a whole copy that has not come to its end.
struct SourceStep {
  std::string name;
  std::string shape;
  friend bool operator==(const SourceStep&, const SourceStep&) = default;
};

std::string random_name(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return to_hex(bytes);
}

// What tables there are, and what they mean.
std::string shape_of(const std::vector<Migration>& migrations) {
  crypto::Sha256 all;
  for (const Migration& one : migrations) {
    all.update(Key().text(one.module).number(one.version).bytes());
  }
  return all.finish().hex();
}

Result<SourceStep> load_source_step(Tx& from) {
  WRIT_TRY(const std::string word, word_beside_notes(from));
  SourceStep out;
  if (word.empty()) return out;
  KeyReader reader(word);
  WRIT_TRY(out.name, reader.text());
  WRIT_TRY(out.shape, reader.text());
  return out;
}

std::string word_of(const SourceStep& step) {
  return Key().text(step.name).text(step.shape).take();
}

Result<void> save_source_step(Tx& from, const SourceStep& step) {
  return put_word_beside_notes(from, word_of(step));
}

Result<void> expect_source_step(Tx& from, const SourceStep& step) {
  WRIT_TRY(const SourceStep there, load_source_step(from));
  if (there == step) return {};
  return fail(Code::conflict, "another process has begun to copy the store",
              "Look how far it is, and wait for it");
}

// Where both sides stand. Nothing: they do not fit.
Result<std::optional<SourceStep>> common_step(const CopyEnds& ends, const std::string& shape) {
  WRIT_TRY(const auto from, ends.from.read([](Tx& tx) -> Result<std::optional<SourceStep>> {
    WRIT_TRY(const bool has_notes, makes_notes(tx));
    if (!has_notes) return std::nullopt;
    WRIT_TRY(auto step, load_source_step(tx));
    return std::optional(std::move(step));
  }));
  WRIT_TRY(const std::string to, ends.to.read(&load_step));
  const bool fits = from && from->shape == shape && from->name == to;
  return fits ? from : std::nullopt;
}

// Rows of the source that were noted, as they are.
struct Found {
  Noted noted;
  std::vector<Row> rows;
};
struct Page {
  std::vector<Row> notes;
  std::vector<Found> found;
};

// Copies page after page of notes.
class Following {
 public:
  Following(const CopyEnds& ends, std::vector<Table> tables, const CopyOptions& options,
            Notes notes, Random& random, SourceStep step)
      : ends_(ends),
        tables_(std::move(tables)),
        options_(options),
        notes_(notes),
        random_(random),
        step_(std::move(step)) {}

  Result<std::uint64_t> run() {
    std::string after;
    std::uint64_t count = 0;
    for (;;) {
      WRIT_TRY(const Page page, read_page(after));
      if (page.notes.empty()) return count;
      const SourceStep next{random_name(random_), step_.shape};
      WRIT_CHECK(write_page(page, next));
      WRIT_CHECK(expect_written(page));
      WRIT_CHECK(copy_blobs_of(page));
      if (notes_ == Notes::are_forgotten) WRIT_CHECK(forget(page, next));
      after = page.notes.back().key;
      count += page.notes.size();
      WRIT_CHECK(tell(page, count));
    }
  }

 private:
  Result<Page> read_page(const std::string& after) {
    return ends_.from.read([&](Tx& tx) -> Result<Page> {
      WRIT_CHECK(expect_source_step(tx, step_));
      Page out;
      WRIT_TRY(auto notes, notes_after(tx, after, kPage));
      std::size_t bytes = 0;
      for (Row& note : notes) {
        if (bytes > options_.slice_bytes) break;
        WRIT_TRY(Found found, find(tx, note.key));
        for (const Row& row : found.rows) bytes += row.key.size() + row.value.size();
        out.notes.push_back(std::move(note));
        out.found.push_back(std::move(found));
      }
      return out;
    });
  }

  Result<Found> find(Tx& tx, std::string_view key_of_note) {
    Found out;
    WRIT_TRY(out.noted, noted(key_of_note));
    WRIT_TRY(const Table table, table_of(out.noted));
    WRIT_TRY(out.rows, tx.scan(table, out.noted.range, SIZE_MAX));
    return out;
  }

  Result<Table> table_of(const Noted& noted) const {
    const auto at = std::ranges::find(tables_, noted.table, &Table::name);
    if (at != tables_.end()) return *at;
    return fail(Code::unsupported, "a change was noted of the unknown table " + noted.table);
  }

  // Where this ends before the notes are forgotten the sides do not fit any more: that nothing is
  // lost of a side that has forgotten is worth a whole copy.
  Result<void> write_page(const Page& page, const SourceStep& next) {
    return ends_.to.write([&](Tx& tx) -> Result<void> {
      WRIT_CHECK(keep_turn(tx, options_.claim));
      if (notes_ == Notes::are_forgotten) WRIT_CHECK(save_step(tx, next.name));
      for (const Found& one : page.found) WRIT_CHECK(write_rows(tx, one));
      return {};
    });
  }

  Result<void> write_rows(Tx& tx, const Found& one) {
    WRIT_TRY(const Table table, table_of(one.noted));
    if (one.noted.is_one_row && !one.rows.empty()) {
      return tx.put(table, one.rows.front().key, one.rows.front().value);
    }
    if (one.noted.is_one_row) {
      WRIT_CHECK(tx.erase(table, one.noted.range.first));
      return {};
    }
    WRIT_CHECK(make_equal(tx, table, one.noted.range, one.rows));
    return {};
  }

  Result<void> expect_written(const Page& page) {
    return ends_.to.read([&](Tx& tx) -> Result<void> {
      for (const Found& one : page.found) {
        WRIT_TRY(const Table table, table_of(one.noted));
        WRIT_TRY(const auto there, tx.scan(table, one.noted.range, one.rows.size() + 1));
        if (std::ranges::equal(there, one.rows, is_same)) continue;
        return fail(Code::tampered,
                    "table " + one.noted.table +
                        " of the copy is not what was "
                        "written to it",
                    "Copy again while nobody else writes to the copy");
      }
      return {};
    });
  }

  Result<void> copy_blobs_of(const Page& page) {
    for (const Found& one : page.found) {
      if (one.noted.table != kBlobReferences.name) continue;
      for (const Row& row : one.rows) {
        WRIT_TRY(const BlobRef blob, referenced_by(row));
        WRIT_CHECK(copy_blob(ends_.from_blobs, ends_.to_blobs, blob, options_.go_on));
      }
    }
    return {};
  }

  Result<void> forget(const Page& page, const SourceStep& next) {
    WRIT_CHECK(ends_.from.write([&](Tx& tx) -> Result<void> {
      WRIT_CHECK(expect_source_step(tx, step_));
      WRIT_CHECK(forget_notes(tx, page.notes));
      return save_source_step(tx, next);
    }));
    step_ = next;
    return {};
  }

  Result<void> tell(const Page& page, std::uint64_t count) {
    WRIT_CHECK(ask(options_.go_on));
    if (!options_.progress) return {};
    TableReport report;
    report.table = page.found.back().noted.table;
    report.rows = count;
    return options_.progress(report);
  }

  const CopyEnds& ends_;
  const std::vector<Table> tables_;
  const CopyOptions& options_;
  const Notes notes_;
  Random& random_;
  SourceStep step_;
};

}  // namespace

// Whoever comes to the turn names the copy first and then looks: what others, late, would do to the
// notes is told by the name.
Result<std::vector<TableReport>> copy_whole(const CopyEnds& ends,
                                            const std::vector<Migration>& migrations,
                                            const CopyOptions& options, CheckBlobs which,
                                            Random& random) {
  WRIT_CHECK(expect_newest(ends.from, migrations));
  WRIT_CHECK(claim_copy(ends.to, options.claim));
  const std::vector<Table> tables = tables_of(migrations);
  // Of when it was the source.
  WRIT_CHECK(end_notes(ends.to, tables, [&](Tx& tx) -> Result<bool> {
    WRIT_CHECK(keep_turn(tx, options.claim));
    return true;
  }));
  const SourceStep begun{random_name(random), {}};
  WRIT_CHECK(begin_notes(ends.from, tables, word_of(begun)));
  WRIT_TRY(auto reports, copy(ends.from, ends.to, migrations, options));
  WRIT_CHECK(copy_blobs(ends.from_blobs, ends.to, ends.to_blobs, which, options.go_on));
  const SourceStep whole{random_name(random), shape_of(migrations)};
  WRIT_CHECK(ends.to.write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(keep_turn(tx, options.claim));
    return save_step(tx, whole.name);
  }));
  WRIT_CHECK(ends.from.write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(expect_source_step(tx, begun));
    return save_source_step(tx, whole);
  }));
  return reports;
}

Result<std::optional<std::uint64_t>> copy_changes(const CopyEnds& ends,
                                                  const std::vector<Migration>& migrations,
                                                  const CopyOptions& options, Notes notes,
                                                  Random& random) {
  WRIT_CHECK(expect_newest(ends.from, migrations));
  WRIT_CHECK(claim_copy(ends.to, options.claim));
  WRIT_TRY(const auto step, common_step(ends, shape_of(migrations)));
  if (!step) return std::nullopt;
  Following following(ends, tables_of(migrations), options, notes, random, *step);
  WRIT_TRY(const std::uint64_t count, following.run());
  return std::optional(count);
}

}  // namespace writ::store
