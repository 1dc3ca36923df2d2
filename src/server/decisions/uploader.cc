#include "server/decisions/uploader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/file.h"

namespace writ::server {
namespace {

constexpr std::size_t kTokenBytes = 64u << 10;
constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr double kGrowth = 1.6;
constexpr unsigned kMostDoublings = 64;

// Retrying is this file's business: the client tries once, and whenever it is asked.
net::ClientOptions client_options(const LogService& service) {
  net::ClientOptions options;
  options.attempts = 1;
  options.breaker_failures = 1'000'000'000;
  options.ca_file = service.ca_file;
  return options;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

DecisionUploader::DecisionUploader(const DecisionLogOptions& options, DecisionBuffer& buffer,
                                   DecisionCounters& counters, const Clock& clock, Random& random,
                                   std::function<void()> on_room)
    : options_(options),
      buffer_(buffer),
      counters_(counters),
      random_(random),
      on_room_(std::move(on_room)),
      client_(clock, random, client_options(options.destination)),
      encoder_(options.reporting.upload_bytes) {}

DecisionUploader::~DecisionUploader() = default;

void DecisionUploader::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void DecisionUploader::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void DecisionUploader::send_last(std::chrono::milliseconds patience) {
  std::stop_source stop;
  std::mutex mutex;
  std::condition_variable_any wakes;
  const std::jthread clock([&](const std::stop_token& done) {
    std::unique_lock lock(mutex);
    wakes.wait_for(lock, done, patience, [] { return false; });
    stop.request_stop();
  });
  // A failure has been counted; the process ends, and says so in its metrics no more.
  if (const auto sent = send_all(stop.get_token()); !sent) return;
}

Result<net::Call> DecisionUploader::call_with(std::string body) const {
  const LogService& service = options_.destination;
  net::Call call;
  call.method = net::Method::POST;
  call.url = without_slash(service.url) + options_.resource;
  call.timeout = service.timeout;
  call.fields = {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}};
  call.fields.insert(call.fields.end(), service.headers.begin(), service.headers.end());
  std::string token = service.bearer_token;
  if (!service.bearer_token_path.empty()) {
    WRIT_TRY(token, read_file(service.bearer_token_path, kTokenBytes));
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  }
  if (!token.empty()) call.fields.emplace_back("Authorization", "Bearer " + token);
  call.body = std::move(body);
  return call;
}

Result<bool> DecisionUploader::send_chunk(const std::stop_token& stop) {
  WRIT_TRY(const std::vector<KeptEvent> events, buffer_.oldest(encoder_.wanted()));
  if (events.empty()) return false;
  WRIT_TRY(Chunk chunk, encoder_.encode(events));
  if (!chunk.body.empty()) {
    WRIT_TRY(const net::Call call, call_with(std::move(chunk.body)));
    WRIT_TRY(const net::Response response, client_.send(call, stop));
    if (response.status < 200 || response.status > 299) {
      return fail(Code::unavailable, "the log service answered " + std::to_string(response.status) +
                                         " to " + call.url);
    }
  }
  WRIT_CHECK(buffer_.remove_through(events[chunk.events - 1].number));
  counters_.add(DecisionCounter::uploaded, chunk.events - chunk.lost);
  counters_.add(DecisionCounter::encoding_failure, chunk.lost);
  counters_.add(DecisionCounter::nd_builtin_cache_dropped, chunk.without);
  if (on_room_) on_room_();
  return true;
}

Result<void> DecisionUploader::send_all(const std::stop_token& stop) {
  const std::lock_guard sending(sending_);
  std::optional<Error> problem;
  for (bool has_more = true; has_more && !problem;) {
    const auto sent = send_chunk(stop);
    if (!sent) problem = sent.error();
    has_more = sent && *sent && !stop.stop_requested();
  }
  if (problem) counters_.add(DecisionCounter::upload_failure);
  const std::lock_guard lock(mutex_);
  problem_ = problem;
  if (problem) return std::unexpected(std::move(*problem));
  return {};
}

std::optional<Error> DecisionUploader::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

// After success anywhere between the delays, so that many servers do not come at once; after a
// failure a random part of a time that grows up to the longest delay.
std::chrono::milliseconds DecisionUploader::delay(unsigned failures) {
  constexpr double kWhole = 18446744073709551616.0;  // 2^64
  const double chance = static_cast<double>(random_.next_u64()) / kWhole;
  const auto least = static_cast<double>(options_.reporting.min_delay.count());
  const auto most = static_cast<double>(options_.reporting.max_delay.count());
  if (failures == 0) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(least + (most - least) * chance));
  }
  const double grown = static_cast<double>(kFirstRetry.count()) *
                       std::pow(kGrowth, std::min(failures - 1, kMostDoublings));
  const double longest = std::max(most, static_cast<double>(kFirstRetry.count()));
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(std::min(grown, longest) * (0.5 + chance / 2)));
}

void DecisionUploader::run(const std::stop_token& stop) {
  unsigned failures = 0;
  while (!stop.stop_requested()) {
    const auto until = std::chrono::steady_clock::now() + delay(failures);
    {
      std::unique_lock lock(mutex_);
      wakes_.wait_until(lock, stop, until, [] { return false; });
    }
    if (stop.stop_requested()) return;
    failures = send_all(stop) ? 0 : failures + 1;
  }
}

}  // namespace writ::server
