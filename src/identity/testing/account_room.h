#pragma once
// A store with a ledger and the tables of accounts, a journal and a clock that stands, for tests
// of what happens to accounts.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "crypto/base32.h"
#include "crypto/totp.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/api_keys.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/refresh_tokens.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/settings.h"
#include "identity/accounts/users.h"
#include "identity/federation/linked_identities.h"
#include "identity/federation/sign_in_trips.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/oauth/delegations.h"
#include "identity/oauth/revocations.h"
#include "identity/principals.h"
#include "identity/testing/counting_passwords.h"
#include "identity/upkeep.h"
#include "ledger/testing/sample.h"
#include "store/testing/fake_clock.h"

namespace writ::identity {

// A principal's or session's id that tests know by its number.
template <typename T>
T numbered(std::uint8_t last) {
  T out;
  out.uuid.bytes[15] = last;
  return out;
}

class AccountRoom {
 public:
  // Of every user that is added.
  static inline const std::string kPassword = "violet harbour 71 lamps";

  explicit AccountRoom(const std::string& url = "memory:") {
    auto opened = store::open(url, {.clock = &clock});
    EXPECT_TRUE(opened) << opened.error().text();
    store = *std::move(opened);
    for (const auto& migrations :
         {ledger::ledger_migrations(), principal_migrations(), user_migrations(),
          session_migrations(), refresh_migrations(), one_time_migrations(), lockout_migrations(),
          mail_migrations(), settings_migrations(), factor_migrations(), api_key_migrations(),
          revocation_migrations(), delegation_migrations(), linked_identity_migrations(),
          trip_migrations(), application_migrations(), authorization_migrations(),
          upkeep_migrations()}) {
      const auto done = store->migrate(migrations, store::DryRun::no);
      EXPECT_TRUE(done) << done.error().text();
    }
    auto log = ledger::Ledger::open(*store, clock, random, {.origin = "example.org/log"});
    EXPECT_TRUE(log) << log.error().text();
    ledger = *std::move(log);
    journal = std::make_unique<Journal>(*ledger, "writ:project/sample", clock, random);
    keks.push_back(
        crypto::make_kek("test", crypto::SecretBytes::copy_of(std::string(32, 'k'))).value());
  }

  AccountParts parts() { return {*store, *journal, clock, random, passwords, keks}; }

  Deed deed() { return {.journal = *journal, .actor = "principal:tester"}; }
  WallTime now() const { return clock.wall(); }
  WallTime in(std::chrono::seconds time) const {
    return {clock.wall().micros + std::chrono::microseconds(time).count()};
  }

  // "ok" or the error's text, of a change that is given the transaction and a deed.
  template <typename F>
  std::string attempt(F&& change) {
    const auto done = store->write([&](store::Tx& tx) { return change(tx, deed()); });
    return done ? "ok" : done.error().text();
  }
  // The value of a change, which must succeed.
  template <typename F>
  auto make(F&& change) {
    auto done = store->write([&](store::Tx& tx) { return change(tx, deed()); });
    EXPECT_TRUE(done) << done.error().text();
    return *std::move(done);
  }
  template <typename F>
  auto look(F&& question) {
    auto done = store->read([&](store::Tx& tx) { return question(tx); });
    EXPECT_TRUE(done) << done.error().text();
    return *std::move(done);
  }

  User add_user(std::uint8_t last, const std::string& email, bool is_superuser = false) {
    return make([&](store::Tx& tx, const Deed& by) {
      return create_user(tx,
                         {.id = numbered<PrincipalId>(last),
                          .email = email,
                          .password = "hashed:" + kPassword,
                          .is_superuser = is_superuser},
                         by);
    });
  }

  // A session of that user, signed in now; ends after an hour without a sign of life, or a day.
  Session add_session(std::uint8_t last, PrincipalId principal) {
    Session session;
    session.id = numbered<SessionId>(last);
    session.principal = principal;
    session.authenticated_at = session.seen_at = now();
    session.idle = std::chrono::hours(1);
    session.expires_at = in(std::chrono::hours(24));
    session.peer = "192.0.2.1";
    session.agent = "test";
    return make([&](store::Tx& tx, const Deed& by) { return open_session(tx, session, by); });
  }

  // An API key of the person's own.
  ApiKey add_key(const std::string& id, PrincipalId principal) {
    const ApiKey key{.id = id,
                     .environment = "live",
                     .principal = principal,
                     .sponsor = principal,
                     .purpose = "build",
                     .created_at = now()};
    EXPECT_EQ(attempt([&](store::Tx& tx, const Deed& by) { return put_api_key(tx, key, by); }),
              "ok");
    return key;
  }
  // Switches a second factor on, with the recovery code AAAA-BBBB; its seed. Half a minute passes,
  // so that the device shows a code that was not used.
  std::string add_factor(const User& user) {
    const FactorSeed seed = make_factor_seed(keks.front(), user.id, user.email).value();
    EXPECT_EQ(
        attempt([&](store::Tx& tx, const Deed&) { return put_pending_factor(tx, user.id, seed); }),
        "ok");
    const std::string bytes{crypto::parse_base32(seed.secret)->view()};
    EXPECT_TRUE(make([&](store::Tx& tx, const Deed& by) {
      return confirm_factor(tx, keks, user.id, code_of(bytes), {"AAAA-BBBB"}, by);
    }));
    clock.pass(std::chrono::seconds(30));
    return bytes;
  }
  std::string code_of(const std::string& seed) const {
    const crypto::TotpRules rules;
    return crypto::totp_code(seed, crypto::totp_step(now(), rules), rules);
  }
  // "sessions keys factor" that the person has.
  std::string holds(PrincipalId user) {
    return look([&](store::Tx& tx) -> Result<std::string> {
      WRIT_TRY(const auto sessions, list_sessions(tx, user, now()));
      WRIT_TRY(const auto keys, list_api_keys(tx, user));
      WRIT_TRY(const Factor factor, find_factor(tx, user));
      return std::to_string(sessions.size()) + ' ' + std::to_string(keys.size()) +
             (factor.state == FactorState::on ? " on" : " none");
    });
  }

  // "type subject payload" of every event so far, in order.
  std::vector<std::string> events() {
    EXPECT_TRUE(ledger->sequence());
    const auto listed = ledger->list({.limit = 1000});
    EXPECT_TRUE(listed) << listed.error().text();
    std::vector<std::string> out;
    for (const ledger::Event& event : *listed) {
      out.push_back(event.entry.type + ' ' + event.entry.subject + ' ' + event.entry.payload);
    }
    return out;
  }
  std::string last_event() {
    const auto all = events();
    return all.empty() ? "(none)" : all.back();
  }

  store::FakeClock clock;
  FakeRandom random;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Journal> journal;
  CountingPasswords passwords;
  std::vector<crypto::KeyEncryptionKey> keks;
};

}  // namespace writ::identity
