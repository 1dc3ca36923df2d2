#pragma once
// What an application asks of a person, as it stands in the query of /oauth/authorize (RFC 6749
// section 4.1.1, RFC 7636, RFC 8707; OpenID Connect Core section 3.1.2.1). Private to server/oauth.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/oauth/applications.h"

namespace writ::server {

enum class Prompt : std::uint8_t { usual, none, login, consent };

struct AuthorizationRequest {
  std::string query;  // as it was sent
  identity::ApplicationId application = {};
  std::string redirect_uri;
  std::string state;
  std::vector<std::string>
      scopes;  // sorted; all there are of the application's where none was said
  bool says_scopes = false;
  std::string challenge;
  std::string challenge_method;
  std::string response_type;
  std::string response_mode;
  std::string nonce;
  std::string target;  // empty: this server
  Prompt prompt = Prompt::usual;
  std::optional<std::int64_t> max_age = {};  // seconds, ten years at most
  // The first thing that the query has wrong besides, in OAuth's word and in ours; empty: nothing.
  std::string_view fault = {};
  std::string why = {};
};

// Errors: invalid_input (whom it comes from, or where the answer is to go, cannot be told: nobody
// is sent anywhere).
Result<AuthorizationRequest> read_authorization_request(std::string_view query);

// `uri` with these pairs behind what it has for a query.
std::string with_query(std::string_view uri,
                       const std::vector<std::pair<std::string_view, std::string_view>>& pairs);
// The same query without `max_age`, and of `prompt` at most `consent`: who it is was asked just
// now.
std::string after_sign_in(std::string_view query);
// "https://app.example.org:444", "com.example.app:", "http:" where the host is one that a policy
// cannot name (IPv6): what a page's form may lead to.
std::string source_of(std::string_view redirect_uri);

}  // namespace writ::server
