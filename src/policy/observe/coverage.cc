#include "policy/observe/coverage.h"

namespace writ::rego {
namespace {

using Rows = std::set<std::uint32_t>;

void add_rows(const ast::Body& body, Rows& out);

void add_rows(const ast::Term& term, Rows& out) {
  for (const ast::Term& part : term.parts) add_rows(part, out);
  if (term.body && term.is_comprehension()) add_rows(*term.body, out);
}

void add_rows(const ast::Body& body, Rows& out) {
  for (const ast::Statement& statement : body) {
    if (statement.kind != ast::Statement::Kind::some) out.insert(statement.at.line);
    for (const ast::Term& term : statement.terms) add_rows(term, out);
    for (const ast::With& with : statement.with) add_rows(with.value, out);
    if (statement.body) add_rows(*statement.body, out);
  }
}

// The lines that there are to be covered.
Rows rows_of(const ast::Module& module) {
  Rows out;
  for (const ast::Rule& rule : module.rules) {
    out.insert(rule.at.line);
    if (rule.value) add_rows(*rule.value, out);
    if (rule.member) add_rows(*rule.member, out);
    add_rows(rule.body, out);
    for (const ast::Else& branch : rule.otherwise) {
      out.insert(branch.at.line);
      if (branch.value) add_rows(*branch.value, out);
      add_rows(branch.body, out);
    }
  }
  return out;
}

// Lines that follow each other as one range.
Array ranges(const Rows& rows) {
  Array out;
  for (auto row = rows.begin(); row != rows.end();) {
    const std::uint32_t first = *row;
    std::uint32_t last = first;
    for (++row; row != rows.end() && *row == last + 1; ++row) last = *row;
    out.push_back(Object{{"start", Object{{"row", first}}}, {"end", Object{{"row", last}}}});
  }
  return out;
}

double percent_of(std::size_t covered, std::size_t missed) {
  const std::size_t all = covered + missed;
  return all == 0 ? 0 : 100.0 * static_cast<double>(covered) / static_cast<double>(all);
}

Object summary(std::size_t covered, std::size_t missed) {
  Object out;
  if (covered > 0) out.set("covered_lines", static_cast<std::int64_t>(covered));
  if (missed > 0) out.set("not_covered_lines", static_cast<std::int64_t>(missed));
  out.set("coverage", percent_of(covered, missed));
  return out;
}

}  // namespace

void Coverage::begin(const Observe& place) {
  if (place.file == nullptr || place.kind == Observe::Kind::enter) return;
  rows_[*place.file].insert(place.at.line);
}

Coverage::Report Coverage::report(const Program& program) const {
  Object files;
  std::size_t all_covered = 0;
  std::size_t all_missed = 0;
  for (const ast::Module& module : program.modules) {
    const auto hit = rows_.find(module.file);
    Rows covered;
    Rows missed;
    for (const std::uint32_t row : rows_of(module)) {
      const bool is_hit = hit != rows_.end() && hit->second.contains(row);
      (is_hit ? covered : missed).insert(row);
    }
    Object file = summary(covered.size(), missed.size());
    if (!covered.empty()) file.set("covered", ranges(covered));
    if (!missed.empty()) file.set("not_covered", ranges(missed));
    files.set(module.file, std::move(file));
    all_covered += covered.size();
    all_missed += missed.size();
  }
  Object out = summary(all_covered, all_missed);
  out.set("files", std::move(files));
  return {std::move(out), percent_of(all_covered, all_missed)};
}

}  // namespace writ::rego
