#include "server/oauth/authorization_request.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "crypto/pkce.h"
#include "identity/oauth/grants.h"
#include "net/http.h"

namespace writ::server {
namespace {

constexpr std::size_t kMaxText = 1024;
constexpr std::int64_t kMostAge = 10LL * 366 * 24 * 3600;

using Members = std::map<std::string, std::string, std::less<>>;

std::unexpected<Error> nowhere(const std::string& why) {
  return fail(Code::invalid_input, why, "Go back to the application and begin anew");
}

void blame(AuthorizationRequest& out, std::string_view fault, std::string why) {
  if (!out.fault.empty()) return;
  out.fault = fault;
  out.why = std::move(why);
}

std::string text_of(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string() : found->second;
}

void read_scopes(AuthorizationRequest& out, const std::string& text) {
  if (text.empty()) return;
  auto scopes = identity::parse_scope(text);
  if (!scopes) return blame(out, "invalid_scope", "scope is words with one space between");
  out.scopes = *std::move(scopes);
  out.says_scopes = true;
}

// Whether it is one of the words that a space parts.
bool says(const std::string& text, const std::string& word) {
  return (' ' + text + ' ').contains(' ' + word + ' ');
}

void read_prompt(AuthorizationRequest& out, const std::string& text) {
  if (text.empty()) return;
  if (text == "none") {
    out.prompt = Prompt::none;
  } else if (says(text, "none")) {
    blame(out, "invalid_request", "prompt=none stands alone");
  } else if (says(text, "login") || says(text, "select_account")) {
    out.prompt = Prompt::login;
  } else if (says(text, "consent")) {
    out.prompt = Prompt::consent;
  }
}

void read_max_age(AuthorizationRequest& out, const std::string& text) {
  if (text.empty()) return;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) {
    return blame(out, "invalid_request", "max_age is a number of seconds");
  }
  out.max_age = std::min(seconds, kMostAge);
}

void check_form(AuthorizationRequest& out, const Members& members) {
  if (members.contains("request") || members.contains("request_uri")) {
    blame(out, members.contains("request") ? "request_not_supported" : "request_uri_not_supported",
          "what is asked for stands in the query");
  }
  if (out.response_type != "code") {
    blame(out, "unsupported_response_type", "response_type is code");
  }
  if (!out.response_mode.empty() && out.response_mode != "query") {
    blame(out, "invalid_request", "response_mode is query");
  }
  if (const auto fit = crypto::check_pkce_challenge(out.challenge_method, out.challenge); !fit) {
    blame(out, "invalid_request", fit.error().message);
  }
}

}  // namespace

Result<AuthorizationRequest> read_authorization_request(std::string_view query) {
  const auto pairs = net::parse_query(query);
  if (!pairs) return nowhere("the link is broken");
  Members members;
  std::string twice;
  for (const auto& [name, value] : *pairs) {
    if (!members.emplace(name, value).second && twice.empty()) twice = name;
  }
  AuthorizationRequest out;
  out.query = query;
  const auto id = identity::ApplicationId::parse(text_of(members, "client_id"));
  if (!id || twice == "client_id")
    return nowhere("the link does not say which application it is of");
  out.application = *id;
  out.redirect_uri = text_of(members, "redirect_uri");
  if (out.redirect_uri.empty() || twice == "redirect_uri") {
    return nowhere("the link does not say where the answer is to go");
  }
  out.state = text_of(members, "state");
  out.nonce = text_of(members, "nonce");
  out.response_type = text_of(members, "response_type");
  out.response_mode = text_of(members, "response_mode");
  out.challenge = text_of(members, "code_challenge");
  out.challenge_method = text_of(members, "code_challenge_method");
  out.target = text_of(members, "resource");
  if (twice == "resource") {
    blame(out, "invalid_target", "a token is meant for one resource");
  } else if (!twice.empty()) {
    blame(out, "invalid_request", "a parameter is given more than once");
  }
  if (out.state.size() > kMaxText || out.nonce.size() > kMaxText) {
    blame(out, "invalid_request", "state and nonce have at most 1024 bytes");
  }
  check_form(out, members);
  read_scopes(out, text_of(members, "scope"));
  read_prompt(out, text_of(members, "prompt"));
  read_max_age(out, text_of(members, "max_age"));
  return out;
}

std::string with_query(std::string_view uri,
                       const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  std::string out(uri);
  char joint = uri.find('?') == uri.npos ? '?' : '&';
  for (const auto& [name, value] : pairs) {
    if (value.empty()) continue;
    out += joint;
    out.append(name).append("=").append(net::percent_encode(value));
    joint = '&';
  }
  return out;
}

namespace {

// What is left of a pair of the query when the person has signed in.
std::string_view left_of(std::string_view pair) {
  if (pair.starts_with("max_age=")) return {};
  if (!pair.starts_with("prompt=")) return pair;
  const auto read = net::parse_query(pair);
  const bool asks = read && !read->empty() && says(read->front().second, "consent");
  return asks ? "prompt=consent" : std::string_view();
}

}  // namespace

std::string after_sign_in(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = left_of(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    if (!out.empty()) out += '&';
    out += pair;
  }
  return out;
}

std::string source_of(std::string_view redirect_uri) {
  const std::size_t colon = redirect_uri.find(':');
  const std::string_view scheme = redirect_uri.substr(0, colon + 1);
  if (scheme != "https:" && scheme != "http:") return std::string(scheme);
  const std::size_t end =
      std::min(redirect_uri.find_first_of("/?", colon + 3), redirect_uri.size());
  const std::string source(redirect_uri.substr(0, end));
  if (source.find('[') != source.npos) return std::string(scheme);
  // It stands in a header field, among words: a host is letters, digits and a few signs.
  const bool is_plain = source.find_first_of(" ;,'\"") == source.npos;
  return is_plain ? source : std::string();
}

}  // namespace writ::server
