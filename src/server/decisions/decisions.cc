#include "server/decisions/decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/value.h"
#include "policy/term/build.h"
#include "store/open.h"

namespace writ::server {
namespace {

using rego::borrow_string;
using rego::make_string;
using rego::Member;
using rego::Term;

constexpr std::string_view kMemory = "memory:";
// Events there wait for their upload; they must not take all of it.
constexpr std::uint64_t kMostInMemory = std::uint64_t{256} << 20;

// What is undelivered when a server ends, and is kept nowhere else, has so long.
constexpr std::chrono::milliseconds kLastUpload{2'000};

// What is configured may be the first to stand there.
Result<void> make_directory_of(std::string_view store) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (!store.starts_with(kSqlite)) return {};
  const std::filesystem::path directory =
      std::filesystem::path(store.substr(kSqlite.size())).parent_path();
  if (directory.empty()) return {};
  return make_directory(directory, 0700);
}

void add_metric(std::string& out, std::string_view name, std::string_view kind,
                std::string_view help, std::uint64_t value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help,
                 kind, value);
}

}  // namespace

Decisions::Decisions(DecisionLogOptions options, const Clock& clock, Random& random)
    : options_(std::move(options)), clock_(clock), random_(random) {}

Result<std::unique_ptr<Decisions>> Decisions::open(DecisionLogOptions options,
                                                   const std::map<std::string, std::string>& labels,
                                                   const Clock& clock, Random& random,
                                                   const DecisionLogStreams& streams) {
  const bool uploads = !options.service.empty();
  if (uploads && options.destination.url.empty()) {
    return fail(Code::invalid_input, "decision_logs: service " + options.service + " has no url");
  }
  const std::string& url = options.buffer.store;
  const bool is_kept = !url.empty() && url != kMemory;
  if (!is_kept) {
    options.reporting.buffer_bytes = std::min(options.reporting.buffer_bytes, kMostInMemory);
  }
  std::unique_ptr<Decisions> out(new Decisions(std::move(options), clock, random));
  Object object;
  for (const auto& [name, value] : labels) object.set(name, value);
  out->labels_ = to_json(std::move(object));
  out->outlives_process_ = is_kept;
  if (is_kept || uploads) {
    store::OpenOptions opening;
    opening.clock = &clock;
    WRIT_CHECK(make_directory_of(out->options_.buffer.store));
    const std::string_view place = is_kept ? std::string_view(out->options_.buffer.store) : kMemory;
    WRIT_TRY(auto store, store::open(place, opening));
    WRIT_TRY(out->buffer_, DecisionBuffer::open(std::move(store)));
  }
  DecisionLogStreams shown = streams;
  if (!out->options_.console) shown.console = nullptr;
  out->log_ = std::make_unique<DecisionLog>(out->options_, out->buffer_.get(), out->counters_,
                                            clock, shown);
  if (uploads) {
    out->uploader_ =
        std::make_unique<DecisionUploader>(out->options_, *out->buffer_, out->counters_, clock,
                                           random, [log = out->log_.get()] { log->note_room(); });
    out->uploader_->start();
  }
  return out;
}

Decisions::~Decisions() {
  if (uploader_ != nullptr) uploader_->stop();
  // The writer may wait for room that nobody makes any more; its end writes regardless.
  log_.reset();
  if (uploader_ != nullptr && !outlives_process_) uploader_->send_last(kLastUpload);
}

std::unique_ptr<DecisionRecorder> Decisions::make_recorder(const rego::Fabric& fabric,
                                                           const rego::Services& services) {
  return std::make_unique<DecisionRecorder>(fabric, services, options_, *log_, counters_, labels_);
}

std::string Decisions::problem() const {
  if (const auto failed = log_->problem()) return failed->message;
  const auto failed = uploader_ != nullptr ? uploader_->problem() : std::nullopt;
  return failed ? failed->message : std::string();
}

Term Decisions::plugin_state(rego::Arena& arena) const {
  const std::string message = problem();
  std::vector<Member> members{
      {borrow_string("state"), borrow_string(message.empty() ? "OK" : "ERROR")}};
  if (!message.empty()) members.push_back({borrow_string("message"), make_string(arena, message)});
  return make_object(arena, std::move(members));
}

Term Decisions::status(rego::Arena& arena) const {
  std::vector<Member> counters;
  for (std::size_t i = 0; i < std::size(kDecisionCounters); ++i) {
    const auto count = counters_.of(static_cast<DecisionCounter>(i));
    counters.push_back(
        {make_string(arena, "counter_decision_logs_" + std::string(kDecisionCounters[i].name)),
         Term::integer(static_cast<std::int64_t>(count))});
  }
  std::vector<Member> members{{borrow_string("metrics"), make_object(arena, std::move(counters))}};
  if (const std::string message = problem(); !message.empty()) {
    members.push_back({borrow_string("code"), borrow_string("decision_log_error")});
    members.push_back({borrow_string("message"), make_string(arena, message)});
  }
  return make_object(arena, std::move(members));
}

std::string Decisions::metrics_text() const {
  std::string out;
  for (std::size_t i = 0; i < std::size(kDecisionCounters); ++i) {
    add_metric(out, fmt::format("writ_decision_logs_{}_total", kDecisionCounters[i].name),
               "counter", kDecisionCounters[i].help, counters_.of(static_cast<DecisionCounter>(i)));
  }
  if (buffer_ == nullptr) return out;
  const auto usage = buffer_->usage();
  if (!usage) return out;  // the plugin's state says that the store fails
  add_metric(out, "writ_decision_logs_buffer_bytes", "gauge", "Bytes of events that are kept.",
             usage->bytes);
  add_metric(out, "writ_decision_logs_buffer_events", "gauge",
             "Events that are kept and not uploaded.", usage->events);
  return out;
}

}  // namespace writ::server
