#include "net/client.h"

#include <algorithm>
#include <boost/asio/ssl/context.hpp>
#include <charconv>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "net/client_connection.h"
#include "net/tls_context.h"
#include "observe/current_span.h"

namespace writ::net {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

struct Idle {
  std::unique_ptr<ClientConnection> connection;
  SteadyTime since;
};

// What is known of one server. Guarded by the client's mutex.
struct Origin {
  OriginStats stats;
  std::vector<Idle> idle;  // the last used at the back
  unsigned failures_in_a_row = 0;
  SteadyTime held_until;  // the breaker keeps calls back until then
};

// RFC 9110 section 9.2.2: what may be sent twice without doing more than once.
bool is_idempotent(Method method) { return method != Method::POST && method != Method::PATCH; }

// The server says that it did not do it, or that somebody between did not reach it.
bool asks_again(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

std::optional<milliseconds> retry_after(const Response& response) {
  const std::string_view text = response.field("Retry-After");
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return milliseconds(seconds * 1000ull);
}

}  // namespace

class Client::Impl {
 public:
  Impl(const Clock& clock, Random& random, ClientOptions options)
      : clock_(clock), random_(random), options_(std::move(options)) {}

  Result<Response> send(const Call& call, const std::stop_token& stop) {
    WRIT_TRY(const Url url, parse_url(call.url));
    const bool is_limited = call.total_time.count() > 0;
    const SteadyTime end =
        is_limited ? std::chrono::steady_clock::now() + call.total_time : SteadyTime::max();
    Attempt attempt;
    for (unsigned number = 1;; ++number) {
      attempt = try_once(url, call, end, stop);
      if (number >= options_.attempts || !may_repeat(call, attempt)) break;
      const milliseconds pause = pause_before(number + 1, attempt);
      if (pause > options_.backoff_limit) break;
      // An answer that could not come in time is not worth asking for.
      if (is_limited && std::chrono::steady_clock::now() + pause >= end) break;
      if (!sleep(pause, stop)) return fail(Code::cancelled, "the call was cancelled");
      const std::lock_guard lock(mutex_);
      ++origins_[url.origin()].stats.retries;
    }
    return std::move(attempt.response);
  }

  std::vector<OriginStats> stats() const {
    const std::lock_guard lock(mutex_);
    std::vector<OriginStats> out;
    for (const auto& [name, origin] : origins_) {
      OriginStats row = origin.stats;
      row.origin = name;
      row.idle = origin.idle.size();
      row.is_held_back = clock_.steady() < origin.held_until;
      out.push_back(std::move(row));
    }
    return out;
  }

 private:
  struct Attempt {
    Result<Response> response = fail(Code::internal, "not tried");
    bool was_sent = false;
  };

  static bool may_repeat(const Call& call, const Attempt& attempt) {
    const bool is_repeatable = call.is_repeatable.value_or(is_idempotent(call.method));
    if (attempt.response) return asks_again(attempt.response->status) && is_repeatable;
    const Code code = attempt.response.error().code;
    if (code != Code::unavailable && code != Code::timed_out) return false;
    return is_repeatable || !attempt.was_sent;
  }

  // Doubling, of which a random part is waited: callers that failed together come back apart.
  milliseconds pause_before(unsigned number, const Attempt& attempt) {
    if (attempt.response) {
      if (const auto told = retry_after(*attempt.response)) return *told;
    }
    const auto doubled = options_.backoff * (1u << std::min(number - 2, 16u));
    const auto limit = std::min<std::int64_t>(doubled.count(), options_.backoff_limit.count());
    return milliseconds(
        limit / 2 +
        static_cast<std::int64_t>(random_.next_u64() % static_cast<std::uint64_t>(limit / 2 + 1)));
  }

  static bool sleep(milliseconds pause, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wakes;
    std::unique_lock lock(mutex);
    wakes.wait_for(lock, stop, pause, [] { return false; });
    return !stop.stop_requested();
  }

  // `end` is that of the whole call.
  Attempt try_once(const Url& url, const Call& call, SteadyTime end, const std::stop_token& stop) {
    const SteadyTime deadline = std::min(end, std::chrono::steady_clock::now() + call.timeout);
    Attempt attempt;
    auto connection = take(url, attempt);
    if (!attempt.response && attempt.response.error().code == Code::unavailable) return attempt;
    const bool was_idle = connection != nullptr;
    attempt = exchange(url, call, deadline, stop, std::move(connection));
    // The server had closed the idle connection meanwhile: that says nothing about the server.
    const bool was_stale = was_idle && !attempt.response && !attempt.was_sent;
    if (was_stale) attempt = exchange(url, call, deadline, stop, nullptr);
    settle(url, attempt);
    return attempt;
  }

  Attempt exchange(const Url& url, const Call& call, SteadyTime deadline,
                   const std::stop_token& stop, std::unique_ptr<ClientConnection> connection) {
    Attempt attempt;
    if (connection == nullptr) {
      auto opened = open(url, deadline, stop);
      if (!opened) {
        attempt.response = std::unexpected(std::move(opened).error());
        return attempt;
      }
      connection = std::move(*opened);
    }
    auto exchanged = connection->exchange(url, call, deadline, stop);
    attempt.was_sent = exchanged.was_sent;
    attempt.response = std::move(exchanged.response);
    if (exchanged.may_be_reused) give_back(url, std::move(connection));
    return attempt;
  }

  Result<std::unique_ptr<ClientConnection>> open(const Url& url, SteadyTime deadline,
                                                 const std::stop_token& stop) {
    boost::asio::ssl::context* tls = nullptr;
    if (url.scheme == Url::Scheme::https) {
      const std::lock_guard lock(mutex_);
      if (tls_ == nullptr) {
        WRIT_TRY(tls_, make_client_context(options_.ca_file));
      }
      tls = tls_.get();
    }
    const SteadyTime latest = std::chrono::steady_clock::now() + options_.connect_time;
    return connect_to(url, std::min(deadline, latest), stop, tls);
  }

  // An idle connection, or none; an error in `attempt` where the breaker holds the call back.
  std::unique_ptr<ClientConnection> take(const Url& url, Attempt& attempt) {
    const std::lock_guard lock(mutex_);
    Origin& origin = origins_[url.origin()];
    const SteadyTime now = clock_.steady();
    if (now < origin.held_until) {
      attempt.response = fail(Code::unavailable, url.origin() + " failed " +
                                                     std::to_string(origin.failures_in_a_row) +
                                                     " times in a row and gets a rest");
      return nullptr;
    }
    // The first call after the rest is the trial; the others wait for what comes of it.
    if (has_tripped(origin)) origin.held_until = now + options_.breaker_time;
    ++origin.stats.calls;
    ++origin.stats.busy;
    std::erase_if(origin.idle, [&](const Idle& i) { return now - i.since > options_.idle_time; });
    if (origin.idle.empty()) return nullptr;
    auto connection = std::move(origin.idle.back().connection);
    origin.idle.pop_back();
    return connection;
  }

  void give_back(const Url& url, std::unique_ptr<ClientConnection> connection) {
    const std::lock_guard lock(mutex_);
    Origin& origin = origins_[url.origin()];
    if (origin.idle.size() >= options_.idle_per_origin) return;
    origin.idle.push_back({std::move(connection), clock_.steady()});
  }

  bool has_tripped(const Origin& origin) const {
    return origin.failures_in_a_row >= options_.breaker_failures;
  }

  // What the attempt says about the server. One that the caller gave up says nothing.
  void settle(const Url& url, const Attempt& attempt) {
    const std::lock_guard lock(mutex_);
    Origin& origin = origins_[url.origin()];
    --origin.stats.busy;
    if (!attempt.response && attempt.response.error().code == Code::cancelled) return;
    if (attempt.response && attempt.response->status < 500) {
      origin.failures_in_a_row = 0;
      origin.held_until = {};
      return;
    }
    ++origin.stats.failures;
    ++origin.failures_in_a_row;
    if (has_tripped(origin)) origin.held_until = clock_.steady() + options_.breaker_time;
  }

  const Clock& clock_;
  Random& random_;
  const ClientOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, Origin> origins_;
  std::shared_ptr<boost::asio::ssl::context> tls_;  // shared by construction only
};

Client::Client(const Clock& clock, Random& random, ClientOptions options)
    : impl_(std::make_unique<Impl>(clock, random, std::move(options))) {}
Client::~Client() = default;

Result<Response> Client::send(const Call& call, std::stop_token stop) {
  observe::Span span = observe::child_span(method_name(call.method), observe::SpanKind::client);
  const observe::CurrentSpan current(span);
  auto response = impl_->send(call, stop);
  if (!span.context().is_sampled) return response;
  span.set("http.request.method", method_name(call.method));
  if (const auto url = parse_url(call.url)) span.set("server.address", url->origin());
  if (response) {
    span.set("http.response.status_code", std::int64_t{response->status});
    if (response->status >= 400) span.fail();
  } else {
    span.set("error.type", error_row(response.error().code).name);
    span.fail();
  }
  return response;
}
std::vector<OriginStats> Client::stats() const { return impl_->stats(); }

}  // namespace writ::net
