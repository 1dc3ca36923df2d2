#pragma once
// The rows that only repeat what the events say, for look-up: ids, runs and terms. `verify`
// compares them with the events as sets, without holding them in memory.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/record.h"
#include "ledger/tables.h"
#include "store/store.h"

namespace writ::ledger {

enum class DerivedTable : std::uint8_t { ids, runs, terms };

struct DerivedRow {
  DerivedTable table = DerivedTable::ids;
  std::string key;
  std::string value;
  friend auto operator<=>(const DerivedRow&, const DerivedRow&) = default;
};

using DerivedSink = std::function<Result<void>(DerivedRow row)>;

enum class Stage : std::uint8_t { pending, sequenced };

// What the tables must hold for an event at `place`. Terms come with sequencing.
Result<void> expect_rows(std::uint64_t place, const RecordView& event, Stage stage,
                         const DerivedSink& sink);
// What they do hold, a row of terms taken apart into one row for each index, and the rows of one
// id under that id. Errors: tampered.
Result<void> read_rows(store::Tx& tx, const DerivedSink& sink);

// Sums of keyed hashes: equal for equal multisets whatever the order. The secret is drawn anew
// for each comparison, so rows cannot be chosen to cancel out.
class RowSums {
 public:
  explicit RowSums(std::string_view secret) : secret_(secret) {}
  void add(const DerivedRow& row);
  friend bool operator==(const RowSums&, const RowSums&) = default;

 private:
  std::string secret_;
  std::array<std::uint64_t, 4> sums_{};
};

}  // namespace writ::ledger
