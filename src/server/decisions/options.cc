#include "server/decisions/options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/suggest.h"

namespace writ::server {
namespace {

constexpr double kMillisecondsPerSecond = 1000;
constexpr double kMost = 9e15;  // a double counts so far one by one

// One object of the section: reads members of one kind each and gathers what is wrong.
class Section {
 public:
  Section(const Value& value, std::string name, std::string_view file,
          std::vector<Diagnostic>& problems)
      : value_(value), name_(std::move(name)), file_(file), problems_(problems) {
    if (!value.is_object() && !value.is_null()) report(value, name_ + " must be an object");
  }

  void expect_keys(std::span<const std::string_view> known) {
    if (!value_.is_object()) return;
    for (const Member& member : value_.as_object()) {
      if (std::ranges::find(known, member.key) != known.end()) continue;
      problems_.push_back({file_, member.key_at,
                           name_ + " has no `" + member.key + "`" + did_you_mean(member.key, known),
                           "Remove it or correct its name"});
    }
  }

  void text(std::string_view key, std::string& out) {
    const Value* const found = find(key);
    if (found == nullptr) return;
    if (!found->is_string()) return report(*found, path(key) + " must be a string");
    out = found->as_string();
  }
  void boolean(std::string_view key, bool& out) {
    const Value* const found = find(key);
    if (found == nullptr) return;
    if (!found->is_bool()) return report(*found, path(key) + " must be true or false");
    out = found->as_bool();
  }
  std::optional<double> number(std::string_view key, double least) {
    const Value* const found = find(key);
    if (found == nullptr) return std::nullopt;
    const bool is_fit =
        found->is_number() && found->as_number() >= least && found->as_number() <= kMost;
    if (is_fit) return found->as_number();
    report(*found, path(key) + " must be a number that is not less than " +
                       std::to_string(static_cast<std::int64_t>(least)));
    return std::nullopt;
  }
  template <typename Count>
  void count(std::string_view key, double least, Count& out) {
    if (const auto found = number(key, least)) out = static_cast<Count>(*found);
  }
  void seconds(std::string_view key, std::chrono::milliseconds& out) {
    if (const auto found = number(key, 0)) {
      out = std::chrono::milliseconds(static_cast<std::int64_t>(*found * kMillisecondsPerSecond));
    }
  }
  // One of a few words; which of them, or nothing.
  std::optional<std::size_t> word(std::string_view key, std::span<const std::string_view> words) {
    const Value* const found = find(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_string()) {
      const auto at = std::ranges::find(words, found->as_string());
      if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
    }
    std::string all;
    for (const std::string_view one : words) all += (all.empty() ? "" : ", ") + std::string(one);
    report(*found, path(key) + " must be one of: " + all);
    return std::nullopt;
  }
  void texts(std::string_view key, std::vector<std::string>& out) {
    const Value* const found = find(key);
    if (found == nullptr) return;
    const bool is_list =
        found->is_array() && std::ranges::all_of(found->as_array(), &Value::is_string);
    if (!is_list) return report(*found, path(key) + " must be a list of strings");
    for (const Value& one : found->as_array()) out.push_back(one.as_string());
  }
  // "/system/log/mask" as segments.
  void document(std::string_view key, std::vector<std::string>& out) {
    std::string spelled;
    text(key, spelled);
    if (spelled.empty()) return;
    out.clear();
    std::string_view rest = spelled;
    while (!rest.empty()) {
      const std::size_t slash = std::min(rest.find('/'), rest.size());
      if (slash > 0) out.emplace_back(rest.substr(0, slash));
      rest.remove_prefix(std::min(slash + 1, rest.size()));
    }
  }

  const Value* find(std::string_view key) const {
    const Value* const found = value_.find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
  void report(const Value& at, std::string message, std::string remedy = {}) {
    problems_.push_back({file_, at.at(), std::move(message), std::move(remedy)});
  }
  std::string path(std::string_view key) const { return name_ + "." + std::string(key); }

 private:
  const Value& value_;
  std::string name_;
  std::string file_;
  std::vector<Diagnostic>& problems_;
};

constexpr std::array<std::string_view, 10> kKeys = {
    "buffer", "console",   "drop_decision",   "mask_decision", "partition_name",
    "plugin", "reporting", "request_context", "resource",      "service"};
constexpr std::array<std::string_view, 8> kReportingKeys = {"buffer_size_limit_bytes",
                                                            "buffer_size_limit_events",
                                                            "buffer_type",
                                                            "max_decisions_per_second",
                                                            "max_delay_seconds",
                                                            "min_delay_seconds",
                                                            "trigger",
                                                            "upload_size_limit_bytes"};
constexpr std::array<std::string_view, 5> kBufferKeys = {
    "flush", "flush_interval_ms", "queue_size_limit_bytes", "store", "when_full"};
constexpr std::array<std::string_view, 1> kRequestKeys = {"http"};
constexpr std::array<std::string_view, 1> kHttpKeys = {"headers"};
constexpr std::array<std::string_view, 2> kFlushes = {"interval", "each"};
constexpr std::array<std::string_view, 2> kWhenFull = {"block", "drop"};
constexpr std::array<std::string_view, 2> kBufferTypes = {"size", "event"};
constexpr std::array<std::string_view, 1> kTriggers = {"periodic"};

const Value& member_of(const Value& value, std::string_view key) {
  static const Value kNothing;
  const Value* const found = value.find(key);
  return found == nullptr ? kNothing : *found;
}

void read_reporting(Section& section, ReportingOptions& out) {
  section.expect_keys(kReportingKeys);
  section.seconds("min_delay_seconds", out.min_delay);
  section.seconds("max_delay_seconds", out.max_delay);
  section.count("upload_size_limit_bytes", 1, out.upload_bytes);
  section.count("buffer_size_limit_bytes", 1, out.buffer_bytes);
  section.count("buffer_size_limit_events", 1, out.buffer_events);
  if (const auto rate = section.number("max_decisions_per_second", 0)) {
    out.decisions_per_second = *rate;
  }
  section.word("buffer_type", kBufferTypes);  // events are kept one way, whichever is meant
  section.word("trigger", kTriggers);
  // As OPA does when only one of them is given.
  const bool has_least = section.find("min_delay_seconds") != nullptr;
  const bool has_most = section.find("max_delay_seconds") != nullptr;
  if (has_least && !has_most) out.max_delay = std::max(out.max_delay, out.min_delay);
  if (has_most && !has_least) out.min_delay = std::min(out.max_delay, out.min_delay);
  if (out.max_delay < out.min_delay) {
    section.report(*section.find("max_delay_seconds"),
                   section.path("max_delay_seconds") + " is less than min_delay_seconds");
  }
}

void read_buffer(Section& section, BufferOptions& out) {
  section.expect_keys(kBufferKeys);
  section.text("store", out.store);
  if (const auto word = section.word("flush", kFlushes)) out.flush = static_cast<Flush>(*word);
  if (const auto word = section.word("when_full", kWhenFull)) {
    out.when_full = static_cast<WhenFull>(*word);
  }
  section.count("queue_size_limit_bytes", 1, out.queue_bytes);
  if (const auto interval = section.number("flush_interval_ms", 1)) {
    out.flush_interval = std::chrono::milliseconds(static_cast<std::int64_t>(*interval));
  }
}

// Where below the service's URL events go.
void read_resource(Section& section, DecisionLogOptions& out) {
  std::string partition;
  section.text("partition_name", partition);
  section.text("resource", out.resource);
  if (!out.resource.empty()) {
    if (out.resource.front() != '/') out.resource.insert(out.resource.begin(), '/');
    return;
  }
  out.resource = partition.empty() ? "/logs" : "/logs/" + partition;
}

}  // namespace

Result<DecisionLogOptions> read_decision_log_options(const Value& value, std::string_view file) {
  std::vector<Diagnostic> problems;
  DecisionLogOptions out;
  Section section(value, "decision_logs", file, problems);
  section.expect_keys(kKeys);
  section.text("service", out.service);
  section.boolean("console", out.console);
  section.document("mask_decision", out.mask_decision);
  section.document("drop_decision", out.drop_decision);
  if (const Value* const plugin = section.find("plugin"); plugin != nullptr) {
    section.report(*plugin, "decision_logs.plugin: this server has no plugins for decision logs",
                   "Name a `service`, or set `console: true`");
  }
  read_resource(section, out);
  Section reporting(member_of(value, "reporting"), "decision_logs.reporting", file, problems);
  read_reporting(reporting, out.reporting);
  Section buffer(member_of(value, "buffer"), "decision_logs.buffer", file, problems);
  read_buffer(buffer, out.buffer);
  const Value& context = member_of(value, "request_context");
  Section request(context, "decision_logs.request_context", file, problems);
  request.expect_keys(kRequestKeys);
  Section http(member_of(context, "http"), "decision_logs.request_context.http", file, problems);
  http.expect_keys(kHttpKeys);
  http.texts("headers", out.headers);
  if (!problems.empty()) return fail(std::move(problems));
  return out;
}

}  // namespace writ::server
