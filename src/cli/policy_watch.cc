#include "cli/policy_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "cli/wiring.h"

namespace writ::cli {
namespace {

using Timers = std::vector<std::pair<std::string, std::int64_t>>;

Result<rego::Trace::Detail> detail_of(std::string_view word) {
  if (word == "notes") return rego::Trace::Detail::notes;
  if (word == "fails") return rego::Trace::Detail::fails;
  if (word == "full" || word == "debug") return rego::Trace::Detail::full;
  return fail(Code::usage, fmt::format("--explain takes notes, fails or full, not {}", word));
}

Result<std::size_t> number_of(std::string_view text) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc() && end == text.data() + text.size()) return out;
  return fail(Code::usage, fmt::format("--profile-limit takes a number, not {}", text));
}

std::string milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.6g}ms", static_cast<double>(time.count()) / 1e6);
}

}  // namespace

Result<PolicyWatch> PolicyWatch::create(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  PolicyWatch out;
  out.has_metrics_ = arguments.has("--metrics");
  if (arguments.has("--coverage")) out.coverage_.emplace();
  if (arguments.has("--profile")) out.profile_.emplace(context.wiring.clock);
  if (const auto limit = arguments.value("--profile-limit")) {
    WRIT_TRY(out.profile_limit_, number_of(*limit));
  }
  if (const auto word = arguments.value("--explain")) {
    WRIT_TRY(out.detail_, detail_of(*word));
    out.trace_.emplace();
  }
  return out;
}

rego::Observer* PolicyWatch::observer() {
  if (!observes()) return nullptr;
  list_ = {};
  if (coverage_) list_.add(*coverage_);
  if (profile_) list_.add(*profile_);
  if (trace_) list_.add(*trace_);
  return &list_;
}

std::vector<rego::Profile::Row> PolicyWatch::profile_rows() const {
  std::vector<rego::Profile::Row> rows;
  if (profile_) rows = profile_->rows();
  if (profile_limit_ > 0 && rows.size() > profile_limit_) rows.resize(profile_limit_);
  return rows;
}

Object PolicyWatch::members(const rego::Program& program, const Timers& timers) const {
  Object out;
  if (has_metrics_) {
    Object metrics;
    for (const auto& [name, time] : timers) metrics.set(name, time);
    out.set("metrics", std::move(metrics));
  }
  if (trace_) {
    Array lines;
    for (std::string& line : trace_->lines(detail_)) lines.push_back(std::move(line));
    out.set("explanation", std::move(lines));
  }
  if (profile_) {
    Array rows;
    for (const auto& row : profile_rows()) {
      rows.push_back(Object{
          {"total_time_ns", row.time.count()},
          {"num_eval", static_cast<std::int64_t>(row.evaluations)},
          {"num_redo", static_cast<std::int64_t>(row.redos)},
          {"num_gen_expr", static_cast<std::int64_t>(row.expressions)},
          {"location", Object{{"file", row.file}, {"row", row.at.line}, {"col", row.at.column}}}});
    }
    out.set("profile", std::move(rows));
  }
  if (coverage_) out.set("coverage", coverage_->report(program).json);
  return out;
}

std::string PolicyWatch::text(const rego::Program& program, const Timers& timers) const {
  std::string out;
  if (trace_) {
    for (const std::string& line : trace_->lines(detail_)) out += line + "\n";
  }
  if (has_metrics_) {
    std::vector<std::vector<std::string>> lines{{"METRIC", "VALUE"}};
    for (const auto& [name, time] : timers) lines.push_back({name, std::to_string(time)});
    out += drawn_table(lines);
  }
  if (profile_) {
    std::vector<std::vector<std::string>> lines{
        {"TIME", "NUM EVAL", "NUM REDO", "NUM GEN EXPR", "LOCATION"}};
    for (const auto& row : profile_rows()) {
      lines.push_back({milliseconds(row.time), std::to_string(row.evaluations),
                       std::to_string(row.redos), std::to_string(row.expressions),
                       fmt::format("{}:{}", row.file, row.at.line)});
    }
    out += drawn_table(lines);
  }
  if (coverage_) out += to_pretty_json(coverage_->report(program).json);
  return out;
}

std::string drawn_table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string rule = "+";
  for (const std::size_t width : widths) rule += std::string(width + 2, '-') + "+";
  rule += "\n";
  std::string out = rule;
  for (std::size_t l = 0; l < lines.size(); ++l) {
    out += "|";
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::size_t space = widths[i] - lines[l][i].size();
      const std::size_t left = l == 0 ? space / 2 : 0;
      out += " " + std::string(left, ' ') + lines[l][i] + std::string(space - left, ' ') + " |";
    }
    out += "\n";
    if (l == 0) out += rule;
  }
  return out + rule;
}

}  // namespace writ::cli
