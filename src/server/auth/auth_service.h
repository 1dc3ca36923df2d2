#pragma once
// What the operations of accounts share: the parts of accounts on this server's store, the tokens
// it hands out, and the postman on a thread of his own.
//
// Thread-safe.
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/mail.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/users.h"
#include "identity/oauth/standing.h"
#include "identity/token/access_token.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/api/operation.h"
#include "server/auth/smtp_mailer.h"
#include "store/store.h"

namespace writ::server {

// The client of tokens that this server gives to people who sign in with it.
inline constexpr std::string_view kOwnClient = "writ";

struct AuthOptions {
  std::filesystem::path secrets;          // identity/server_secrets.h
  std::filesystem::path outbox;           // where letters go that no mail server takes
  std::optional<SmtpSettings> smtp = {};  // the mail server
  std::chrono::milliseconds mail_pause = std::chrono::minutes(1);  // PostmanOptions::first_pause
  // Where this server is reached, without a slash at the end: issuer and audience of its tokens,
  // the origin that browsers may send cookies from, the base of links in letters.
  std::string public_url = "http://127.0.0.1:8181";
  std::vector<std::string> trusted_proxies = {};
  // What a person's own session may be used for: every scope of the contract.
  std::vector<std::string> session_scopes = {};
  // Those among them that it takes a superuser for: who may register must not read every run by
  // that.
  std::vector<std::string> reserved_scopes = {};
  // Resources of others that tokens may be meant for besides this server (RFC 8707).
  std::vector<std::string> resources = {};
  // Threads of the service's own deliver letters and keep things up; without them `deliver` and
  // `keep_up` have to be called.
  bool delivers_by_itself = true;
  // For new hashes.
  crypto::HashWork hash_work = {};
  // Who may wait for a hash: fewer than there are threads that handle requests
  // (identity/password_pool.h).
  std::size_t hash_queue = 8;
};

struct AuthNeeds {
  // All is borrowed.
  store::Store& store;
  identity::Journal& journal;
  const Clock& clock;    // of the store (store/store_time.h)
  const Clock& machine;  // of this machine
  Random& random;
  identity::Mailer* mailer = nullptr;   // null: as the options say
  observe::Metrics* metrics = nullptr;  // null: nobody counts letters
  observe::Log* log = nullptr;          // null: nobody is told of letters that did not get out
};

class AuthService {
 public:
  // Errors: those of the secrets, of the token keys and of the store.
  static Result<std::shared_ptr<AuthService>> open(const AuthNeeds& needs, AuthOptions options);
  virtual ~AuthService() = default;

  virtual const identity::AccountParts& parts() const = 0;
  virtual const AuthOptions& options() const = 0;
  virtual identity::AccessTokens& tokens() = 0;
  virtual identity::TokenKeys& keys() = 0;
  // Delivers until no letter is due; what the postman's thread does every second and after `post`.
  virtual Result<void> deliver() = 0;
  // Does what is due now and then (identity/upkeep.h) and says when to come again; what a thread of
  // the service's own does.
  virtual Result<std::chrono::microseconds> keep_up() = 0;
  // There is a wish: wakes the postman. Never blocks.
  virtual void post() = 0;

  // An access token of the session, and its lifetime in seconds.
  struct Issued {
    std::string token;
    std::int64_t expires_in = 0;
  };
  Result<Issued> issue(const identity::Session& session);

  identity::ScopeRules scope_rules() const;
  identity::Asker asker_of(const Call& call) const;
  identity::Deed deed_of(const Call& call) const;
};

// How somebody signed in, in the words of RFC 8176.
std::vector<std::string> methods_of(const identity::Session& session);
// When they last proved who they are. Nothing: nobody says.
std::optional<identity::Seconds> proof_time_of(const identity::Session& session);

// A function of the service as an operation.
using AuthFunction = Result<net::Answer> (*)(AuthService& service, const Call& call);
Binding bind(const std::shared_ptr<AuthService>& service, std::string_view operation,
             AuthFunction function);

}  // namespace writ::server
