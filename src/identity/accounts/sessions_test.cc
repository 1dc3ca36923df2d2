#include "identity/accounts/sessions.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <sstream>

#include "identity/accounts/secret_token.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class SessionsTest : public testing::Test {
 protected:
  bool lives(SessionId id) {
    return room_.look([&](store::Tx& tx) { return find_session(tx, id, room_.now()); }).has_value();
  }
  std::string of(PrincipalId principal) {
    std::string out;
    const auto all =
        room_.look([&](store::Tx& tx) { return list_sessions(tx, principal, room_.now()); });
    for (const Session& session : all) out += std::to_string(session.id.uuid.bytes[15]) + ' ';
    return out;
  }

  AccountRoom room_;
  User ada_ = room_.add_user(1, "ada@example.org");
};

TEST_F(SessionsTest, AreFoundAsTheyWereOpened) {
  const Session opened = room_.add_session(1, ada_.id);
  EXPECT_EQ(room_.look([&](store::Tx& tx) { return find_session(tx, opened.id, room_.now()); }),
            opened);
  EXPECT_EQ(room_.last_event(), "writ.session.opened session/" + opened.id.text() +
                                    R"( {"method":"password","principal":")" + ada_.id.text() +
                                    R"(","second_factor":false})");
}

TEST_F(SessionsTest, EndWithoutASignOfLife) {
  const SessionId id = room_.add_session(1, ada_.id).id;
  room_.clock.pass(minutes(59));
  EXPECT_TRUE(lives(id));
  const auto session = room_.look([&](store::Tx& tx) { return find_session(tx, id, room_.now()); });
  EXPECT_TRUE(is_sighting_due(*session, room_.now()));
  EXPECT_EQ(
      room_.attempt([&](store::Tx& tx, const Deed&) { return note_sighting(tx, id, room_.now()); }),
      "ok");
  room_.clock.pass(minutes(59));
  EXPECT_TRUE(lives(id));
  room_.clock.pass(minutes(1));
  EXPECT_FALSE(lives(id));
}

TEST_F(SessionsTest, EndAtTheirTimeHoweverOftenTheyAreSeen) {
  const SessionId id = room_.add_session(1, ada_.id).id;
  for (int i = 0; i < 47; ++i) {
    room_.clock.pass(minutes(30));
    room_.make([&](store::Tx& tx, const Deed&) -> Result<int> {
      WRIT_CHECK(note_sighting(tx, id, room_.now()));
      return 0;
    });
  }
  EXPECT_TRUE(lives(id));
  room_.clock.pass(minutes(30));
  EXPECT_FALSE(lives(id));
}

TEST_F(SessionsTest, EndWhenTheirPersonIsSwitchedOff) {
  const SessionId id = room_.add_session(1, ada_.id).id;
  for (const bool is_active : {false, true}) {
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
      return change_user(tx, ada_.id, {.is_active = is_active}, by);
    }),
              "ok");
    EXPECT_FALSE(lives(id)) << is_active;
  }
}

TEST_F(SessionsTest, AreNotOpenedForWhoMayNotAct) {
  Session session;
  session.id = numbered<SessionId>(1);
  session.principal = numbered<PrincipalId>(9);
  EXPECT_EQ(
      room_.attempt([&](store::Tx& tx, const Deed& by) { return open_session(tx, session, by); }),
      "unauthenticated: the credential is not valid");
}

TEST_F(SessionsTest, AreEndedOneByOneAndAllAtOnce) {
  const User bob = room_.add_user(2, "bob@example.org");
  for (std::uint8_t i = 1; i <= 4; ++i) room_.add_session(i, ada_.id);
  room_.add_session(5, bob.id);
  const auto end_one = [&](std::uint8_t last) {
    return room_.make([&](store::Tx& tx, const Deed& by) {
      return end_session(tx, numbered<SessionId>(last), "logout", by);
    });
  };
  EXPECT_TRUE(end_one(2));
  EXPECT_EQ(room_.last_event(), "writ.session.ended session/" + numbered<SessionId>(2).text() +
                                    R"( {"principal":")" + ada_.id.text() + R"(","why":"logout"})");
  EXPECT_FALSE(end_one(2));
  EXPECT_EQ(of(ada_.id), "1 3 4 ");
  const auto ended = room_.make([&](store::Tx& tx, const Deed& by) {
    return end_sessions_of(tx, ada_.id, numbered<SessionId>(3), "password_changed", by);
  });
  EXPECT_EQ(ended, 2u);
  EXPECT_EQ(of(ada_.id), "3 ");
  EXPECT_EQ(of(bob.id), "5 ");
}

TEST_F(SessionsTest, AreFoundByTheirCookieUntilTheyEnd) {
  const SecretToken cookie = make_secret_token(kCookiePrefix);
  Session session;
  session.id = numbered<SessionId>(1);
  session.principal = ada_.id;
  session.seen_at = room_.now();
  session.idle = hours(1);
  session.expires_at = room_.in(hours(2));
  session.cookie = cookie.key;
  room_.make([&](store::Tx& tx, const Deed& by) { return open_session(tx, session, by); });
  const auto found = [&](const std::string& text) {
    const auto hit =
        room_.look([&](store::Tx& tx) { return find_session_by_cookie(tx, text, room_.now()); });
    return hit ? hit->id.text() : "none";
  };
  EXPECT_EQ(found(cookie.text), session.id.text());
  EXPECT_EQ(found(make_secret_token(kCookiePrefix).text), "none");
  EXPECT_EQ(found(""), "none");
  room_.make(
      [&](store::Tx& tx, const Deed& by) { return end_session(tx, session.id, "logout", by); });
  EXPECT_EQ(found(cookie.text), "none");
}

TEST_F(SessionsTest, AreBoundedByEndingTheOldest) {
  for (std::size_t i = 0; i <= kMaxSessions; ++i) {
    room_.add_session(static_cast<std::uint8_t>(i), ada_.id);
  }
  std::set<std::string> wanted;
  for (std::size_t i = 1; i <= kMaxSessions; ++i) wanted.insert(std::to_string(i));
  std::istringstream words(of(ada_.id));
  const std::set<std::string> living{std::istream_iterator<std::string>(words), {}};
  EXPECT_EQ(living, wanted);
}

TEST_F(SessionsTest, ThatAreOverMakeRoomBeforeTheOldest) {
  const SessionId oldest = room_.add_session(0, ada_.id).id;
  const SessionId idle = room_.add_session(1, ada_.id).id;
  room_.clock.pass(minutes(59));
  EXPECT_EQ(room_.attempt(
                [&](store::Tx& tx, const Deed&) { return note_sighting(tx, oldest, room_.now()); }),
            "ok");
  room_.clock.pass(minutes(1));
  for (std::size_t i = 2; i <= kMaxSessions; ++i) {
    room_.add_session(static_cast<std::uint8_t>(i), ada_.id);
  }
  EXPECT_TRUE(lives(oldest));
  EXPECT_FALSE(lives(idle));
  EXPECT_FALSE(room_.make([&](store::Tx& tx, const Deed& by) {
    return end_session(tx, idle, "logout", by);
  })) << "it is gone";
}

TEST_F(SessionsTest, RememberWhenTheirPersonProvedItselfAnew) {
  const SessionId id = room_.add_session(1, ada_.id).id;
  room_.clock.pass(minutes(10));
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return note_authentication(tx, id, room_.now(), true);
  }),
            "ok");
  const auto session = room_.look([&](store::Tx& tx) { return find_session(tx, id, room_.now()); });
  EXPECT_EQ(session->authenticated_at, room_.now());
  EXPECT_TRUE(session->has_second_factor);
}

}  // namespace
}  // namespace writ::identity
