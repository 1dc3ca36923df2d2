#include "ledger/search.h"

#include <algorithm>
#include <iterator>

#include "ledger/ledger.h"
#include "ledger/tables.h"

namespace writ::ledger {
namespace {

constexpr std::size_t kRowsAtOnce = 1024;

std::unexpected<Error> damaged() {
  return fail(Code::tampered, "a row of the search index has a form that Writ never writes");
}

std::string make_term(TermKind kind, std::string_view text) {
  std::string term(1, static_cast<char>(kind));
  term += text;
  return term;
}

// LEB128, shortest form.
void append_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

Result<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 63 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (byte == 0 && shift != 0) break;  // a longer form than needed
    return number;
  }
  return damaged();
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
  store::KeyRange range = query.range(after);
  while (true) {
    WRIT_TRY(const auto rows, tx.scan(kTerms, range, kRowsAtOnce));
    for (const store::Row& row : rows) {
      WRIT_TRY(const TermRow decoded, decode_term_row(row));
      const auto first = std::ranges::lower_bound(decoded.indices, after);
      found.insert(found.end(), first, decoded.indices.end());
    }
    if (rows.size() < kRowsAtOnce) break;
    range.first = rows.back().key + '\0';
  }
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

std::vector<std::string> terms_of(const Entry& entry) {
  std::vector<std::string> terms;
  for (const auto& [kind, text] :
       {std::pair<TermKind, std::string_view>{TermKind::actor, entry.actor},
        {TermKind::correlation, entry.correlation},
        {TermKind::subject, subject_head(entry.subject)},
        {TermKind::type, entry.type}}) {
    if (!text.empty()) terms.push_back(make_term(kind, text));
  }
  return terms;
}

void TermWriter::add(const LeafFields& leaf, std::uint64_t index) {
  Entry entry;
  entry.actor = unescape_leaf_text(leaf.actor);
  entry.correlation = unescape_leaf_text(leaf.correlation);
  entry.subject = unescape_leaf_text(leaf.subject);
  entry.type = unescape_leaf_text(leaf.type);
  for (std::string& term : terms_of(entry)) indices_[std::move(term)].push_back(index);
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
    WRIT_TRY(const std::uint64_t gap, take_varint(rest));
    if (gap == 0 || gap > index) return damaged();
    decoded.indices.push_back(index -= gap);
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
         (filter.text.empty() || entry.payload.contains(filter.text)) &&
         (!filter.from || entry.time >= *filter.from) && (!filter.to || entry.time < *filter.to);
}

}  // namespace writ::ledger
