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
    const auto sent = outbox.send({to, "Hello", "one\ntwo\n"});
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

TEST_F(MailQueueTest, GivesAWishAgainWhenItWasNotFulfilled) {
  ask(1, "ada@example.org");
  EXPECT_EQ(take(), "ada@example.org 0");
  room_.clock.pass(std::chrono::seconds(59));
  EXPECT_EQ(take(), "none");
  room_.clock.pass(std::chrono::seconds(1));
  EXPECT_EQ(take(), "ada@example.org 1");
  room_.clock.pass(std::chrono::seconds(60));
  EXPECT_EQ(take(), "none");
  room_.clock.pass(std::chrono::seconds(60));
  EXPECT_EQ(take(), "ada@example.org 2");
  EXPECT_EQ(
      room_.attempt([](store::Tx& tx, const Deed&) { return erase_wish(tx, numbered<WishId>(1)); }),
      "ok");
  room_.clock.pass(std::chrono::hours(1));
  EXPECT_EQ(take(), "none");
}

}  // namespace
}  // namespace writ::identity
