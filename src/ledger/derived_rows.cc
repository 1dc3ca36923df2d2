#include "ledger/derived_rows.h"

#include <cstring>

#include "crypto/digest.h"
#include "ledger/search.h"
#include "ledger/tables.h"

namespace writ::ledger {
namespace {

constexpr std::size_t kRowsAtOnce = 1024;

std::string term_key(std::string_view term, std::uint64_t index) {
  return store::Key().text(term).number(index).take();
}

template <typename F>
Result<void> each_row(store::Tx& tx, const store::Table& table, F&& take) {
  store::KeyRange range = everything();
  while (true) {
    WRIT_TRY(auto rows, tx.scan(table, range, kRowsAtOnce));
    if (!rows.empty()) range.first = rows.back().key + '\0';
    for (store::Row& row : rows) WRIT_CHECK(take(row));
    if (rows.size() < kRowsAtOnce) return {};
  }
}

}  // namespace

Result<void> expect_rows(const Event& event, std::uint64_t place, Stage stage,
                         const DerivedSink& sink) {
  const Entry& entry = event.entry;
  const std::string noted = encode_number(place);
  WRIT_CHECK(sink({DerivedTable::ids, id_key(entry.id, entry.source), noted}));
  if (!entry.run.uuid.is_nil()) {
    WRIT_CHECK(sink({DerivedTable::runs, run_key(entry.run, entry.seq), noted}));
  }
  if (stage == Stage::pending) return {};
  for (const std::string& term : terms_of(entry)) {
    WRIT_CHECK(sink({DerivedTable::terms, term_key(term, place), {}}));
  }
  return {};
}

Result<void> read_rows(store::Tx& tx, const DerivedSink& sink) {
  WRIT_CHECK(each_row(tx, kIds, [&](store::Row& row) {
    return sink({DerivedTable::ids, std::move(row.key), std::move(row.value)});
  }));
  WRIT_CHECK(each_row(tx, kRuns, [&](store::Row& row) {
    return sink({DerivedTable::runs, std::move(row.key), std::move(row.value)});
  }));
  return each_row(tx, kTerms, [&](const store::Row& row) -> Result<void> {
    WRIT_TRY(const TermRow decoded, decode_term_row(row));
    for (const std::uint64_t index : decoded.indices) {
      WRIT_CHECK(sink({DerivedTable::terms, term_key(decoded.term, index), {}}));
    }
    return {};
  });
}

void RowSums::add(const DerivedRow& row) {
  std::string bytes = secret_;
  bytes += static_cast<char>(row.table);
  bytes += encode_number(row.key.size());
  bytes += row.key;
  bytes += row.value;
  const crypto::Digest digest = crypto::sha256(bytes);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, digest.bytes.data() + 8 * i, 8);
    sums_[i] += word;
  }
}

}  // namespace writ::ledger
