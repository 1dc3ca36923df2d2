#include "server/auth/auth_service.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/id.h"
#include "identity/accounts/account_secrets.h"
#include "identity/accounts/pooled_passwords.h"
#include "identity/accounts/postman.h"
#include "identity/accounts/settings.h"
#include "identity/upkeep.h"
#include "server/api/peer.h"

namespace writ::server {
namespace {

using namespace std::chrono_literals;

class OpenService final : public AuthService {
 public:
  OpenService(const AuthNeeds& needs, AuthOptions options, identity::ServerSecrets secrets,
              crypto::PasswordHasher hasher)
      : options_(std::move(options)),
        secrets_(std::move(secrets)),
        hasher_(std::move(hasher)),
        pool_(hasher_, {.queue_limit = options_.hash_queue}),
        passwords_(pool_),
        mailer_(needs.mailer == nullptr ? make_mailer(options_, needs) : nullptr),
        parts_{needs.store, needs.journal, needs.clock,   needs.random,
               passwords_,  secrets_.keks, &needs.machine},
        postman_(parts_, needs.mailer != nullptr ? *needs.mailer : *mailer_,
                 {.public_url = options_.public_url,
                  .first_pause = options_.mail_pause,
                  .metrics = needs.metrics,
                  .log = needs.log}) {}

  Result<void> start() {
    WRIT_TRY(keys_, identity::TokenKeys::open(parts_.store, secrets_.keks, parts_.clock));
    tokens_ = std::make_unique<identity::AccessTokens>(
        *keys_, parts_.clock,
        identity::TokenRules{.issuer = options_.public_url, .audience = options_.public_url});
    upkeep_ = std::make_unique<identity::Upkeep>(parts_.store, parts_.journal, *keys_);
    if (!options_.delivers_by_itself) return {};
    postman_thread_ = std::jthread([this](const std::stop_token& stop) { deliver_until(stop); });
    keys_thread_ = std::jthread([this](const std::stop_token& stop) { refresh_until(stop); });
    upkeep_thread_ = std::jthread([this](const std::stop_token& stop) { keep_up_until(stop); });
    return {};
  }

  const identity::AccountParts& parts() const override { return parts_; }
  const AuthOptions& options() const override { return options_; }
  identity::AccessTokens& tokens() override { return *tokens_; }
  identity::TokenKeys& keys() override { return *keys_; }

  Result<void> deliver() override { return deliver({}); }

  Result<std::chrono::microseconds> keep_up() override {
    WRIT_TRY(const identity::UpkeepTurn turn, upkeep_->take_turn());
    return turn.wait;
  }

  void post() override {
    {
      const std::lock_guard lock(mutex_);
      is_awaited_ = true;
    }
    changed_.notify_one();
  }

 private:
  static std::unique_ptr<identity::Mailer> make_mailer(const AuthOptions& options,
                                                       const AuthNeeds& needs) {
    if (options.smtp) return std::make_unique<SmtpMailer>(*options.smtp, needs.clock);
    return std::make_unique<identity::OutboxMailer>(options.outbox, needs.clock, needs.random);
  }

  Result<void> deliver(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      WRIT_TRY(const bool there_was_one, postman_.deliver_one(stop));
      if (!there_was_one) break;
    }
    return postman_.count_waiting();
  }

  // A mail server may keep the postman waiting; nobody else waits for it.
  void refresh_until(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      (void)keys_->refresh();
      std::unique_lock lock(keys_mutex_);
      keys_wake_.wait_for(lock, stop, 1s, [] { return false; });
    }
  }

  // What the store refuses now is due again later: the wishes stay where they are.
  void deliver_until(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      (void)deliver(stop);
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, 1s, [this] { return is_awaited_; });
      is_awaited_ = false;
    }
  }

  // At least once a minute: another server may have died with a task.
  void keep_up_until(const std::stop_token& stop) {
    constexpr std::chrono::microseconds kShortest = 1s;
    constexpr std::chrono::microseconds kLongest = 1min;
    while (!stop.stop_requested()) {
      const auto wait = keep_up();
      std::unique_lock lock(upkeep_mutex_);
      upkeep_wakes_.wait_for(lock, stop, std::clamp(wait.value_or(kLongest), kShortest, kLongest),
                             [] { return false; });
    }
  }

  const AuthOptions options_;
  const identity::ServerSecrets secrets_;
  const crypto::PasswordHasher hasher_;
  identity::PasswordPool pool_;
  identity::PooledPasswords passwords_;
  const std::unique_ptr<identity::Mailer> mailer_;  // null: one was given
  const identity::AccountParts parts_;
  identity::Postman postman_;
  std::unique_ptr<identity::TokenKeys> keys_;
  std::unique_ptr<identity::AccessTokens> tokens_;
  std::unique_ptr<identity::Upkeep> upkeep_;
  std::mutex upkeep_mutex_;  // guards nothing: what its thread waits with
  std::condition_variable_any upkeep_wakes_;
  std::mutex keys_mutex_;  // likewise
  std::condition_variable_any keys_wake_;
  std::mutex mutex_;  // of the following
  std::condition_variable_any changed_;
  bool is_awaited_ = false;
  std::jthread postman_thread_;  // last: they end before the rest
  std::jthread keys_thread_;
  std::jthread upkeep_thread_;
};

}  // namespace

Result<std::shared_ptr<AuthService>> AuthService::open(const AuthNeeds& needs,
                                                       AuthOptions options) {
  std::ranges::sort(options.session_scopes);
  WRIT_TRY(auto secrets, identity::load_account_secrets(needs.store, options.secrets));
  std::vector<crypto::Pepper> peppers;
  for (const crypto::Pepper& one : secrets.peppers) {
    peppers.push_back({one.id, crypto::SecretBytes::copy_of(one.key.view())});
  }
  WRIT_TRY(auto hasher, crypto::PasswordHasher::create(options.hash_work, std::move(peppers)));
  auto service = std::make_shared<OpenService>(needs, std::move(options), std::move(secrets),
                                               std::move(hasher));
  WRIT_CHECK(service->start());
  return service;
}

Result<AuthService::Issued> AuthService::issue(const identity::Session& session) {
  WRIT_TRY(const auto settings,
           parts().store.read([](store::Tx& tx) { return identity::read_settings(tx); }));
  const auto now = identity::to_seconds(parts().clock.wall());
  identity::AccessClaims claims;
  claims.subject = session.principal.text();
  claims.client_id = kOwnClient;
  claims.audience = {options().public_url};
  claims.token_id = Uuid::v7(parts().clock, parts().random).text();
  claims.session = session.id.text();
  claims.epoch = session.epoch;
  claims.issued_at = now;
  claims.expires_at = std::min(now + std::chrono::seconds(settings.access_token_seconds),
                               identity::to_seconds(session.expires_at));
  claims.authenticated_at = proof_time_of(session);
  claims.methods = methods_of(session);
  const std::int64_t expires_in = (claims.expires_at - now).count();
  Issued out{.token = {}, .expires_in = expires_in};
  WRIT_TRY(out.token, tokens().issue(std::move(claims)));
  return out;
}

std::vector<std::string> methods_of(const identity::Session& session) {
  std::vector<std::string> out;
  if (session.method == identity::SignInMethod::password) out.emplace_back("pwd");
  if (session.has_second_factor) {
    out.emplace_back("mfa");
    out.emplace_back("otp");
  }
  return out;
}

std::optional<identity::Seconds> proof_time_of(const identity::Session& session) {
  if (session.authenticated_at == WallTime{}) return std::nullopt;
  return identity::to_seconds(session.authenticated_at);
}

identity::ScopeRules AuthService::scope_rules() const {
  return {.own_client = kOwnClient,
          .session_scopes = options().session_scopes,
          .reserved_scopes = options().reserved_scopes};
}

identity::Asker AuthService::asker_of(const Call& call) const {
  const std::string peer =
      counted_peer(call.context.peer, call.request.fields, options().trusted_proxies);
  return {.network = peer.empty() ? std::string("unix") : peer,
          .agent = std::string(call.request.fields.value_or("User-Agent", "")),
          .trace = std::string(call.trace),
          .wait = {.stop = call.context.stop, .deadline = call.context.deadline}};
}

identity::Deed AuthService::deed_of(const Call& call) const {
  return parts().deed(call.caller != nullptr ? call.caller->event_actor() : std::string("system"),
                      std::string(call.trace));
}

Binding bind(const std::shared_ptr<AuthService>& service, std::string_view operation,
             AuthFunction function) {
  return {operation,
          Operation([service, function](const Call& call) { return function(*service, call); })};
}

}  // namespace writ::server
