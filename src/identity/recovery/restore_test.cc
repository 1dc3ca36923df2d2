#include "identity/recovery/restore.h"

#include <gtest/gtest.h>

#include "crypto/base32.h"
#include "crypto/totp.h"
#include "identity/api_key.h"
#include "identity/graph/ai_providers.h"
#include "identity/graph/graph_links.h"
#include "identity/kv/entries.h"
#include "identity/rbac/access_control.h"
#include "identity/rbac/access_rows.h"
#include "identity/rbac/access_subject.h"
#include "identity/recovery/recovery_rows.h"
#include "identity/recovery/testing/recovery_room.h"
#include "store/testing/postgres_server.h"

namespace writ::identity {
namespace {

enum class Backend : std::uint8_t { memory, sqlite, postgresql };

const PrincipalId kRoot = numbered<PrincipalId>(1);
const PrincipalId kAda = numbered<PrincipalId>(2);
const PrincipalId kBea = numbered<PrincipalId>(3);

class RestoreTest : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (GetParam() == Backend::postgresql && !store::PostgresServer::missing().empty()) {
      GTEST_SKIP() << store::PostgresServer::missing();
    }
    room_ = std::make_unique<RecoveryRoom>(url());
    room_->add_user(1, "root@example.org", true);
    room_->add_user(2, "ada@example.org");
  }
  std::string url() {
    switch (GetParam()) {
      case Backend::memory:
        return "memory:";
      case Backend::sqlite:
        return "sqlite:" + directory_.file("writ.db");
      case Backend::postgresql: {
        auto& server = store::PostgresServer::shared();
        return server.url(server.make_database());
      }
    }
    return {};
  }
  std::string change(PrincipalId id, const UserChange& change) {
    return room_->attempt(
        [&](store::Tx& tx, const Deed& by) { return change_user(tx, id, change, by); });
  }
  std::string put(const Value& value) {
    const auto done = room_->make(
        [&](store::Tx& tx, const Deed& by) { return put_entry(tx, {"app", "k"}, value, {}, by); });
    return std::to_string(done.entry ? done.entry->revision : 0);
  }
  std::string email_of(PrincipalId id) {
    const auto user = room_->look([&](store::Tx& tx) { return find_user(tx, id); });
    return user ? user->email : "nobody";
  }
  std::uint64_t epoch_of(PrincipalId id) {
    const auto found = room_->look([&](store::Tx& tx) { return find_principal(tx, id); });
    return found ? found->epoch : 0;
  }
  std::string add_key(PrincipalId owner) {
    const NewApiKey key = make_api_key("live");
    EXPECT_EQ(room_->attempt([&](store::Tx& tx, const Deed& by) {
      ApiKey row;
      row.id = key.id;
      row.environment = "live";
      row.principal = row.sponsor = owner;
      row.purpose = "test";
      row.created_at = room_->now();
      row.stored = key.stored;
      return put_api_key(tx, row, by);
    }),
              "ok");
    return key.text;
  }
  bool is_good(const std::string& key) {
    return room_->look([&](store::Tx& tx) { return find_api_key(tx, key, room_->now()); })
        .has_value();
  }
  void revoke(PrincipalId owner, const std::string& key) {
    EXPECT_EQ(room_->attempt([&](store::Tx& tx, const Deed& by) {
      return revoke_api_key(tx, owner, std::string(parse_api_key(key)->id), by);
    }),
              "ok");
  }

  const store::TemporaryDirectory directory_;
  std::unique_ptr<RecoveryRoom> room_;
};

TEST_P(RestoreTest, ADryRunSaysWhatWouldChangeAndChangesNothing) {
  const Manifest backup = room_->back_up();
  EXPECT_EQ(change(kAda, {.email = "ada@example.net"}), "ok");
  room_->add_user(3, "bea@example.org");
  const std::size_t events = room_->events().size();
  const RestoreReport report = room_->put_back(backup.id, store::DryRun::yes);
  EXPECT_FALSE(report.is_applied);
  EXPECT_FALSE(report.snapshot.has_value());
  ASSERT_EQ(report.users.size(), 2u);
  EXPECT_EQ(report.users[0].email, "ada@example.org");
  EXPECT_EQ(report.users[0].fate, UserFate::changes);
  EXPECT_EQ(report.users[0].fields, std::vector<std::string>{"email"});
  EXPECT_EQ(report.users[1].email, "bea@example.org");
  EXPECT_EQ(report.users[1].fate, UserFate::goes);
  ASSERT_EQ(report.tables.size(), 3u);
  EXPECT_EQ(report.tables[0].table, "identity_principals");
  EXPECT_EQ(report.tables[0].before, 3u);
  EXPECT_EQ(report.tables[0].after, 2u);
  EXPECT_EQ(report.tables[0].changed, 1u);
  EXPECT_EQ(report.tables[0].removed, 1u);
  EXPECT_EQ(email_of(kAda), "ada@example.net");
  EXPECT_EQ(email_of(kBea), "bea@example.org");
  EXPECT_EQ(epoch_of(kAda), 1u);
  EXPECT_EQ(room_->events().size(), events);
}

TEST_P(RestoreTest, WhatWasThereIsThereAgainAndItsSnapshotUndoesIt) {
  EXPECT_EQ(put("then"), "1");
  const std::string key = add_key(kAda);
  const Manifest backup = room_->back_up();
  EXPECT_EQ(change(kAda, {.email = "ada@example.net", .is_superuser = true}), "ok");
  room_->add_user(3, "bea@example.org");
  EXPECT_EQ(put("now"), "2");
  const RestoreReport report = room_->put_back(backup.id);
  EXPECT_TRUE(report.is_applied);
  EXPECT_EQ(email_of(kAda), "ada@example.org");
  EXPECT_EQ(email_of(kBea), "nobody");
  EXPECT_TRUE(is_good(key));
  const auto entry = room_->look([](store::Tx& tx) { return find_entry(tx, {"app", "k"}); });
  EXPECT_EQ(entry->value, Value("then"));
  EXPECT_EQ(put("later"), "3") << "revisions go on";
  ASSERT_TRUE(report.snapshot.has_value());
  const RestoreReport undone = room_->put_back(*report.snapshot);
  EXPECT_TRUE(undone.is_applied);
  EXPECT_EQ(email_of(kAda), "ada@example.net");
  EXPECT_EQ(email_of(kBea), "bea@example.org");
  EXPECT_GT(epoch_of(kBea), 1u) << "what was given out to her is void";
  EXPECT_NE(room_->last_event().find("writ.recovery.restored backup/" + report.snapshot->text()),
            std::string::npos);
}

TEST_P(RestoreTest, WhatWasTakenBackStaysTakenBack) {
  room_->add_user(3, "bea@example.org");
  const std::string kept = add_key(kAda);
  const std::string revoked = add_key(kAda);
  const Session session = room_->add_session(1, kAda);
  const FirstRefreshToken first = make_refresh_token(session.id);
  EXPECT_EQ(room_->attempt([&](store::Tx& tx, const Deed&) {
    return put_refresh_token(tx, first, session.id, session.expires_at);
  }),
            "ok");
  const auto stamp_of = [&] {
    return room_->look([](store::Tx& tx) { return find_user(tx, kAda); })->stamp;
  };
  const std::uint64_t stamp = stamp_of();
  const Manifest backup = room_->back_up();
  EXPECT_EQ(room_->attempt([](store::Tx& tx, const Deed& by) { return erase_user(tx, kBea, by); }),
            "ok");
  revoke(kAda, revoked);
  const auto spend = [&] {
    return room_
        ->make([&](store::Tx& tx, const Deed& by) {
          return refresh(tx, first.token.text, "client", std::string(32, 's'), room_->now(), by);
        })
        .outcome;
  };
  EXPECT_EQ(spend(), Refresh::rotated);
  const std::size_t before = room_->events().size();
  const RestoreReport report = room_->put_back(backup.id);
  EXPECT_EQ(email_of(kBea), "nobody");
  EXPECT_TRUE(room_->look([](store::Tx& tx) { return was_erased(tx, kBea); }));
  ASSERT_EQ(report.users.size(), 1u);
  EXPECT_EQ(report.users[0].fate, UserFate::stays_deleted);
  EXPECT_TRUE(is_good(kept));
  EXPECT_FALSE(is_good(revoked));
  EXPECT_EQ(report.sessions, 1u);
  EXPECT_EQ(room_->look([&](store::Tx& tx) { return find_session(tx, session.id, room_->now()); }),
            std::nullopt);
  EXPECT_EQ(spend(), Refresh::refused);
  EXPECT_EQ(epoch_of(kAda), 2u);
  EXPECT_GT(stamp_of(), stamp);
  EXPECT_GT(room_->events().size(), before) << "the log goes on";
  // Again, and over the snapshot: nothing of it comes back either.
  room_->put_back(*report.snapshot);
  room_->put_back(backup.id);
  EXPECT_EQ(email_of(kBea), "nobody");
  EXPECT_FALSE(is_good(revoked));
  EXPECT_EQ(epoch_of(kAda), 4u);
}

TEST_P(RestoreTest, IdentitiesThatWereUnlinkedStaySoAndTheOthersComeBack) {
  const auto link = [&](std::uint8_t last, const std::string& subject, PrincipalId user) {
    return room_->attempt([&](store::Tx& tx, const Deed& by) {
      return link_identity(tx,
                           {.id = numbered<LinkedIdentityId>(last),
                            .user = user,
                            .provider = "example",
                            .issuer = "https://id.example.org",
                            .subject = subject},
                           by);
    });
  };
  const auto unlink = [&](std::uint8_t last) {
    return room_->make([&](store::Tx& tx, const Deed& by) {
      return unlink_identity(tx, kAda, numbered<LinkedIdentityId>(last), by);
    });
  };
  const auto subjects = [&](PrincipalId user) {
    std::string out;
    for (const LinkedIdentity& one :
         room_->look([&](store::Tx& tx) { return list_identities(tx, user); })) {
      out += one.subject + ' ';
    }
    return out;
  };
  room_->add_user(3, "bea@example.org");
  EXPECT_EQ(link(1, "kept", kAda), "ok");
  EXPECT_EQ(link(2, "unlinked", kAda), "ok");
  EXPECT_EQ(link(3, "moved", kAda), "ok");
  EXPECT_EQ(link(4, "gone", kBea), "ok");
  const Manifest backup = room_->back_up();
  EXPECT_TRUE(unlink(2));
  EXPECT_TRUE(unlink(3));
  EXPECT_EQ(link(5, "moved", kBea), "ok");
  EXPECT_EQ(link(6, "later", kAda), "ok");
  room_->put_back(backup.id);
  EXPECT_EQ(subjects(kAda), "kept ");
  EXPECT_EQ(subjects(kBea), "gone ");
  const auto moved = room_->look(
      [](store::Tx& tx) { return find_identity(tx, "https://id.example.org", "moved"); });
  EXPECT_FALSE(moved.has_value()) << "it signs in to nobody";
  EXPECT_EQ(link(7, "unlinked", kBea), "ok") << "who it is links it anew";
}

TEST_P(RestoreTest, ClientsThatWereDeletedStaySoAndNoConsentComesBack) {
  const auto kept = numbered<ApplicationId>(1);
  const auto gone = numbered<ApplicationId>(2);
  for (const ApplicationId id : {kept, gone}) {
    EXPECT_EQ(room_->attempt([&](store::Tx& tx, const Deed& by) -> Result<void> {
      WRIT_CHECK(register_application(tx, {.id = id, .name = "App", .secret = "old"}, by));
      return give_consent(tx, kAda, {.application = id, .scopes = {"openid"}}, by);
    }),
              "ok");
  }
  const Manifest backup = room_->back_up();
  const SecretToken secret = make_secret_token(kApplicationSecretPrefix);
  EXPECT_TRUE(room_->make([&](store::Tx& tx, const Deed& by) {
    return replace_application_secret(tx, kept, secret, std::chrono::seconds(0), by);
  }));
  EXPECT_TRUE(
      room_->make([&](store::Tx& tx, const Deed& by) { return erase_application(tx, gone, by); }));
  room_->put_back(backup.id);
  const auto all = room_->look([](store::Tx& tx) { return list_applications(tx); });
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(has_secret(all.front(), secret.text, WallTime{})) << "the former secret stays void";
  EXPECT_TRUE(room_->look([](store::Tx& tx) { return list_consents(tx, kAda); }).empty());
}

TEST_P(RestoreTest, AUsedCodeIsNotUsedAgain) {
  const FactorSeed seed = make_factor_seed(room_->keks.front(), kAda, "ada@example.org").value();
  const std::string secret(crypto::parse_base32(seed.secret).value().view());
  const auto code = [&] {
    return crypto::totp_code(secret, crypto::totp_step(room_->now(), {}), {});
  };
  const std::vector<std::string> recovery = make_recovery_codes();
  EXPECT_TRUE(room_->make([&](store::Tx& tx, const Deed& by) -> Result<bool> {
    WRIT_CHECK(put_pending_factor(tx, kAda, seed));
    return confirm_factor(tx, room_->keks, kAda, code(), recovery, by);
  }));
  const Manifest backup = room_->back_up();
  const auto use = [&](const std::string& shown) {
    return room_->make([&](store::Tx& tx, const Deed& by) {
      return use_factor(tx, room_->keks, kAda, shown, by);
    });
  };
  room_->clock.pass(std::chrono::seconds(60));
  EXPECT_TRUE(use(code()));
  EXPECT_TRUE(use(recovery[0]));
  room_->put_back(backup.id);
  EXPECT_FALSE(use(code())) << "its step was used";
  EXPECT_FALSE(use(recovery[0]));
  EXPECT_TRUE(use(recovery[1]));
  // A factor that was removed comes back without what may have been used.
  EXPECT_EQ(
      room_->attempt([](store::Tx& tx, const Deed& by) { return remove_factor(tx, kAda, by); }),
      "ok");
  room_->put_back(backup.id);
  EXPECT_FALSE(use(code()));
  EXPECT_FALSE(use(recovery[2]));
  room_->clock.pass(std::chrono::seconds(60));
  EXPECT_TRUE(use(code()));
}

TEST_P(RestoreTest, AccessIsWhatItWasAndItsRevisionOnlyRises) {
  SystemRandom random;
  const auto access = AccessControl::open({*room_->store, *room_->journal, random, {}, {}}).value();
  const auto change = [&](AccessVerb verb, const std::string& subject) {
    const std::vector<AccessChange> changes = {{verb, subject, "invoice", "read"}};
    EXPECT_TRUE(access->change(changes, {.actor = "principal:tester"})->is_applied);
  };
  change(AccessVerb::add_policy, kAda.text());
  change(AccessVerb::add_policy, kBea.text());
  const Manifest backup = room_->back_up();
  EXPECT_EQ(backup.access_revision, 2u);
  change(AccessVerb::remove_policy, kAda.text());
  EXPECT_EQ(room_->put_back(backup.id).access_revision, 4u);
  ASSERT_TRUE(access->refresh());
  EXPECT_EQ(access->index()->revision(), 4u);
  EXPECT_TRUE(access->index()->allows(kAda.text(), "invoice", "read"));
}

TEST_P(RestoreTest, LinksOfWhoIsGoneStayAway) {
  room_->add_user(3, "bea@example.org");
  const auto link = [&](PrincipalId from) {
    EXPECT_EQ(room_->attempt([&](store::Tx& tx, const Deed& by) {
      return add_link(tx, {from.text(), Relation::member_of, "group:staff"}, by);
    }),
              "ok");
  };
  link(kAda);
  link(kBea);
  const Manifest backup = room_->back_up();
  EXPECT_EQ(room_->attempt([](store::Tx& tx, const Deed& by) { return erase_user(tx, kBea, by); }),
            "ok");
  room_->put_back(backup.id);
  const auto left =
      room_->look([](store::Tx& tx) { return links_of(tx, "group:staff", Along::backwards, 10); });
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].from, kAda.text());
}

TEST_P(RestoreTest, WhatItGoesBackToIsKept) {
  EXPECT_EQ(room_->attempt([](store::Tx& tx, const Deed& by) {
    return change_recovery_config(tx, Object{{"keep", 1}}, by);
  }),
            "ok");
  const Manifest backup = room_->back_up();
  room_->put_back(backup.id);
  const auto listed = list_backups(room_->parts());
  ASSERT_TRUE(listed) << listed.error().text();
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].reason, BackupReason::before_restore);
  EXPECT_EQ((*listed)[1].id, backup.id);
}

TEST_P(RestoreTest, OneThatBringsNothingIsAnError) {
  EXPECT_EQ(room_->attempt([](store::Tx& tx, const Deed& by) { return erase_user(tx, kAda, by); }),
            "ok");
  const Manifest backup = room_->back_up();
  room_->add_user(3, "bea@example.org", true);
  EXPECT_EQ(room_->attempt([](store::Tx& tx, const Deed& by) { return erase_user(tx, kRoot, by); }),
            "ok");
  EXPECT_EQ(room_->refusal(backup.id), "nobody would be there to administer the server");
  EXPECT_EQ(email_of(kBea), "bea@example.org");
  EXPECT_EQ(room_->refusal(numbered<BackupId>(9)),
            "there is no backup " + numbered<BackupId>(9).text());
}

TEST_P(RestoreTest, IntoAnEmptyStoreEverythingComesBack) {
  const std::string key = add_key(kAda);
  const Manifest backup = room_->back_up();
  RecoveryRoom fresh;
  const RecoveryParts there{*fresh.store, *fresh.journal, fresh.clock,
                            fresh.random, room_->secrets, room_->place()};
  const auto done = restore(there, backup.id, store::DryRun::no, fresh.deed());
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->snapshot, std::nullopt) << "nobody could have administered what was there";
  const auto found = fresh.look([&](store::Tx& tx) { return find_api_key(tx, key, fresh.now()); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->principal, kAda);
  EXPECT_EQ(fresh.look([](store::Tx& tx) { return find_user(tx, kRoot); })->email,
            "root@example.org");
}

std::string name_of(const testing::TestParamInfo<Backend>& one) {
  constexpr std::string_view kNames[] = {"Memory", "Sqlite", "Postgresql"};
  return std::string(kNames[static_cast<std::size_t>(one.param)]);
}

INSTANTIATE_TEST_SUITE_P(Stores, RestoreTest,
                         testing::Values(Backend::memory, Backend::sqlite, Backend::postgresql),
                         name_of);

}  // namespace
}  // namespace writ::identity
