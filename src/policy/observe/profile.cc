#include "policy/observe/profile.h"

#include <algorithm>

namespace writ::rego {

// The time since the last event belongs to the statement that has been working since.
void Profile::charge() {
  const auto now = clock_.steady();
  if (!active_.empty()) rows_[active_.back()].time += now - last_;
  last_ = now;
}

void Profile::begin(const Observe& place) {
  charge();
  const bool follows = place.before != nullptr && place.before->kind == Observe::Kind::statement;
  if (follows) ++rows_[place.before].redos;
  if (place.kind != Observe::Kind::statement) return;
  Row& row = rows_[&place];
  row.file = place.file == nullptr ? "query" : *place.file;
  row.at = place.at;
  ++row.evaluations;
  active_.push_back(&place);
}

void Profile::end(const Observe& place) {
  charge();
  if (place.kind == Observe::Kind::statement) active_.pop_back();
}

std::vector<Profile::Row> Profile::rows() const {
  std::map<std::pair<std::string, Position>, Row> by_line;
  for (const auto& [place, counted] : rows_) {
    Row& row = by_line[{counted.file, counted.at}];
    row.file = counted.file;
    row.at = counted.at;
    row.time += counted.time;
    row.evaluations += counted.evaluations;
    row.redos += counted.redos;
    ++row.expressions;
  }
  std::vector<Row> out;
  for (auto& [place, row] : by_line) out.push_back(std::move(row));
  std::ranges::stable_sort(out, std::ranges::greater(), &Row::time);
  return out;
}

}  // namespace writ::rego
