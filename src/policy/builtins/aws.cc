// providers.aws.sign_req: AWS Signature Version 4 in the Authorization header.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "policy/builtins/families.h"
#include "policy/builtins/http_request.h"
#include "policy/builtins/pkey.h"
#include "policy/builtins/time_layout.h"
#include "policy/builtins/url_parts.h"
#include "policy/term/json.h"
#include "policy/term/number.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

constexpr std::string_view kRequired[] = {"aws_access_key", "aws_region", "aws_secret_access_key",
                                          "aws_service"};
// Proxies may change them.
constexpr std::string_view kUnsigned[] = {"authorization", "user-agent", "x-amzn-trace-id"};

struct Signing {
  std::string method, body_hash;
  UrlParts url;
  std::string access_key, secret_key, region, service, session_token;
  Instant at;
};

std::string text_of(const Term& object, std::string_view name) {
  const Term* const value = object.find(name);
  return value != nullptr && value->is_string() ? std::string(value->text()) : std::string();
}

// Names of `required` for which `is_wrong` holds, as a set in Rego syntax; empty: there are none.
template <typename Wrong>
std::string listed(Arena& arena, std::span<const std::string_view> required, Wrong is_wrong) {
  std::vector<Term> names;
  for (const std::string_view name : required) {
    if (is_wrong(name)) names.push_back(borrow_string(name));
  }
  return names.empty() ? std::string() : to_rego(make_set(arena, names));
}

// False: the error has been prepared.
bool check_config(Call& call, const Term& config) {
  const std::string missing = listed(
      call.arena(), kRequired, [&](std::string_view name) { return config.find(name) == nullptr; });
  if (!missing.empty()) {
    call.bad_operand(1, "missing required AWS config parameters(s): " + missing);
    return false;
  }
  const std::string wrong = listed(call.arena(), kRequired, [&](std::string_view name) {
    return !config.find(name)->is_string();
  });
  if (!wrong.empty()) {
    call.bad_operand(1, "invalid values for required AWS config parameters(s): " + wrong);
    return false;
  }
  return true;
}

bool check_request(Call& call, const Term& request) {
  if (const auto problem = check_http_request(call.arena(), request)) {
    call.bad_operand(0, *problem);
    return false;
  }
  static constexpr std::string_view kTexts[] = {"method", "url"};
  const std::string wrong = listed(call.arena(), kTexts, [&](std::string_view name) {
    return !request.find(name)->is_string();
  });
  if (!wrong.empty()) {
    call.bad_operand(0, "invalid values for required request parameters(s): " + wrong);
    return false;
  }
  const Term* const headers = request.find("headers");
  if (headers == nullptr || headers->is_object()) return true;
  call.bad_operand(0, "must be object but got " + std::string(kind_name(headers->kind())));
  return false;
}

std::string hex_sha256(std::string_view text) { return to_hex(as_bytes(hash_digest(256, text))); }

using Headers = std::map<std::string, std::string>;  // by lower-case name

Headers aws_headers(const Signing& signing) {
  Headers out = {{"host", signing.url.host},
                 {"x-amz-date", format_time(signing.at, TimeZone::utc(), "20060102T150405Z")}};
  if (signing.service == "s3" || signing.service == "glacier") {
    out["x-amz-content-sha256"] = signing.body_hash;
  }
  if (!signing.session_token.empty()) out["x-amz-security-token"] = signing.session_token;
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

// The headers that are signed: AWS's own and the request's.
Headers signed_headers(const Term* request_headers, Headers own) {
  if (request_headers == nullptr) return own;
  for (std::size_t i = 0; i < request_headers->size(); ++i) {
    const Term& key = request_headers->keys()[i];
    const Term& value = request_headers->values()[i];
    if (!key.is_string()) continue;
    const std::string name = lower(key.text());
    if (std::ranges::find(kUnsigned, name) != std::end(kUnsigned)) continue;
    own[name] = value.is_string() ? std::string(value.text()) : std::string();
  }
  return own;
}

std::string authorization(const Signing& signing, const Headers& headers) {
  std::string canonical =
      signing.method + "\n" + signing.url.escaped_path() + "\n" + signing.url.query + "\n";
  std::string names;
  for (const auto& [name, value] : headers) {
    canonical += fmt::format("{}:{}\n", name, value);
    names += (names.empty() ? "" : ";") + name;
  }
  canonical += "\n" + names + "\n" + signing.body_hash;

  const std::string date = format_time(signing.at, TimeZone::utc(), "20060102");
  const std::string scope = date + "/" + signing.region + "/" + signing.service + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" +
                              format_time(signing.at, TimeZone::utc(), "20060102T150405Z") + "\n" +
                              scope + "\n" + hex_sha256(canonical);
  std::string key = "AWS4" + signing.secret_key;
  for (const std::string_view part :
       {std::string_view(date), std::string_view(signing.region), std::string_view(signing.service),
        std::string_view("aws4_request")}) {
    key = hmac_digest(256, key, part);
  }
  return fmt::format("AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={},Signature={}",
                     signing.access_key, scope, names,
                     to_hex(as_bytes(hmac_digest(256, key, to_sign))));
}

Term signed_request(Arena& arena, const Term& request, const Signing& signing) {
  const Term* const given = request.find("headers");
  const Headers own = aws_headers(signing);
  const std::string header = authorization(signing, signed_headers(given, own));
  std::vector<Member> members;
  for (std::size_t i = 0; given != nullptr && i < given->size(); ++i) {
    const Term& value = given->values()[i];
    members.push_back({given->keys()[i], value.is_string() ? value : borrow_string("")});
  }
  members.push_back({borrow_string("Authorization"), make_string(arena, header)});
  for (const auto& [name, value] : own) {
    members.push_back({make_string(arena, name), make_string(arena, value)});
  }
  return with_member(arena, request, borrow_string("headers"),
                     make_object(arena, std::move(members)));
}

Outcome sign_request(Call& call) {
  const Term& request = call.arg(0);
  const Term& config = call.arg(1);
  if (!check_config(call, config)) return call.failed();
  const Term& time = call.arg(2);
  const auto ns = time.is_small_integer() ? to_int64(time) : std::nullopt;
  if (!ns) {
    return call.bad_operand(2, "could not convert time_ns value into a unix timestamp");
  }
  if (!check_request(call, request)) return call.failed();
  const auto url = parse_url(text_of(request, "url"));
  if (!url) return call.error(url.error().message);
  const Term* const disable = config.find("disable_payload_signing");
  if (disable != nullptr && !disable->is_boolean()) {
    return call.bad_operand(1, "invalid value for 'disable_payload_signing' in AWS config");
  }
  const Signing signing{text_of(request, "method"),
                        disable != nullptr && disable->as_boolean()
                            ? "UNSIGNED-PAYLOAD"
                            : hex_sha256(http_body(request)),
                        *url,
                        text_of(config, "aws_access_key"),
                        text_of(config, "aws_secret_access_key"),
                        text_of(config, "aws_region"),
                        text_of(config, "aws_service"),
                        text_of(config, "aws_session_token"),
                        Instant::from_ns(*ns)};
  return signed_request(call.arena(), request, signing);
}

constexpr Builtin kAws[] = {
    {"providers.aws.sign_req",
     "(request: object[string: any], aws_config: object[string: any], time_ns: number) => "
     "(signed_request: object[any: any])",
     &sign_request},
};

}  // namespace

std::span<const Builtin> aws_builtins() { return kAws; }

}  // namespace writ::rego
