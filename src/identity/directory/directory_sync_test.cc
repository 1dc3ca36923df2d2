#include "identity/directory/directory_sync.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "identity/accounts/change_for_user.h"
#include "identity/accounts/links.h"
#include "identity/directory/directory_people.h"
#include "identity/directory/testing/fake_directory.h"
#include "identity/rbac/access_rows.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

class DirectorySyncTest : public testing::Test {
 protected:
  DirectorySyncTest() {
    for (const auto& migrations : {directory_migrations(), access_migrations()}) {
      EXPECT_TRUE(room_.store->migrate(migrations, store::DryRun::no));
    }
    access_ = AccessControl::open({*room_.store, *room_.journal, room_.random, {}, {}}).value();
    rules_.name = "staff";
    rules_.roles = {{"operators", "operator"}, {"auditors", "auditor"}};
    rules_.max_losses = {.count = 2};
    for (const char* name : {"ada", "bea", "cem", "dan"}) directory_.put(name);
  }

  DirectorySync sync() {
    return {
        {*room_.store, *room_.journal, room_.clock, room_.random, *access_}, rules_, directory_};
  }
  // "people: created 2, …" of all but the unchanged, or the error.
  static std::string said(const Result<SyncReport>& report) {
    if (!report) return report.error().message;
    std::string out = std::to_string(report->people) + " people";
    for (std::size_t i = 1; i < report->fates.size(); ++i) {
      if (report->fates[i] == 0) continue;
      out += ", " + std::string(kPersonFates.names[i]) + " " + std::to_string(report->fates[i]);
    }
    return out;
  }
  std::string run(const SyncAsked& asked = {}) { return said(sync().run(asked, {})); }
  std::string look() { return said(sync().look({}, {})); }

  std::optional<User> user(const std::string& name) {
    return room_.look([&](store::Tx& tx) { return find_user_by_email(tx, name + "@example.org"); });
  }
  // "on auditor operator", "off", "nobody".
  std::string standing(const std::string& name) {
    const auto found = user(name);
    if (!found) return "nobody";
    std::string out = found->is_active ? "on" : "off";
    const auto roles =
        room_.look([&](store::Tx& tx) { return list_assignments(tx, found->id.text()); });
    for (const Assignment& one : roles) out += ' ' + one.role;
    return out;
  }
  void assign(const std::string& name, const std::string& role,
              AccessVerb verb = AccessVerb::assign_role) {
    const AccessChange change{verb, user(name)->id.text(), role};
    const auto done = access_->change({&change, 1}, {.actor = "principal:root"});
    ASSERT_TRUE(done && done->is_applied);
  }
  void change(const std::string& name, const UserChange& wanted) {
    const User before = *user(name);
    ASSERT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
      return change_for_user(tx, before, wanted, "test", by);
    }),
              "ok");
  }
  LastSync last() { return sync().state()->last.value_or(LastSync{}); }
  std::size_t count_events(const std::string& type) {
    std::size_t out = 0;
    for (const std::string& event : room_.events()) out += event.starts_with(type + ' ') ? 1 : 0;
    return out;
  }

  AccountRoom room_;
  FakeDirectory directory_;
  DirectoryRules rules_;
  std::unique_ptr<AccessControl> access_;
};

TEST_F(DirectorySyncTest, MakesAccountsWithTheRolesOfTheirGroupsAndThenHasNothingToDo) {
  directory_.put("ada", {"operators", "auditors", "unheard of"});
  directory_.put("bea", {"auditors"});
  EXPECT_EQ(run(), "4 people, created 4");
  EXPECT_EQ(standing("ada"), "on auditor operator");
  EXPECT_EQ(standing("bea"), "on auditor");
  EXPECT_EQ(standing("cem"), "on");
  EXPECT_FALSE(user("ada")->is_verified);
  EXPECT_FALSE(user("ada")->may_have_password);
  EXPECT_TRUE(access_->index()->roles_of(user("bea")->id.text()) ==
              std::vector<std::string>{"auditor"});
  const auto events = room_.events();
  EXPECT_EQ(events.back(),
            "writ.directory.synchronised directory/staff "
            R"({"adopted":0,"changed":0,"created":4,"refused":0,"returned":0,"switched_off":0})");
  EXPECT_EQ(run(), "4 people");
  EXPECT_EQ(room_.events().size(), events.size());
}

TEST_F(DirectorySyncTest, ALookSaysWhoWouldGainAndLoseWhatAndChangesNothing) {
  const AccessChange policy{AccessVerb::add_policy, "operator", "turbine", "stop"};
  ASSERT_TRUE(access_->change({&policy, 1}, {.actor = "principal:root"}));
  directory_.put("ada", {"operators"});
  ASSERT_EQ(run(), "4 people, created 4");
  const auto events = room_.events().size();
  directory_.put("ada");
  directory_.put("bea", {"operators"});
  directory_.put("eve", {"operators"});
  directory_.people.erase("dan");
  const auto report = sync().look({}, {});
  EXPECT_EQ(said(report), "4 people, created 1, changed 2, switched_off 1");
  EXPECT_FALSE(report->is_applied);
  EXPECT_EQ(report->losses, 2u);
  EXPECT_EQ(report->may_lose, 2u);
  const std::vector<Policy> gained = {{user("bea")->id.text(), "turbine", "stop"},
                                      {"eve@example.org", "turbine", "stop"}};
  const std::vector<Policy> lost = {{user("ada")->id.text(), "turbine", "stop"}};
  ASSERT_TRUE(report->access);
  EXPECT_EQ(report->access->gained, gained);
  EXPECT_EQ(report->access->lost, lost);
  EXPECT_EQ(standing("ada"), "on operator");
  EXPECT_EQ(standing("eve"), "nobody");
  EXPECT_EQ(standing("dan"), "on");
  EXPECT_EQ(room_.events().size(), events);
}

TEST_F(DirectorySyncTest, WhoIsGoneIsSwitchedOffWithEverythingAndComesBackWithNothingOld) {
  directory_.put("ada", {"operators"});
  ASSERT_EQ(run(), "4 people, created 4");
  const PrincipalId ada = user("ada")->id;
  room_.add_session(1, ada);
  room_.add_key("key1", ada);
  directory_.people.erase("ada");
  EXPECT_EQ(run(), "3 people, switched_off 1");
  EXPECT_EQ(standing("ada"), "off");
  EXPECT_EQ(room_.holds(ada), "0 0 none");
  EXPECT_EQ(run(), "3 people");
  directory_.put("ada", {"operators"});
  EXPECT_EQ(run(), "4 people, returned 1");
  EXPECT_EQ(standing("ada"), "on operator");
  EXPECT_EQ(user("ada")->id, ada);
  EXPECT_EQ(room_.holds(ada), "0 0 none");
}

TEST_F(DirectorySyncTest, WhomPeopleSwitchedOffStaysOff) {
  ASSERT_EQ(run(), "4 people, created 4");
  change("ada", {.is_active = false});
  EXPECT_EQ(run(), "4 people");
  EXPECT_EQ(standing("ada"), "off");
  directory_.people.erase("bea");
  ASSERT_EQ(run(), "3 people, switched_off 1");
  change("bea", {.is_active = false});  // said again by somebody
  directory_.put("bea");
  EXPECT_EQ(run(), "4 people");
  EXPECT_EQ(standing("bea"), "off");
}

TEST_F(DirectorySyncTest, RolesThatPeopleGaveStay) {
  directory_.put("ada", {"operators"});
  ASSERT_EQ(run(), "4 people, created 4");
  assign("ada", "auditor");
  assign("bea", "operator");
  assign("bea", "captain");
  directory_.put("bea", {"operators"});
  EXPECT_EQ(run(), "4 people");
  directory_.put("ada");
  directory_.put("bea");
  EXPECT_EQ(run(), "4 people, changed 1");
  EXPECT_EQ(standing("ada"), "on auditor");
  EXPECT_EQ(standing("bea"), "on captain operator");
}

TEST_F(DirectorySyncTest, ARoleThatTheTableNamesNoMoreIsTaken) {
  directory_.put("ada", {"operators", "auditors"});
  ASSERT_EQ(run(), "4 people, created 4");
  rules_.roles = {{"auditors", "auditor"}};
  EXPECT_EQ(run(), "4 people, changed 1");
  EXPECT_EQ(standing("ada"), "on auditor");
  assign("ada", "auditor", AccessVerb::unassign_role);
  EXPECT_EQ(run(), "4 people, changed 1");  // the directory says so still
  EXPECT_EQ(standing("ada"), "on auditor");
}

TEST_F(DirectorySyncTest, TooManyLossesAtOnceChangeNothing) {
  for (const char* name : {"ada", "bea", "cem"}) directory_.put(name, {"operators"});
  ASSERT_EQ(run(), "4 people, created 4");
  directory_.put("ada");
  directory_.put("bea");
  directory_.put("eve");
  directory_.people.erase("dan");
  EXPECT_EQ(run(),
            "3 people would be switched off or lose roles, and 2 may at once; nothing was changed");
  EXPECT_EQ(standing("ada"), "on operator");
  EXPECT_EQ(standing("dan"), "on");
  EXPECT_EQ(standing("eve"), "nobody");
  EXPECT_EQ(last().outcome, SyncOutcome::refused);
  EXPECT_EQ(count_events("writ.directory.refused"), 1u);
  EXPECT_EQ(run({.may_lose = 3}), "4 people, created 1, changed 2, switched_off 1");
  EXPECT_EQ(standing("dan"), "off");
}

TEST_F(DirectorySyncTest, ADirectoryThatNamesNobodySwitchesNobodyOff) {
  directory_.people.erase("bea");
  directory_.people.erase("cem");
  directory_.people.erase("dan");
  ASSERT_EQ(run(), "1 people, created 1");
  directory_.people.clear();
  EXPECT_EQ(run({.may_lose = 100}),
            "the directory names nobody, and 1 people have an account by it; nothing was changed");
  EXPECT_EQ(standing("ada"), "on");
}

TEST_F(DirectorySyncTest, AnAnswerThatIsNotWholeChangesNothingAndSaysWhereItStands) {
  ASSERT_EQ(run(), "4 people, created 4");
  directory_.put("eve");
  directory_.fails_after = 1;
  const auto done = sync().run({}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::unavailable);
  EXPECT_NE(done.error().text().find("2 people in; nothing was changed"), std::string::npos)
      << done.error().text();
  EXPECT_EQ(standing("eve"), "nobody");
  EXPECT_EQ(standing("dan"), "on");
  EXPECT_EQ(last().outcome, SyncOutcome::failed);
  EXPECT_EQ(last().error, "the directory has gone away");
  directory_.fails_after.reset();
  EXPECT_EQ(run(), "5 people, created 1");
  EXPECT_EQ(last().outcome, SyncOutcome::applied);
}

TEST_F(DirectorySyncTest, AnAccountIsTakenOverOnlyIfTheSettingsSayAndItProvedTheAddress) {
  room_.add_user(1, "ada@example.org");
  room_.add_user(2, "bea@example.org");
  change("bea", {.is_verified = true});
  EXPECT_EQ(run(), "4 people, created 2, refused 2");
  EXPECT_TRUE(user("bea")->may_have_password);
  rules_.adopts_by_email = true;
  directory_.put("bea", {"operators"});
  const auto report = sync().run({}, {});
  EXPECT_EQ(said(report), "4 people, adopted 1, refused 1");
  EXPECT_EQ(report->items.back().person, "ada");
  EXPECT_EQ(report->items.back().reason, SyncRefusal::address_taken);
  EXPECT_EQ(standing("bea"), "on operator");
  EXPECT_EQ(user("bea")->id, numbered<PrincipalId>(2));
  EXPECT_EQ(user("bea")->password, "hashed:" + AccountRoom::kPassword);  // as it was
  EXPECT_EQ(standing("ada"), "on");
}

TEST_F(DirectorySyncTest, SuperusersAreNotTouched) {
  rules_.adopts_by_email = true;
  room_.add_user(1, "ada@example.org", true);
  change("ada", {.is_verified = true});
  room_.add_user(2, "root@example.org", true);
  EXPECT_EQ(run(), "4 people, created 3, refused 1");
  change("bea", {.is_superuser = true});
  directory_.put("bea", {"operators"});
  EXPECT_EQ(run(), "4 people, refused 2");
  EXPECT_EQ(standing("bea"), "on");
  directory_.people.erase("bea");
  const auto report = sync().run({}, {});
  EXPECT_EQ(said(report), "3 people, refused 2");
  EXPECT_EQ(report->items.back().reason, SyncRefusal::superuser);
  EXPECT_EQ(standing("bea"), "on");
}

TEST_F(DirectorySyncTest, OneAddressBelongsToOnePerson) {
  directory_.put("zoe", {"operators"}, {"ada@example.org"});
  EXPECT_EQ(look(), "5 people, created 4, refused 1");
  EXPECT_EQ(run(), "5 people, created 4, refused 1");
  EXPECT_EQ(standing("ada"), "on");
  // Who goes keeps the account, and whoever gets the address there gets no account of theirs.
  directory_.people.erase("ada");
  EXPECT_EQ(run(), "4 people, switched_off 1, refused 1");
  EXPECT_EQ(standing("ada"), "off");
}

TEST_F(DirectorySyncTest, AddressesFollowAndAreProvedAnew) {
  ASSERT_EQ(run(), "4 people, created 4");
  change("ada", {.is_verified = true});
  const PrincipalId ada = user("ada")->id;
  room_.add_session(1, ada);
  directory_.put("ada", {}, {"lovelace@example.org", "Ada@Example.ORG"});
  EXPECT_EQ(run(), "4 people");  // one of them is the one that the account has
  directory_.put("ada", {}, {"lovelace@example.org"});
  EXPECT_EQ(run(), "4 people, changed 1");
  EXPECT_EQ(user("lovelace")->id, ada);
  EXPECT_FALSE(user("lovelace")->is_verified);
  EXPECT_EQ(room_.holds(ada), "0 0 none");
  directory_.put("ada", {}, {"bea@example.org"});
  directory_.put("cem", {}, {"no address"});
  const auto report = sync().run({}, {});
  EXPECT_EQ(said(report), "4 people, refused 2");
  EXPECT_EQ(report->items[0].reason, SyncRefusal::address_taken);
  EXPECT_EQ(report->items[1].reason, SyncRefusal::bad_address);
  rules_.addresses_are_verified = true;
  EXPECT_EQ(run(), "4 people, changed 2, refused 2");
  EXPECT_TRUE(user("bea")->is_verified);
  EXPECT_FALSE(user("cem")->is_verified);
}

TEST_F(DirectorySyncTest, OneRunAtATimeAndWhoDiedIsFollowed) {
  std::string other;
  directory_.on_read = [&] { other = run(); };
  EXPECT_EQ(run(), "4 people, created 4");
  EXPECT_EQ(other, "the directory `staff` is being synchronised with");
  // One that died while it read: another one begins when its lease is over, and the first, if it
  // comes to itself, changes nothing.
  directory_.put("eve");
  directory_.on_read = [&] {
    room_.clock.pass(rules_.lease + std::chrono::seconds(1));
    other = run();
    directory_.put("fay");
  };
  directory_.page_size = 100;
  directory_.put("dan", {"operators"});
  const auto late = sync().run({}, {});
  EXPECT_EQ(other, "5 people, created 1, changed 1");
  EXPECT_EQ(standing("fay"), "nobody");
  EXPECT_EQ(last().outcome, SyncOutcome::applied);
  EXPECT_EQ(last().people, 5u);
}

TEST_F(DirectorySyncTest, RunsByItselfOnceAnInterval) {
  EXPECT_FALSE(sync().run_if_due({}).value());
  rules_.interval = std::chrono::hours(1);
  EXPECT_TRUE(sync().run_if_due({}).value());
  EXPECT_EQ(standing("ada"), "on");
  EXPECT_FALSE(sync().run_if_due({}).value());
  room_.clock.pass(std::chrono::hours(1));
  directory_.page_size = 1;
  directory_.fails_after = 1;
  EXPECT_EQ(sync().run_if_due({}).error().code, Code::unavailable);
  EXPECT_FALSE(sync().run_if_due({}).value());
  room_.clock.pass(std::chrono::hours(1));
  directory_.fails_after.reset();
  EXPECT_TRUE(sync().run_if_due({}).value());
}

TEST_F(DirectorySyncTest, WhoComesByADirectoryGetsNoPasswordByAnyLetter) {
  ASSERT_EQ(run(), "4 people, created 4");
  const User ada = *user("ada");
  const SecretToken token = make_one_time_token(OneTimeUse::reset);
  ASSERT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return put_one_time_token(tx, OneTimeUse::reset, token, ada, room_.now());
  }),
            "ok");
  const auto reset = reset_password(room_.parts(), token.text, AccountRoom::kPassword, {});
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->outcome, Reset::bad_token);
  EXPECT_EQ(user("ada")->password, "");
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, ada.id, {.password = "hashed:x"}, by);
  }),
            "conflict: this account signs in without a password");
  rules_.allows_passwords = true;
  EXPECT_EQ(run(), "4 people, changed 4");
  EXPECT_TRUE(user("ada")->may_have_password);
  change("ada", {.password = "hashed:x"});
  rules_.allows_passwords = false;
  EXPECT_EQ(run(), "4 people, changed 4");
  EXPECT_EQ(user("ada")->password, "");
}

TEST_F(DirectorySyncTest, AnAccountThatWasDeletedComesAgainAsAnotherOne) {
  ASSERT_EQ(run(), "4 people, created 4");
  const PrincipalId ada = user("ada")->id;
  ASSERT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) -> Result<void> {
    WRIT_CHECK(forget_directory_person(tx, ada));
    return erase_user(tx, ada, by);
  }),
            "ok");
  EXPECT_EQ(run(), "4 people, created 1");
  EXPECT_NE(user("ada")->id, ada);
}

TEST_F(DirectorySyncTest, WhatCannotBeUsedIsRefusedAsAWhole) {
  directory_.people["x"] = {.id = "ada", .addresses = {"x@example.org"}};
  EXPECT_EQ(run(), "the directory names two people with one id");
  directory_.people["x"] = {.id = "", .addresses = {"x@example.org"}};
  EXPECT_EQ(run(), "the directory names somebody without an id that can be used");
  directory_.people.erase("x");
  rules_.max_people = 3;
  EXPECT_EQ(run(), "the directory has more than 3 people");
  EXPECT_EQ(standing("ada"), "nobody");
}

TEST_F(DirectorySyncTest, EveryBatchIsWholeAndTheNextRunGoesOn) {
  rules_.batch = 2;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(said(sync().run({}, stop.get_token())), "the server stops");
  EXPECT_EQ(standing("ada"), "nobody");
  EXPECT_EQ(run(), "4 people, created 4");
}

TEST(LossLimit, IsANumberOrAShare) {
  EXPECT_EQ(LossLimit::parse("25")->of(1000), 25u);
  EXPECT_EQ(LossLimit::parse("10%")->of(1000), 100u);
  EXPECT_EQ(LossLimit::parse("10%")->of(3), 1u);
  for (const char* text : {"", "0", "%", "101%", "-1", "1.5%", "all"}) {
    EXPECT_EQ(LossLimit::parse(text).error().code, Code::invalid_input) << text;
  }
}

}  // namespace
}  // namespace writ::identity
