#pragma once
// The search index: for each type, actor, correlation, thread and head of a subject, the indices of
// the events that have it. One row per term and sequencing round, so that a large round costs one
// row for each distinct term and not one for each event.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/record.h"
#include "store/store.h"

namespace writ::ledger {

struct Filter;  // ledger/ledger.h

enum class TermKind : char {
  actor = 'a',
  correlation = 'c',
  thread = 'h',
  subject = 's',
  type = 't'
};

// Subjects are indexed by their first two parts, "run/<uuid>": the deeper ones are many, and
// found among those.
std::string_view subject_head(std::string_view subject);

// What an event is found by: a kind's letter and a text.
using TermSink = std::function<void(TermKind kind, std::string_view text)>;
void each_term(const RecordView& event, const TermSink& take);
std::string make_term(TermKind kind, std::string_view text);

// The terms of one round.
class TermWriter {
 public:
  void add(const RecordView& event, std::uint64_t index);
  // Rows of the terms table.
  std::vector<store::Row> take();

 private:
  std::map<std::string, std::vector<std::uint64_t>, std::less<>> indices_;
};

// One row read back: the term and its indices, ascending. Errors: tampered.
struct TermRow {
  std::string term;
  std::vector<std::uint64_t> indices;
};
Result<TermRow> decode_term_row(const store::Row& row);

// Indices from filter.after on that the index knows to contain all events the filter selects,
// ascending; nothing when the filter names no indexed member (then every event may match).
Result<std::optional<std::vector<std::uint64_t>>> find_indices(store::Tx& tx, const Filter& filter);
// Whether the event itself matches; `run`, `after` and `limit` aside.
bool matches(const Filter& filter, const Event& event);

}  // namespace writ::ledger
