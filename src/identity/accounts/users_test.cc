#include "identity/accounts/users.h"

#include <gtest/gtest.h>

#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

constexpr auto kAda = "ada@example.org";
constexpr auto kBob = "bob@example.org";

class UsersTest : public testing::Test {
 protected:
  std::string change(PrincipalId id, const UserChange& what) {
    return room_.attempt(
        [&](store::Tx& tx, const Deed& by) { return change_user(tx, id, what, by); });
  }
  std::optional<User> find(PrincipalId id) {
    return room_.look([&](store::Tx& tx) { return find_user(tx, id); });
  }
  std::string id_of(std::string_view email) {
    const auto user = room_.look([&](store::Tx& tx) { return find_user_by_email(tx, email); });
    return user ? user->id.text() : "nobody";
  }
  std::uint64_t epoch_of(PrincipalId id) {
    return room_.look([&](store::Tx& tx) { return find_principal(tx, id); })->epoch;
  }

  AccountRoom room_;
};

TEST_F(UsersTest, AreFoundByIdAndByAddress) {
  const User ada = room_.add_user(1, kAda);
  EXPECT_EQ(ada.created_at, room_.now());
  EXPECT_EQ(find(ada.id), ada);
  EXPECT_EQ(id_of(kAda), ada.id.text());
  EXPECT_EQ(id_of(kBob), "nobody");
  EXPECT_EQ(room_.last_event(),
            "writ.user.created user/" + ada.id.text() + R"( {"is_superuser":false})");
}

TEST_F(UsersTest, HaveAnAddressOfTheirOwn) {
  const User ada = room_.add_user(1, kAda);
  const User bob = room_.add_user(2, kBob);
  const std::string taken = "conflict: this e-mail address has an account";
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
    return create_user(tx, {.id = numbered<PrincipalId>(3), .email = kAda, .password = "p"}, by);
  }),
            taken);
  EXPECT_EQ(change(bob.id, {.email = kAda}), taken);
  EXPECT_EQ(find(bob.id)->email, kBob);
  EXPECT_EQ(change(bob.id, {.email = "robert@example.org"}), "ok");
  EXPECT_EQ(id_of(kBob), "nobody");
  EXPECT_EQ(id_of("robert@example.org"), bob.id.text());
  EXPECT_EQ(id_of(kAda), ada.id.text());
}

TEST_F(UsersTest, AnotherAddressIsUnverifiedAndVoidsLinks) {
  const User ada = room_.add_user(1, kAda);
  EXPECT_EQ(change(ada.id, {.is_verified = true}), "ok");
  EXPECT_EQ(change(ada.id, {.email = kAda}), "ok");  // the same: nothing changes
  EXPECT_TRUE(find(ada.id)->is_verified);
  EXPECT_EQ(find(ada.id)->stamp, 1u);
  EXPECT_EQ(change(ada.id, {.email = "countess@example.org"}), "ok");
  EXPECT_FALSE(find(ada.id)->is_verified);
  EXPECT_EQ(find(ada.id)->stamp, 2u);
  EXPECT_EQ(change(ada.id, {.password = "another hash"}), "ok");
  EXPECT_EQ(find(ada.id)->stamp, 3u);
  EXPECT_EQ(room_.last_event(),
            "writ.user.changed user/" + ada.id.text() + R"( {"fields":["password"]})");
}

TEST_F(UsersTest, SwitchingOffVoidsWhatWasGivenOut) {
  const User ada = room_.add_user(1, kAda);
  EXPECT_EQ(epoch_of(ada.id), 1u);
  EXPECT_EQ(change(ada.id, {.is_active = false}), "ok");
  EXPECT_EQ(epoch_of(ada.id), 2u);
  EXPECT_EQ(change(ada.id, {.is_active = true}), "ok");
  EXPECT_EQ(epoch_of(ada.id), 2u);
  EXPECT_TRUE(find(ada.id)->is_active);
}

TEST_F(UsersTest, TheLastAdministratorStays) {
  const auto is_claimed = [&] {
    return room_.look([](store::Tx& tx) { return has_administrator(tx); });
  };
  EXPECT_FALSE(is_claimed());
  const User ada = room_.add_user(1, kAda, true);
  const User bob = room_.add_user(2, kBob);
  EXPECT_TRUE(is_claimed());
  const std::string refused = "conflict: nobody would be left to administer the server";
  EXPECT_EQ(change(ada.id, {.is_superuser = false}), refused);
  EXPECT_EQ(change(ada.id, {.is_active = false}), refused);
  EXPECT_EQ(
      room_.attempt([&](store::Tx& tx, const Deed& by) { return erase_user(tx, ada.id, by); }),
      refused);
  EXPECT_EQ(change(bob.id, {.is_superuser = true}), "ok");
  EXPECT_EQ(change(ada.id, {.is_active = false}), "ok");
  EXPECT_EQ(change(bob.id, {.is_superuser = false}), refused);
}

TEST_F(UsersTest, AreGoneWhenErased) {
  const User ada = room_.add_user(1, kAda);
  const auto erase = [&] {
    return room_.attempt([&](store::Tx& tx, const Deed& by) { return erase_user(tx, ada.id, by); });
  };
  EXPECT_EQ(erase(), "ok");
  EXPECT_EQ(room_.last_event(), "writ.user.deleted user/" + ada.id.text() + " {}");
  EXPECT_EQ(find(ada.id), std::nullopt);
  EXPECT_EQ(id_of(kAda), "nobody");
  EXPECT_EQ(erase(), "not_found: there is no such user");
  EXPECT_EQ(change(ada.id, {.is_active = true}), "not_found: there is no such user");
  EXPECT_EQ(room_.add_user(2, kAda).email, kAda);
}

TEST_F(UsersTest, AreListedPageByPage) {
  for (std::uint8_t i = 1; i <= 5; ++i) {
    room_.add_user(i, std::string(1, static_cast<char>('a' + i)) + "@example.org");
  }
  const auto page = [&](std::optional<PrincipalId> after) {
    std::string out;
    for (const User& user : room_.look([&](store::Tx& tx) { return list_users(tx, after, 2); })) {
      out += user.email.front();
    }
    return out;
  };
  EXPECT_EQ(page({}), "bc");
  EXPECT_EQ(page(numbered<PrincipalId>(2)), "de");
  EXPECT_EQ(page(numbered<PrincipalId>(4)), "f");
}

TEST_F(UsersTest, ARehashNeverUndoesAChange) {
  const User ada = room_.add_user(1, kAda);
  const auto rehash = [&](const std::string& from, const std::string& to) {
    return room_.attempt(
        [&](store::Tx& tx, const Deed&) { return rehash_password(tx, ada.id, from, to); });
  };
  EXPECT_EQ(rehash(ada.password, "stronger"), "ok");
  EXPECT_EQ(find(ada.id)->password, "stronger");
  EXPECT_EQ(find(ada.id)->stamp, 1u);
  EXPECT_EQ(rehash(ada.password, "late"), "ok");
  EXPECT_EQ(find(ada.id)->password, "stronger");
}

}  // namespace
}  // namespace writ::identity
