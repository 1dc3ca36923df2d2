#include "server/status/status_reporter.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "base/file.h"
#include "base/json.h"

namespace writ::server {
namespace {

constexpr std::size_t kTokenBytes = 64u << 10;
constexpr std::chrono::milliseconds kLongestPause{60'000};

// Retrying is this file's business: the client tries once, and whenever it is asked.
net::ClientOptions client_options(const bundles::ServiceConfig& service) {
  net::ClientOptions options;
  options.attempts = 1;
  options.breaker_failures = 1'000'000'000;
  options.ca_file = service.ca_file;
  return options;
}

Result<net::Call> call_to(const StatusOptions& options, std::string body) {
  const bundles::ServiceConfig& service = options.destination;
  net::Call call;
  call.method = net::Method::POST;
  call.url = service.url + options.resource;
  call.timeout = service.response_time;
  call.fields = service.headers;
  call.fields.emplace_back("Content-Type", "application/json");
  std::string token = service.token;
  if (!service.token_path.empty()) {
    WRIT_TRY(token, read_file(service.token_path, kTokenBytes));
    while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  }
  if (!token.empty()) call.fields.emplace_back("Authorization", service.scheme + " " + token);
  call.body = std::move(body);
  return call;
}

}  // namespace

StatusReporter::StatusReporter(StatusOptions options, std::function<Status()> now,
                               const Clock& clock, Random& random, std::ostream* console)
    : options_(std::move(options)),
      now_(std::move(now)),
      clock_(clock),
      console_(options_.console ? console : nullptr),
      client_(clock, random, client_options(options_.destination)) {}

StatusReporter::~StatusReporter() { stop(); }

void StatusReporter::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void StatusReporter::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

std::optional<Error> StatusReporter::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

// As OPA's console logger has it: the status with a few fields of the line.
void StatusReporter::print(const Status& status) const {
  if (console_ == nullptr) return;
  const std::string line =
      R"({"level":"info","msg":"Status Log","type":"openpolicyagent.org/status","time":")" +
      to_rfc3339(clock_.wall()) + R"(",)" + status.text.substr(1) + "\n";
  *console_ << line << std::flush;
}

Result<void> StatusReporter::tell(const Status& status, const std::stop_token& stop) {
  if (options_.service.empty()) return {};
  WRIT_TRY(const net::Call call, call_to(options_, status.text));
  WRIT_TRY(const net::Response response, client_.send(call, stop));
  if (response.status >= 200 && response.status <= 299) return {};
  return fail(Code::unavailable,
              "the status service answered " + std::to_string(response.status) + " to " + call.url);
}

void StatusReporter::run(const std::stop_token& stop) {
  std::string printed;
  std::string told;
  auto pause = options_.look;
  while (!stop.stop_requested()) {
    const Status status = now_();
    if (status.news != printed) print(status);
    printed = status.news;
    if (status.news != told) {
      const auto sent = tell(status, stop);
      if (sent) told = status.news;
      pause = sent ? options_.look : std::min(pause * 2, kLongestPause);
      const std::lock_guard lock(mutex_);
      problem_.reset();
      if (!sent) problem_ = sent.error();
    }
    std::unique_lock lock(mutex_);
    wakes_.wait_for(lock, stop, pause, [] { return false; });
  }
}

}  // namespace writ::server
