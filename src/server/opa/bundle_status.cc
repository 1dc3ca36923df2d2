#include "server/opa/bundle_status.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "server/opa/answers.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::make_string;
using rego::Member;
using rego::Term;

// What OPA says of a time that was not yet.
constexpr std::string_view kNever = "0001-01-01T00:00:00Z";

Term time_term(Arena& arena, const std::optional<WallTime>& time) {
  return time ? make_string(arena, to_rfc3339(*time)) : borrow_string(kNever);
}

// Of one that the server began with.
Term status_of(Arena& arena, const std::string& name, const rego::ActiveBundle& bundle) {
  std::vector<Member> members{
      {borrow_string("name"), borrow_string(name)},
      {borrow_string("active_revision"), borrow_string(bundle.manifest.revision)},
      {borrow_string("type"), borrow_string(bundle.is_delta ? "delta" : "snapshot")},
      {borrow_string("size"), Term::integer(static_cast<std::int64_t>(bundle.size))}};
  if (bundle.activated) {
    members.push_back(
        {borrow_string("last_successful_activation"), time_term(arena, bundle.activated)});
  }
  return make_object(arena, std::move(members));
}

void add_failure(Arena& arena, const bundles::BundleStatus& row, std::vector<Member>& members) {
  members.push_back({borrow_string("code"), borrow_string("bundle_error")});
  members.push_back({borrow_string("message"), make_string(arena, row.message)});
  if (row.http_code != 0) {
    members.push_back(
        {borrow_string("http_code"), make_string(arena, std::to_string(row.http_code))});
  }
  if (row.errors.empty()) return;
  std::vector<Term> errors;
  for (const rego::PolicyError& error : row.errors) errors.push_back(policy_error(arena, error));
  members.push_back({borrow_string("errors"), make_array(arena, errors)});
}

// Of one that is polled for. The row may go before the term does.
Term status_of(Arena& arena, const std::string& name, const bundles::BundleStatus& row) {
  std::vector<Member> timers;
  for (const auto& [timer, time] : row.timers) {
    timers.push_back({make_string(arena, timer), Term::integer(time)});
  }
  std::vector<Member> members{
      {borrow_string("name"), make_string(arena, name)},
      {borrow_string("size"), Term::integer(static_cast<std::int64_t>(row.size))},
      {borrow_string("last_request"), time_term(arena, row.last_request)},
      {borrow_string("last_successful_request"), time_term(arena, row.last_successful_request)},
      {borrow_string("last_successful_download"), time_term(arena, row.last_successful_download)},
      {borrow_string("last_successful_activation"),
       time_term(arena, row.last_successful_activation)},
      {borrow_string("metrics"), make_object(arena, std::move(timers))}};
  if (row.last_successful_activation) {
    members.push_back({borrow_string("active_revision"), make_string(arena, row.revision)});
    members.push_back({borrow_string("type"), borrow_string(row.is_delta ? "delta" : "snapshot")});
  }
  if (!row.message.empty()) add_failure(arena, row, members);
  return make_object(arena, std::move(members));
}

std::string escaped_label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

double nanoseconds(const WallTime& time) { return static_cast<double>(time.micros) * 1000; }

struct Metric {
  std::string_view name;
  std::string_view kind;
  std::string_view help;
  double (*value)(const bundles::BundleStatus& row);
};

template <std::optional<WallTime> bundles::BundleStatus::* kTime>
double time_of(const bundles::BundleStatus& row) {
  const std::optional<WallTime>& time = row.*kTime;
  return time ? nanoseconds(*time) : 0;
}

// OPA's names; times in nanoseconds since 1970.
constexpr Metric kMetrics[] = {
    {"bundle_failed_load_counter", "counter", "Failures to load a bundle.",
     [](const bundles::BundleStatus& row) { return static_cast<double>(row.failed); }},
    {"bundle_loaded_counter", "counter", "Bundles that became active.",
     [](const bundles::BundleStatus& row) { return static_cast<double>(row.loaded); }},
    {"last_bundle_request", "gauge", "When the bundle was asked for last.",
     &time_of<&bundles::BundleStatus::last_request>},
    {"last_success_bundle_activation", "gauge", "When the bundle became active last.",
     &time_of<&bundles::BundleStatus::last_successful_activation>},
    {"last_success_bundle_download", "gauge", "When a new bundle came last.",
     &time_of<&bundles::BundleStatus::last_successful_download>},
    {"last_success_bundle_request", "gauge", "When the bundle's service answered last.",
     &time_of<&bundles::BundleStatus::last_successful_request>},
};

}  // namespace

Term bundle_statuses(Arena& arena, const rego::Snapshot& snapshot,
                     const bundles::BundleBoard* board) {
  std::map<std::string, bundles::BundleStatus> rows;
  if (board != nullptr) rows = board->rows();
  std::vector<Member> out;
  for (const auto& [name, row] : rows) {
    out.push_back({make_string(arena, name), status_of(arena, name, row)});
  }
  for (const auto& [name, bundle] : snapshot.bundles) {
    if (rows.contains(name)) continue;
    out.push_back({borrow_string(name), status_of(arena, name, bundle)});
  }
  return make_object(arena, std::move(out));
}

std::string_view bundle_plugin_state(const bundles::BundleBoard* board) {
  return board == nullptr || board->is_ready() ? "OK" : "NOT_READY";
}

void add_bundle_metrics(std::string& out, const bundles::BundleBoard& board) {
  const std::map<std::string, bundles::BundleStatus> rows = board.rows();
  if (rows.empty()) return;
  for (const Metric& metric : kMetrics) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", metric.name,
                   metric.help, metric.kind);
    for (const auto& [name, row] : rows) {
      fmt::format_to(std::back_inserter(out), "{}{{name=\"{}\"}} {:.0f}\n", metric.name,
                     escaped_label(name), metric.value(row));
    }
  }
}

}  // namespace writ::server
