#include "identity/accounts/mail.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

namespace fs = std::filesystem;

TEST(Outbox, KeepsEachLetterInAFileOfItsOwn) {
  const TemporaryDirectory directory;
  FakeClock clock;
  FakeRandom random;
  OutboxMailer outbox(directory.path() / "outbox", clock, random);
  for (const std::string to : {"ada@example.org", "bob@example.org"}) {
    const auto sent = outbox.send({to, "Hello", "one\ntwo\n"}, {});
    EXPECT_TRUE(sent) << sent.error().text();
  }
  std::set<std::string> texts;
  for (const auto& file : fs::directory_iterator(directory.path() / "outbox")) {
    EXPECT_EQ(file.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
    texts.insert(read_file(file.path(), 1024).value());
  }
  EXPECT_EQ(texts, (std::set<std::string>{"To: ada@example.org\nSubject: Hello\n\none\ntwo\n",
                                          "To: bob@example.org\nSubject: Hello\n\none\ntwo\n"}));
}

class MailQueueTest : public testing::Test {
 protected:
  void ask(std::uint8_t last, const std::string& email) {
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_wish(tx, {.id = numbered<WishId>(last),
                           .kind = LetterKind::reset,
                           .email = email,
                           .due_at = room_.now()});
    }),
              "ok");
  }
  std::string take() {
    const auto wish =
        room_.make([&](store::Tx& tx, const Deed&) { return take_wish(tx, room_.now()); });
    return wish ? wish->email + " " + std::to_string(wish->tries) : "none";
  }

  AccountRoom room_;
};

TEST_F(MailQueueTest, GivesEachWishToOnePostman) {
  ask(1, "ada@example.org");
  ask(2, "bob@example.org");
  EXPECT_EQ(take(), "ada@example.org 0");
  EXPECT_EQ(take(), "bob@example.org 0");
  EXPECT_EQ(take(), "none");
}

TEST_F(MailQueueTest, GivesAWishAgainWhenItsPostmanIsHeardOfNoMore) {
  ask(1, "ada@example.org");
  EXPECT_EQ(take(), "ada@example.org 0");
  room_.clock.pass(kLetterLease - std::chrono::seconds(1));
  EXPECT_EQ(take(), "none");
  room_.clock.pass(std::chrono::seconds(1));
  EXPECT_EQ(take(), "ada@example.org 1");
  room_.clock.pass(kLetterLease);
  EXPECT_EQ(take(), "ada@example.org 2");
  EXPECT_EQ(
      room_.attempt([](store::Tx& tx, const Deed&) { return erase_wish(tx, numbered<WishId>(1)); }),
      "ok");
  room_.clock.pass(std::chrono::hours(1));
  EXPECT_EQ(take(), "none");
}

TEST_F(MailQueueTest, PutsOffWhatWasTakenAndNotWhatAnotherHasNow) {
  ask(1, "ada@example.org");
  const auto taken = [&] {
    return *room_.make([&](store::Tx& tx, const Deed&) { return take_wish(tx, room_.now()); });
  };
  const auto put_off = [&](const Wish& wish, std::chrono::seconds pause) {
    return room_.attempt(
        [&](store::Tx& tx, const Deed&) { return put_off_wish(tx, wish, room_.in(pause)); });
  };
  const Wish first = taken();
  EXPECT_EQ(put_off(first, std::chrono::seconds(60)), "ok");
  room_.clock.pass(std::chrono::seconds(59));
  EXPECT_EQ(take(), "none");
  room_.clock.pass(std::chrono::seconds(1));
  const Wish second = taken();
  EXPECT_EQ(second.tries, 1u);
  EXPECT_EQ(put_off(first, std::chrono::seconds(0)), "ok");
  EXPECT_EQ(take(), "none") << "it is another's";
  EXPECT_EQ(room_.look([](store::Tx& tx) { return count_wishes(tx); }), 1u);
}

}  // namespace
}  // namespace writ::identity
