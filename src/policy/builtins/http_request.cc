#include "policy/builtins/http_request.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "policy/term/build.h"
#include "policy/term/json.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

constexpr std::string_view kKnown[] = {
    "body",
    "cache",
    "cache_ignored_headers",
    "caching_mode",
    "enable_redirect",
    "force_cache",
    "force_cache_duration_seconds",
    "force_json_decode",
    "force_yaml_decode",
    "headers",
    "max_retry_attempts",
    "method",
    "raise_error",
    "raw_body",
    "timeout",
    "tls_ca_cert",
    "tls_ca_cert_env_variable",
    "tls_ca_cert_file",
    "tls_client_cert",
    "tls_client_cert_env_variable",
    "tls_client_cert_file",
    "tls_client_key",
    "tls_client_key_env_variable",
    "tls_client_key_file",
    "tls_insecure_skip_verify",
    "tls_server_name",
    "tls_use_system_certs",
    "url",
};
constexpr std::string_view kRequired[] = {"method", "url"};

}  // namespace

std::optional<std::string> check_http_request(Arena& arena, const Term& request) {
  std::vector<Term> unknown, missing;
  for (const Term& key : request.keys()) {
    if (!key.is_string() || !std::ranges::binary_search(kKnown, key.text())) {
      unknown.push_back(key);
    }
  }
  if (!unknown.empty()) {
    return "invalid request parameters(s): " + to_rego(make_set(arena, std::move(unknown)));
  }
  for (const std::string_view name : kRequired) {
    if (request.find(name) == nullptr) missing.push_back(borrow_string(name));
  }
  if (missing.empty()) return std::nullopt;
  return "missing required request parameters(s): " + to_rego(make_set(arena, std::move(missing)));
}

std::string http_body(const Term& request) {
  if (const Term* const raw = request.find("raw_body")) {
    return raw->is_string() ? std::string(raw->text()) : std::string();
  }
  const Term* const body = request.find("body");
  return body == nullptr ? std::string() : to_json(*body, Escape::html);
}

}  // namespace writ::rego
