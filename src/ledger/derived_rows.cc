#include "ledger/derived_rows.h"

#include <cstring>

#include "crypto/digest.h"
#include "ledger/search.h"
#include "ledger/tables.h"

namespace writ::ledger {
namespace {

constexpr std::size_t kIdSize = 16;

std::string term_key(std::string_view term, std::uint64_t index) {
  return store::Key().text(term).number(index).take();
}

// The rows of one id stand together and count up from the bare id.
class OrdinalCheck {
 public:
  Result<void> next(std::string_view key) {
    const bool goes_on = !id_.empty() && key.starts_with(id_);
    ordinal_ = goes_on ? ordinal_ + 1 : 0;
    if (!goes_on) id_ = key.substr(0, kIdSize);
    const bool is_right = ordinal_ == 0 ? key.size() == kIdSize
                                        : key.size() == kIdSize + 1 &&
                                              static_cast<unsigned char>(key.back()) == ordinal_;
    if (is_right) return {};
    return fail(Code::tampered, "a row of the table of ids has a foreign key");
  }

 private:
  std::string id_;
  unsigned ordinal_ = 0;
};

}  // namespace

Result<void> expect_rows(std::uint64_t place, const RecordView& event, Stage stage,
                         const DerivedSink& sink) {
  const std::string noted = encode_number(place);
  WRIT_CHECK(sink({DerivedTable::ids, id_key(event.id), noted}));
  if (!event.run.uuid.is_nil()) {
    WRIT_CHECK(sink({DerivedTable::runs, run_key(event.run, event.seq), noted}));
  }
  if (stage == Stage::pending) return {};
  Result<void> done;
  each_term(event, [&](TermKind kind, std::string_view text) {
    if (done) done = sink({DerivedTable::terms, term_key(make_term(kind, text), place), {}});
  });
  return done;
}

Result<void> read_rows(store::Tx& tx, const DerivedSink& sink) {
  OrdinalCheck ordinals;
  WRIT_CHECK(each_row(tx, kIds, [&](store::Row& row) -> Result<void> {
    WRIT_CHECK(ordinals.next(row.key));
    row.key.resize(kIdSize);
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
