// http.send: over the network that the query was given, to the hosts that it may reach.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "policy/builtins/families.h"
#include "policy/builtins/hosts.h"
#include "policy/builtins/http_request.h"
#include "policy/builtins/object_builder.h"
#include "policy/builtins/time_layout.h"
#include "policy/term/json.h"
#include "policy/term/number.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

constexpr std::int64_t kMostRetries = 10;
constexpr std::chrono::milliseconds kLongestTimeout{60'000};

// Certificates and keys of the client belong to the network's own configuration: a policy must
// not read files and environment variables of the host through them.
constexpr std::string_view kRefused[] = {
    "tls_ca_cert",     "tls_ca_cert_env_variable",     "tls_ca_cert_file",
    "tls_client_cert", "tls_client_cert_env_variable", "tls_client_cert_file",
    "tls_client_key",  "tls_client_key_env_variable",  "tls_client_key_file",
    "tls_server_name"};

struct Wanted {
  HttpRequest request;
  std::int64_t retries = 0;
  bool force_json = false;
  std::int64_t cache_seconds = 0;  // force_cache
  bool may_cache = false;
};

std::unexpected<Error> bad(std::string message) {
  return fail(Code::invalid_input, std::move(message));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}
std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  });
  return out;
}

Result<bool> read_flag(const Term& request, std::string_view name) {
  const Term* const value = request.find(name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) return bad(fmt::format("invalid value for \"{}\" field", name));
  return value->as_boolean();
}

Result<std::string> read_text(const Term& request, std::string_view name) {
  const Term* const value = request.find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return bad(fmt::format("\"{}\" must be a string", name));
  return std::string(value->text());
}

Result<std::int64_t> read_count(const Term& request, std::string_view name, std::int64_t most) {
  const Term* const value = request.find(name);
  if (value == nullptr) return 0;
  const auto count = value->is_number() ? to_int64(*value) : std::nullopt;
  if (!count || *count < 0) {
    return bad(fmt::format("invalid value {} for field \"{}\"", to_rego(*value), name));
  }
  return std::min(*count, most);
}

// Nanoseconds as a number or as text, or a duration like "5s".
Result<std::chrono::milliseconds> read_timeout(const Term& request) {
  const Term* const value = request.find("timeout");
  if (value == nullptr) return std::chrono::milliseconds(5000);
  std::optional<std::int64_t> ns;
  if (value->is_number()) {
    ns = to_int64(*value);
    if (!ns) return bad("invalid timeout number value " + to_rego(*value) + ", must be int64");
  } else if (value->is_string()) {
    const std::string_view text = value->text();
    std::int64_t plain = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), plain);
    if (error == std::errc() && end == text.data() + text.size()) {
      ns = plain;
    } else {
      const auto duration = parse_duration(text);
      if (!duration) {
        return bad(
            fmt::format("invalid timeout value {}: {}", to_rego(*value), duration.error().message));
      }
      ns = *duration;
    }
  } else {
    return bad("'timeout' must be one of {string, number} but got " +
               std::string(kind_name(value->kind())));
  }
  const auto wanted = std::chrono::milliseconds(*ns / 1'000'000);
  // Zero means no timeout in OPA; a policy never waits without end here.
  if (wanted <= std::chrono::milliseconds(0)) return kLongestTimeout;
  return std::min(wanted, kLongestTimeout);
}

Result<void> read_headers(const Term& request, HttpRequest& out) {
  const Term* const headers = request.find("headers");
  if (headers == nullptr) return {};
  if (!headers->is_object()) return bad("invalid type for headers key");
  for (std::size_t i = 0; i < headers->size(); ++i) {
    const Term& name = headers->keys()[i];
    const Term& value = headers->values()[i];
    if (!name.is_string() || !value.is_string()) {
      return bad(fmt::format("invalid type for headers value {}", to_rego(value)));
    }
    const auto breaks_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    if (std::ranges::any_of(name.text(), breaks_line) ||
        std::ranges::any_of(value.text(), breaks_line)) {
      return bad(fmt::format("invalid header field {}", to_rego(name)));
    }
    out.headers.emplace_back(name.text(), value.text());
  }
  return {};
}

Result<Wanted> read_request(const Term& request) {
  Wanted out;
  for (const std::string_view name : kRefused) {
    if (request.find(name) != nullptr) {
      return bad(
          fmt::format("\"{}\" is not supported: certificates are configured with the "
                      "network, not by policies",
                      name));
    }
  }
  WRIT_TRY(const std::string method, read_text(request, "method"));
  WRIT_TRY(out.request.url, read_text(request, "url"));
  WRIT_CHECK(read_text(request, "raw_body"));
  out.request.method = upper(method);
  out.request.body = http_body(request);
  WRIT_CHECK(read_headers(request, out.request));
  WRIT_TRY(out.request.timeout, read_timeout(request));
  WRIT_TRY(out.request.follow_redirects, read_flag(request, "enable_redirect"));
  WRIT_TRY(const bool insecure, read_flag(request, "tls_insecure_skip_verify"));
  out.request.verify_tls = !insecure;
  WRIT_TRY(out.force_json, read_flag(request, "force_json_decode"));
  WRIT_TRY(out.retries, read_count(request, "max_retry_attempts", kMostRetries));
  WRIT_TRY(out.may_cache, read_flag(request, "cache"));
  WRIT_TRY(const bool force_cache, read_flag(request, "force_cache"));
  if (force_cache) {
    if (request.find("force_cache_duration_seconds") == nullptr) {
      return bad("'force_cache' set but 'force_cache_duration_seconds' parameter is missing");
    }
    WRIT_TRY(out.cache_seconds, read_count(request, "force_cache_duration_seconds", 86'400));
  }
  return out;
}

std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (lower(key) == name) return value;
  }
  return {};
}

bool is_json(const HttpResponse& response) {
  std::string type = lower(header(response, "content-type"));
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

Term response_term(Arena& arena, const HttpResponse& response, bool force_json) {
  Term body = Term::null();
  if (force_json || is_json(response)) {
    if (const auto json = parse_json(arena, response.body)) body = *json;
  }
  std::map<std::string, std::vector<Term>> by_name;
  for (const auto& [name, value] : response.headers) {
    by_name[lower(name)].push_back(make_string(arena, value));
  }
  std::vector<Member> headers;
  headers.reserve(by_name.size());
  for (const auto& [name, values] : by_name) {
    headers.push_back({make_string(arena, name), make_array(arena, values)});
  }
  ObjectBuilder out(arena);
  return out.add("status", std::string_view(response.status_text))
      .add("status_code", Term::integer(response.status))
      .add("body", body)
      .add("raw_body", std::string_view(response.body))
      .add("headers", make_object(arena, std::move(headers)))
      .build();
}

// A response that was kept for later queries of this thread.
struct Kept {
  HttpResponse response;
  std::int64_t until_ns = 0;
};

// How long the response may be kept, by the request's wish or by Cache-Control.
std::int64_t seconds_to_keep(const Wanted& wanted, const HttpResponse& response) {
  static constexpr int kCacheable[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
  if (std::ranges::find(kCacheable, response.status) == std::end(kCacheable)) return 0;
  if (wanted.cache_seconds > 0) return wanted.cache_seconds;
  const std::string control = lower(header(response, "cache-control"));
  if (!wanted.may_cache || control.contains("no-store")) return 0;
  const std::size_t at = control.find("max-age=");
  if (at == std::string::npos) return 0;
  std::int64_t seconds = 0;
  std::from_chars(control.data() + at + 8, control.data() + control.size(), seconds);
  return std::clamp<std::int64_t>(seconds, 0, 86'400);
}

struct Failure {
  bool is_network = false;
  std::string message;
};

std::expected<HttpResponse, Failure> send(Call& call, const Wanted& wanted) {
  const Services& services = call.services();
  const std::string host = host_of_url(wanted.request.url);
  if (host.empty()) {
    return std::unexpected(Failure{false, "unsupported URL: " + wanted.request.url});
  }
  if (!may_reach(services, host)) return std::unexpected(Failure{false, unallowed(host)});
  if (services.network == nullptr) {
    return std::unexpected(Failure{false, "network is not available"});
  }
  for (std::int64_t attempt = 0;; ++attempt) {
    auto response = services.network->send(wanted.request);
    if (response) return *std::move(response);
    if (attempt == wanted.retries || !call.keep_going()) {
      return std::unexpected(Failure{true, response.error().message});
    }
  }
}

std::expected<HttpResponse, Failure> send_or_recall(Call& call, const Wanted& wanted) {
  if (!wanted.may_cache && wanted.cache_seconds == 0) return send(call, wanted);
  // The whole request is the key, so that no answer is given to another question.
  const std::string key = to_json(call.arg(0));
  const auto slot = call.cached<std::shared_ptr<Kept>>("http.send", key, [] {
    return std::make_shared<const std::shared_ptr<Kept>>(std::make_shared<Kept>());
  });
  Kept& kept = **slot;
  if (kept.until_ns > call.now_ns()) return kept.response;
  auto response = send(call, wanted);
  if (!response) return response;
  const std::int64_t seconds = seconds_to_keep(wanted, *response);
  if (seconds > 0) kept = {*response, call.now_ns() + seconds * 1'000'000'000};
  return response;
}

Term failure_term(Arena& arena, const Failure& failure) {
  ObjectBuilder error(arena);
  error.add("code",
            failure.is_network ? "eval_http_send_network_error" : "eval_http_send_internal_error");
  error.add("message", std::string_view(failure.message));
  ObjectBuilder out(arena);
  return out.add("status_code", Term::integer(0)).add("error", error.build()).build();
}

Outcome http_send(Call& call) {
  const Term& request = call.arg(0);
  const Term* const raise = request.find("raise_error");
  if (raise != nullptr && !raise->is_boolean()) {
    return call.error("invalid value for raise_error field");
  }
  const bool raises = raise == nullptr || raise->as_boolean();
  if (const auto problem = check_http_request(call.arena(), request)) {
    if (raises) return call.bad_operand(0, *problem);
    return failure_term(call.arena(), {false, "http.send: operand 1 " + *problem});
  }
  const auto wanted = read_request(request);
  const auto response = wanted ? send_or_recall(call, *wanted)
                               : std::expected<HttpResponse, Failure>(
                                     std::unexpected(Failure{false, wanted.error().message}));
  if (response) return response_term(call.arena(), *response, wanted->force_json);
  if (raises) return call.error(response.error().message);
  return failure_term(call.arena(), response.error());
}

constexpr Builtin kHttp[] = {
    {"http.send", "(request: object[string: any]) => (response: object[any: any])", &http_send,
     Trait::nondeterministic},
};

}  // namespace

std::span<const Builtin> http_builtins() { return kHttp; }

}  // namespace writ::rego
