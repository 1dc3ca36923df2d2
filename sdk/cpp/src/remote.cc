#include <writ/sdk/remote.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "convert.h"
#include "net/client.h"
#include "net/url.h"
#include "policy/term/arena.h"
#include "policy/term/json.h"

namespace writ::sdk {
namespace {

using rego::Term;

constexpr std::string_view kUnix = "unix:";

struct Meaning {
  int status;
  ErrorCode code;
};
// What is not here: below 500 invalid_input, above internal. 500 with problems is `evaluation`.
constexpr Meaning kMeanings[] = {
    {401, ErrorCode::not_permitted}, {403, ErrorCode::not_permitted}, {408, ErrorCode::timed_out},
    {429, ErrorCode::unavailable},   {502, ErrorCode::unavailable},   {503, ErrorCode::unavailable},
    {504, ErrorCode::timed_out},
};

std::string text_of(const Term& object, std::string_view key) {
  const Term* const member = object.is_object() ? object.find(key) : nullptr;
  return member != nullptr && member->is_string() ? std::string(member->text()) : std::string();
}

unsigned number_of(const Term& object, std::string_view key) {
  const Term* const member = object.is_object() ? object.find(key) : nullptr;
  const bool is_number = member != nullptr && member->is_small_integer();
  return is_number ? static_cast<unsigned>(member->as_small_integer()) : 0;
}

// OPA's {"code": …, "message": …, "location": {…}}
Problem problem_of(const Term& row) {
  Problem out{.code = text_of(row, "code"), .message = text_of(row, "message"), .file = {}};
  const Term* const location = row.is_object() ? row.find("location") : nullptr;
  if (location == nullptr) return out;
  out.file = text_of(*location, "file");
  out.row = number_of(*location, "row");
  out.column = number_of(*location, "col");
  return out;
}

Error refusal(const net::Response& response) {
  const int status = response.status;
  Error error = make_error(status >= 500 ? ErrorCode::internal : ErrorCode::invalid_input, "");
  for (const Meaning& row : kMeanings) {
    if (row.status == status) error.code = row.code;
  }
  error.http_status = status;
  rego::Arena arena;
  const auto body = rego::parse_json(arena, response.body);
  if (body) {
    error.message = text_of(*body, "message");
    const Term* const rows = body->is_object() ? body->find("errors") : nullptr;
    const bool is_list = rows != nullptr && rows->is_array();
    for (std::size_t i = 0; is_list && i < rows->size(); ++i) {
      error.problems.push_back(problem_of(rows->items()[i]));
    }
  }
  if (status == 500 && !error.problems.empty()) error.code = ErrorCode::evaluation;
  if (error.message.empty()) {
    error.message = "the server answered " + std::to_string(status) + " " +
                    std::string(net::reason_phrase(status));
  }
  return error;
}

Result<Decision> decision_of(const net::Response& response) {
  if (response.status != 200) return std::unexpected(refusal(response));
  rego::Arena arena;
  const auto body = rego::parse_json(arena, response.body);
  if (!body || !body->is_object()) {
    Error error = make_error(ErrorCode::internal, "the server's answer is no JSON object");
    error.http_status = response.status;
    return std::unexpected(std::move(error));
  }
  Decision out;
  out.id = text_of(*body, "decision_id");
  if (const Term* const result = body->find("result")) out.result = value_of(*result);
  return out;
}

// Pauses and attempts are bounded by the call's time; a server that says of a policy that it fails
// is not a server that fails, so there is no breaker.
net::ClientOptions client_options(const RemoteOptions& options) {
  net::ClientOptions out;
  out.idle_per_origin = options.connections;
  out.attempts = std::max(1u, options.attempts);
  out.backoff = std::chrono::milliseconds(50);
  out.backoff_limit = std::chrono::milliseconds(1'000);
  out.breaker_failures = std::numeric_limits<unsigned>::max();
  out.ca_file = options.ca_file;
  return out;
}

// False when the system has no more threads: those that are there do it all.
template <typename Work>
bool started(std::vector<std::jthread>& threads, const Work& work) {
  try {
    threads.emplace_back(work);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace

class RemoteDecider::Impl {
 public:
  explicit Impl(RemoteOptions options)
      : options_(std::move(options)), client_(clock_, random_, client_options(options_)) {
    while (options_.url.ends_with('/')) options_.url.pop_back();
    const bool is_socket = options_.url.starts_with(kUnix) &&
                           options_.url.find(':', kUnix.size()) == std::string::npos;
    if (is_socket) options_.url += ':';
    fields_ = options_.headers;
    fields_.emplace_back("Content-Type", "application/json");
    if (!options_.token.empty()) {
      fields_.emplace_back("Authorization", "Bearer " + options_.token);
    }
  }

  Result<void> check() const {
    const auto url = net::parse_url(options_.url + "/v1/data");
    if (!url) return std::unexpected(to_error(url.error()));
    return {};
  }

  Result<Decision> decide(const std::string& url, const Value& input,
                          const DecideOptions& options) {
    rego::Arena arena;
    const auto term = term_of(arena, input);
    if (!term) return std::unexpected(term.error());
    net::Call call;
    call.method = net::Method::POST;
    call.url = url;
    call.fields = fields_;
    call.body = "{\"input\":";
    rego::append_json(call.body, *term);
    call.body += '}';
    call.total_time = std::max(options.time_limit, std::chrono::milliseconds(1));
    call.timeout = call.total_time;
    call.response_limit = options_.response_limit;
    call.is_repeatable = true;  // a decision changes nothing
    const auto response = client_.send(call, options.stop);
    if (!response) return std::unexpected(to_error(response.error()));
    return decision_of(*response);
  }

  std::vector<Result<Decision>> decide_all(const std::string& url, std::span<const Value> inputs,
                                           const DecideOptions& options) {
    std::vector<Result<Decision>> out(inputs.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < inputs.size(); i = next++) {
        out[i] = decide(url, inputs[i], options);
      }
    };
    {
      const std::size_t others =
          std::min(std::max<std::size_t>(options_.connections, 1), inputs.size());
      std::vector<std::jthread> threads;
      while (threads.size() + 1 < others && started(threads, work)) {
      }
      work();
    }
    return out;
  }

  Result<std::string> url_of(std::string_view path) const {
    const auto segments = parse_path(path);
    if (!segments) return std::unexpected(segments.error());
    std::string url = options_.url + "/v1/data";
    for (const std::string& segment : *segments) url += "/" + net::percent_encode(segment);
    return url;
  }

 private:
  RemoteOptions options_;
  SystemClock clock_;
  SystemRandom random_;
  net::Client client_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

RemoteDecider::RemoteDecider(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RemoteDecider::~RemoteDecider() = default;

Result<std::unique_ptr<RemoteDecider>> RemoteDecider::open(RemoteOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (const auto checked = impl->check(); !checked) return std::unexpected(checked.error());
  return std::unique_ptr<RemoteDecider>(new RemoteDecider(std::move(impl)));
}

Result<Decision> RemoteDecider::decide(std::string_view path, const Value& input,
                                       const DecideOptions& options) const {
  const auto url = impl_->url_of(path);
  if (!url) return std::unexpected(url.error());
  return impl_->decide(*url, input, options);
}

std::vector<Result<Decision>> RemoteDecider::decide_all(std::string_view path,
                                                        std::span<const Value> inputs,
                                                        const DecideOptions& options) const {
  const auto url = impl_->url_of(path);
  if (!url) return {inputs.size(), Result<Decision>(std::unexpected(url.error()))};
  return impl_->decide_all(*url, inputs, options);
}

}  // namespace writ::sdk
