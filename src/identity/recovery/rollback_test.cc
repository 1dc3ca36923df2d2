#include "identity/recovery/rollback.h"

#include <gtest/gtest.h>

#include "identity/rbac/access_rows.h"
#include "identity/rbac/access_subject.h"
#include "identity/recovery/testing/recovery_room.h"

namespace writ::identity {
namespace {

const PrincipalId kAda = numbered<PrincipalId>(2);

class RollbackTest : public testing::Test {
 protected:
  RollbackTest() {
    room_.add_user(1, "root@example.org", true);
    room_.add_user(2, "ada@example.org");
    access_ = AccessControl::open({*room_.store, *room_.journal, room_.random, {}, {}}).value();
  }

  // "-1 +2 ~email,is_active !1": removed, added, fields, sessions; or why not.
  std::string roll(const RollbackAsked& asked, store::DryRun dry_run = store::DryRun::no) {
    const auto done = roll_back(room_.parts(), access_.get(), asked, dry_run, room_.deed());
    if (!done) return done.error().message;
    EXPECT_EQ(done->is_applied, dry_run == store::DryRun::no);
    std::string fields;
    for (const std::string& field : done->fields) fields += (fields.empty() ? "" : ",") + field;
    return "-" + std::to_string(done->removed) + " +" + std::to_string(done->added) + " ~" +
           fields + " !" + std::to_string(done->sessions);
  }
  std::string change(const UserChange& change) {
    return room_.attempt(
        [&](store::Tx& tx, const Deed& by) { return change_user(tx, kAda, change, by); });
  }
  User ada() {
    return room_.look([](store::Tx& tx) { return find_user(tx, kAda); }).value_or(User{});
  }
  void apply(const std::vector<AccessChange>& changes) {
    const auto done = access_->change(changes, {.actor = "principal:tester"});
    ASSERT_TRUE(done && done->is_applied);
  }

  RecoveryRoom room_;
  std::unique_ptr<AccessControl> access_;
};

TEST_F(RollbackTest, AUserIsAsTheBackupHasItAndSignedInNowhere) {
  const Manifest backup = room_.back_up();
  const User before = ada();
  EXPECT_EQ(change({.email = "eve@example.org", .password = "hashed:other", .is_superuser = true}),
            "ok");
  room_.add_session(1, kAda);
  const RollbackAsked asked{backup.id, RollbackItem::user, kAda.text()};
  EXPECT_EQ(roll(asked, store::DryRun::yes), "-0 +0 ~email,is_superuser,password !1");
  EXPECT_EQ(ada().email, "eve@example.org");
  EXPECT_EQ(roll(asked), "-0 +0 ~email,is_superuser,password !1");
  EXPECT_EQ(ada().email, before.email);
  EXPECT_EQ(ada().password, before.password);
  EXPECT_FALSE(ada().is_superuser);
  EXPECT_GT(ada().stamp, before.stamp);
  EXPECT_EQ(room_.look([](store::Tx& tx) { return find_principal(tx, kAda); })->epoch, 2u);
  EXPECT_NE(room_.last_event().find("writ.recovery.rolled_back backup/" + backup.id.text()),
            std::string::npos);
  EXPECT_EQ(roll(asked), "it is as the backup has it: there is nothing to change");
}

TEST_F(RollbackTest, WhoWasDeletedStaysDeletedAndWhoIsUnknownIsNotThere) {
  const Manifest backup = room_.back_up();
  EXPECT_EQ(room_.attempt([](store::Tx& tx, const Deed& by) { return erase_user(tx, kAda, by); }),
            "ok");
  EXPECT_EQ(roll({backup.id, RollbackItem::user, kAda.text()}),
            "the user " + kAda.text() + " was deleted, and stays so");
  const std::string nobody = numbered<PrincipalId>(9).text();
  EXPECT_EQ(roll({backup.id, RollbackItem::user, nobody}), "the backup has no user " + nobody);
  EXPECT_EQ(roll({backup.id, RollbackItem::user, "ada"}), "`ada` is no user's id");
}

TEST_F(RollbackTest, PoliciesAndRolesAreAsTheBackupHasThem) {
  apply({{AccessVerb::create_role, "books"},
         {AccessVerb::assign_role, kAda.text(), "books"},
         {AccessVerb::add_policy, "books", "invoice", "read"}});
  const Manifest backup = room_.back_up();
  apply({{AccessVerb::unassign_role, kAda.text(), "books"},
         {AccessVerb::add_policy, "eve", "invoice", "pay"},
         {AccessVerb::create_role, "other"}});
  const RollbackAsked asked{backup.id, RollbackItem::access, {}};
  EXPECT_EQ(roll(asked, store::DryRun::yes), "-2 +1 ~ !0");
  EXPECT_TRUE(access_->index()->allows("eve", "invoice", "pay"));
  EXPECT_EQ(roll(asked), "-2 +1 ~ !0");
  EXPECT_FALSE(access_->index()->allows("eve", "invoice", "pay"));
  EXPECT_TRUE(access_->index()->allows(kAda.text(), "invoice", "read"));
  EXPECT_FALSE(access_->index()->is_role("other"));
  EXPECT_EQ(access_->index()->revision(), 3u);
}

TEST_F(RollbackTest, ARoleThatComesBackHasItsDescription) {
  const std::vector<AccessChange> made = {{AccessVerb::create_role, "books"}};
  ASSERT_TRUE(access_->change(made, {.actor = "principal:tester"}, store::DryRun::no,
                              "Who keeps the books"));
  const Manifest backup = room_.back_up();
  apply({{AccessVerb::delete_role, "books"}});
  EXPECT_EQ(roll({backup.id, RollbackItem::access, {}}), "-0 +1 ~ !0");
  const auto role = room_.look([](store::Tx& tx) { return find_role(tx, "books"); });
  ASSERT_TRUE(role.has_value());
  EXPECT_EQ(role->description, "Who keeps the books");
}

TEST_F(RollbackTest, OneSubjectsPoliciesLeaveTheOthersAlone) {
  apply({{AccessVerb::add_policy, "ada", "invoice", "read"},
         {AccessVerb::add_policy, "bea", "invoice", "read"}});
  const Manifest backup = room_.back_up();
  apply({{AccessVerb::remove_policy, "ada", "invoice", "read"},
         {AccessVerb::remove_policy, "bea", "invoice", "read"}});
  EXPECT_EQ(roll({backup.id, RollbackItem::access, "ada"}), "-0 +1 ~ !0");
  EXPECT_TRUE(access_->index()->allows("ada", "invoice", "read"));
  EXPECT_FALSE(access_->index()->allows("bea", "invoice", "read"));
}

TEST_F(RollbackTest, WhatADeletedUserMightDoStaysAway) {
  apply({{AccessVerb::add_policy, kAda.text(), "invoice", "read"},
         {AccessVerb::add_policy, "bea", "invoice", "read"}});
  const Manifest backup = room_.back_up();
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) -> Result<void> {
    WRIT_CHECK(erase_user(tx, kAda, by));
    return access_->forget(tx, kAda.text(), {.actor = by.actor});
  }),
            "ok");
  ASSERT_TRUE(access_->refresh());
  EXPECT_EQ(roll({backup.id, RollbackItem::access, {}}),
            "it is as the backup has it: there is nothing to change");
  EXPECT_FALSE(access_->index()->allows(kAda.text(), "invoice", "read"));
}

}  // namespace
}  // namespace writ::identity
