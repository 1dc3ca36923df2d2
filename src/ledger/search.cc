#include "ledger/search.h"

#include <algorithm>
#include <iterator>

#include "ledger/ledger.h"
#include "ledger/tables.h"
#include "ledger/varint.h"

namespace writ::ledger {
namespace {

std::unexpected<Error> damaged() {
  return fail(Code::tampered, "a row of the search index has a form that Writ never writes");
}

// Gaps downwards from the last index, which is in the key.
std::string encode_gaps(const std::vector<std::uint64_t>& indices) {
  std::string out;
  for (std::size_t i = indices.size() - 1; i > 0; --i) {
    append_varint(out, indices[i] - indices[i - 1]);
  }
  return out;
}

// The rows of one exact term, or of all terms that begin with it.
struct TermQuery {
  std::string term;
  bool is_prefix = false;

  store::KeyRange range(std::uint64_t after) const {
    if (!is_prefix) {
      return {store::Key().text(term).number(after).take(), store::Key().text(term).under().last};
    }
    // A text's key ends in 00 01; without that it covers everything that begins so.
    std::string first = store::Key().text(term).take();
    first.resize(first.size() - 2);
    std::string last = first;
    last.back() = static_cast<char>(last.back() + 1);  // '.' or '/'
    return {std::move(first), std::move(last)};
  }
};

std::vector<TermQuery> queries_of(const Filter& filter) {
  std::vector<TermQuery> queries;
  if (!filter.correlation.empty()) {
    queries.push_back({make_term(TermKind::correlation, filter.correlation)});
  }
  if (!filter.thread.empty()) queries.push_back({make_term(TermKind::thread, filter.thread)});
  if (!filter.actor.empty()) queries.push_back({make_term(TermKind::actor, filter.actor)});
  if (!filter.type.empty()) {
    queries.push_back({make_term(TermKind::type, filter.type), filter.type.ends_with('.')});
  }
  if (!filter.subject.empty()) {
    const std::string_view head = subject_head(filter.subject);
    // "run/" and "x" prefix many heads; "run/<uuid>/" and deeper have one.
    const bool many = filter.subject.ends_with('/') && head.ends_with('/');
    queries.push_back({make_term(TermKind::subject, head), many});
  }
  return queries;
}

Result<std::vector<std::uint64_t>> run_query(store::Tx& tx, const TermQuery& query,
                                             std::uint64_t after) {
  std::vector<std::uint64_t> found;
  WRIT_CHECK(each_row(tx, kTerms, query.range(after), [&](const store::Row& row) -> Result<void> {
    WRIT_TRY(const TermRow decoded, decode_term_row(row));
    const auto first = std::ranges::lower_bound(decoded.indices, after);
    found.insert(found.end(), first, decoded.indices.end());
    return {};
  }));
  std::ranges::sort(found);
  return found;
}

bool is_selected(std::string_view text, std::string_view wanted, char separator) {
  if (wanted.empty()) return true;
  return wanted.ends_with(separator) ? text.starts_with(wanted) : text == wanted;
}

}  // namespace

std::string_view subject_head(std::string_view subject) {
  const std::size_t first = subject.find('/');
  if (first == std::string_view::npos) return subject;
  const std::size_t second = subject.find('/', first + 1);
  return subject.substr(0, second);
}

std::string make_term(TermKind kind, std::string_view text) {
  std::string term(1, static_cast<char>(kind));
  term += text;
  return term;
}

void each_term(const RecordView& event, const TermSink& take) {
  if (!event.actor.empty()) take(TermKind::actor, event.actor);
  if (!event.correlation.empty()) take(TermKind::correlation, event.correlation);
  if (!event.context.thread.empty()) take(TermKind::thread, event.context.thread);
  if (!event.subject.empty()) take(TermKind::subject, subject_head(event.subject));
  take(TermKind::type, event.type);
}

void TermWriter::add(const RecordView& event, std::uint64_t index) {
  each_term(event, [&](TermKind kind, std::string_view text) {
    indices_[make_term(kind, text)].push_back(index);
  });
}

std::vector<store::Row> TermWriter::take() {
  std::vector<store::Row> rows;
  rows.reserve(indices_.size());
  for (const auto& [term, indices] : indices_) {
    rows.push_back({store::Key().text(term).number(indices.back()).take(), encode_gaps(indices)});
  }
  indices_.clear();
  return rows;
}

Result<TermRow> decode_term_row(const store::Row& row) {
  store::KeyReader key(row.key);
  TermRow decoded;
  WRIT_TRY(decoded.term, key.text());
  WRIT_TRY(std::uint64_t index, key.number());
  if (!key.at_end()) return damaged();
  decoded.indices.push_back(index);
  for (std::string_view rest = row.value; !rest.empty();) {
    const auto gap = take_varint(rest);
    if (!gap || *gap == 0 || *gap > index) return damaged();
    decoded.indices.push_back(index -= *gap);
  }
  std::ranges::reverse(decoded.indices);
  return decoded;
}

Result<std::optional<std::vector<std::uint64_t>>> find_indices(store::Tx& tx,
                                                               const Filter& filter) {
  std::optional<std::vector<std::uint64_t>> found;
  for (const TermQuery& query : queries_of(filter)) {
    WRIT_TRY(auto indices, run_query(tx, query, filter.after));
    if (!found) {
      found = std::move(indices);
      continue;
    }
    std::vector<std::uint64_t> both;
    std::ranges::set_intersection(*found, indices, std::back_inserter(both));
    found = std::move(both);
  }
  return found;
}

bool matches(const Filter& filter, const Event& event) {
  const Entry& entry = event.entry;
  return is_selected(entry.type, filter.type, '.') &&
         is_selected(entry.subject, filter.subject, '/') &&
         (!filter.run || entry.run == *filter.run) &&
         (filter.actor.empty() || entry.actor == filter.actor) &&
         (filter.correlation.empty() || entry.correlation == filter.correlation) &&
         (filter.thread.empty() || entry.context.thread == filter.thread) &&
         (filter.text.empty() || entry.payload.contains(filter.text)) &&
         (!filter.from || entry.time >= *filter.from) && (!filter.to || entry.time < *filter.to);
}

}  // namespace writ::ledger
