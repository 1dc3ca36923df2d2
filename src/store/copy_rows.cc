#include "store/copy_rows.h"

#include <cstddef>
#include <string>

#include "store/migrate.h"

namespace writ::store {

Result<void> expect_newest(Store& from, const std::vector<Migration>& migrations) {
  WRIT_TRY(const auto steps, from.migrate(migrations, DryRun::yes));
  if (steps.empty()) return {};
  return fail(Code::unsupported,
              "the store to be copied lacks version " + std::to_string(steps.front().to) +
                  " of module \"" + steps.front().module + "\"",
              "Open it with this Writ once, which migrates it");
}

Result<std::uint64_t> make_equal(Tx& tx, const Table& table, const KeyRange& range,
                                 const std::vector<Row>& wanted) {
  // What a copy has put there and `from` has no more is there, too: all of the range counts.
  WRIT_TRY(const auto there, tx.scan(table, range, SIZE_MAX));
  if (there.empty() && !wanted.empty()) {
    auto* const schema = dynamic_cast<SchemaTx*>(&tx);
    if (schema == nullptr) return fail(Code::internal, "this store cannot be copied to");
    WRIT_CHECK(schema->load(table, wanted));
    return wanted.size();
  }
  std::uint64_t changed = 0;
  auto old = there.begin();
  for (const Row& row : wanted) {
    for (; old != there.end() && old->key < row.key; ++old, ++changed) {
      WRIT_CHECK(tx.erase(table, old->key));
    }
    const bool is_there = old != there.end() && old->key == row.key;
    if (!is_there || !is_same(*old, row)) {
      WRIT_CHECK(tx.put(table, row.key, row.value));
      ++changed;
    }
    if (is_there) ++old;
  }
  for (; old != there.end(); ++old, ++changed) WRIT_CHECK(tx.erase(table, old->key));
  return changed;
}

Result<void> copy_blob(BlobStore& from, BlobStore& to, const BlobRef& ref, const GoOn& go_on) {
  WRIT_CHECK(ask(go_on));
  WRIT_TRY(const bool is_there, to.contains(ref.digest));
  if (is_there) return {};
  WRIT_TRY(const auto writer, to.create());
  WRIT_CHECK(from.stream(ref.digest, [&](std::string_view piece) -> Result<void> {
    WRIT_CHECK(ask(go_on));
    return writer->write(piece);
  }));
  WRIT_TRY(const BlobRef written, writer->finish());
  if (written == ref) return {};
  return fail(Code::tampered, "the blob " + ref.digest.hex() + " is not what refers to it says");
}

}  // namespace writ::store
