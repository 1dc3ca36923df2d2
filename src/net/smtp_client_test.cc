#include "net/smtp_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stop_token>

#include "net/testing/mail_peer.h"

namespace writ::net {
namespace {

using testing::MailPeer;
using Steps = std::vector<MailPeer::Step>;

constexpr const char* kEnd = "\r\n.\r\n";

MailMessage letter() {
  return {.from = "writ@example.org",
          .to = "ada@example.org",
          .subject = "Hello",
          .text = "one\n.two\n",
          .id = "1",
          .date = {}};
}

SmtpOptions options_of(const MailPeer& peer, SmtpSecurity security = SmtpSecurity::plain) {
  SmtpOptions options;
  options.host = "127.0.0.1";
  options.port = peer.port();
  options.security = security;
  return options;
}

// "done", or the error.
std::string sent(MailPeer& peer, const MailMessage& message = letter()) {
  const auto done = SmtpClient(options_of(peer)).send(message);
  return done ? "done" : done.error().text();
}

// The whole of a good conversation, with `answer` to what begins with `to`.
Steps steps_with(const std::string& to = {}, const std::string& answer = {}) {
  Steps steps{{"", "220 mail.example.org ESMTP\r\n"},
              {"EHLO [127.0.0.1]\r\n", "250-mail.example.org\r\n250 HELP\r\n"},
              {"MAIL FROM:<writ@example.org>\r\n", "250 2.1.0 ok\r\n"},
              {"RCPT TO:<ada@example.org>\r\n", "250 2.1.5 ok\r\n"},
              {"DATA\r\n", "354 go on\r\n"},
              {kEnd, "250 2.0.0 taken\r\n"},
              {"QUIT\r\n", "221 bye\r\n"}};
  const auto at = std::ranges::find_if(
      steps, [&](const MailPeer::Step& step) { return !to.empty() && step.after.starts_with(to); });
  if (at != steps.end()) {
    at->answer = answer;
    steps.erase(at + 1, steps.end());
  }
  return steps;
}

TEST(SmtpClient, HandsALetterOver) {
  MailPeer peer(steps_with());
  EXPECT_EQ(sent(peer), "done");
  const std::string& said = peer.said();
  EXPECT_TRUE(
      said.starts_with("EHLO [127.0.0.1]\r\nMAIL FROM:<writ@example.org>\r\n"
                       "RCPT TO:<ada@example.org>\r\nDATA\r\n"
                       "Date: "))
      << said;
  EXPECT_TRUE(said.ends_with("\r\n\r\none\r\n..two\r\n.\r\nQUIT\r\n")) << said;
}

TEST(SmtpClient, SaysHowLargeALetterIsAndSendsNoneThatIsTooLarge) {
  Steps steps = steps_with();
  steps[1].answer = "250-mail\r\n250 SIZE 100000\r\n";
  const std::size_t size = to_internet_message(letter())->size();
  steps[2].after = "MAIL FROM:<writ@example.org> SIZE=" + std::to_string(size) + "\r\n";
  MailPeer peer(steps);
  EXPECT_EQ(sent(peer), "done");
  MailPeer small({steps[0], {"EHLO [127.0.0.1]\r\n", "250-mail\r\n250 SIZE 100\r\n"}});
  EXPECT_EQ(sent(small), "invalid_input: the letter is larger than the mail server takes");
  EXPECT_EQ(small.said(), "EHLO [127.0.0.1]\r\n");
}

TEST(SmtpClient, TellsForNowFromForGoodAndRepeatsNoText) {
  const struct {
    std::string to, answer, expected;
  } kCases[] = {
      {"MAIL", "451 4.3.0 later\r\n", "unavailable: the mail server refused the sender: 451 4.3.0"},
      {"MAIL", "550 5.7.1 not you\r\n",
       "not_permitted: the mail server refused the sender: 550 5.7.1"},
      {"MAIL", "530 5.7.0 STARTTLS first\r\n",
       "unauthenticated: the mail server refused the sender: 530 5.7.0"},
      {"RCPT", "450 ada@example.org is busy\r\n",
       "unavailable: the mail server refused the recipient: 450"},
      {"RCPT", "550-5.1.1 ada@example.org\r\n550 5.1.1 nobody\r\n",
       "invalid_input: the mail server refused the recipient: 550 5.1.1"},
      {"DATA", "250 what?\r\n", "unavailable: the mail server refused the letter: 250"},
      {"DATA", "503 no\r\n", "invalid_input: the mail server refused the letter: 503"},
      {kEnd, "452 4.3.1 full\r\n", "unavailable: the mail server refused the letter: 452 4.3.1"},
      {kEnd, "554 5.7.1 spam\r\n", "not_permitted: the mail server refused the letter: 554 5.7.1"},
      {"EHLO", "554 5.5.1 no\r\n", "unavailable: the mail server refused EHLO: 554 5.5.1"},
  };
  for (const auto& row : kCases) {
    MailPeer peer(steps_with(row.to, row.answer));
    EXPECT_EQ(sent(peer), row.expected);
  }
  MailPeer closed(Steps{{"", "554 5.3.2 closed\r\n"}});
  EXPECT_EQ(sent(closed), "unavailable: the mail server refused to be talked to: 554 5.3.2");
}

TEST(SmtpClient, TakesAConnectionThatIsLostForNothingSaid) {
  for (const char* to : {"EHLO", "MAIL", "DATA", kEnd}) {
    MailPeer peer(steps_with(to, ""));
    const std::string said = sent(peer);
    EXPECT_TRUE(said.starts_with("unavailable: waiting for the mail server 127.0.0.1:")) << said;
  }
}

TEST(SmtpClient, SendsNothingThatCouldBeACommand) {
  MailMessage evil = letter();
  evil.to = "ada@example.org>\r\nRCPT TO:<eve@example.org";
  MailPeer peer(Steps{{"", "220 mail\r\n"}});
  const auto refused = SmtpClient(options_of(peer)).send(evil);
  EXPECT_EQ(refused.error().text(),
            "invalid_input: a letter cannot be sent: the recipient's address is none");
  (void)SmtpClient(options_of(peer)).look();  // so that the peer has a client
  EXPECT_EQ(peer.said(), "EHLO [127.0.0.1]\r\n");
}

TEST(SmtpClient, GoesNoFurtherWithoutStartTls) {
  MailPeer peer(Steps{{"", "220 mail\r\n"}, {"EHLO [127.0.0.1]\r\n", "250-mail\r\n250 HELP\r\n"}});
  const auto done = SmtpClient(options_of(peer, SmtpSecurity::starttls)).send(letter());
  EXPECT_EQ(done.error().text(), "unsupported: the mail server does not offer STARTTLS");
  EXPECT_EQ(peer.said(), "EHLO [127.0.0.1]\r\n");
  MailPeer refuses(Steps{{"", "220 mail\r\n"},
                         {"EHLO [127.0.0.1]\r\n", "250-mail\r\n250 STARTTLS\r\n"},
                         {"STARTTLS\r\n", "454 4.7.0 not now\r\n"}});
  EXPECT_EQ(SmtpClient(options_of(refuses, SmtpSecurity::starttls)).send(letter()).error().text(),
            "unavailable: the mail server refused STARTTLS: 454 4.7.0");
  EXPECT_EQ(refuses.said(), "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
}

// CVE-2011-0411: what somebody put behind the answer would count as said under TLS.
TEST(SmtpClient, BeginsNoTlsBehindBytesThatWereNotAskedFor) {
  MailPeer peer(Steps{{"", "220 mail\r\n"},
                      {"EHLO [127.0.0.1]\r\n", "250-mail\r\n250 STARTTLS\r\n"},
                      {"STARTTLS\r\n", "220 go on\r\n250-mail\r\n250 AUTH PLAIN\r\n"}});
  const auto done = SmtpClient(options_of(peer, SmtpSecurity::starttls)).send(letter());
  EXPECT_EQ(done.error().code, Code::signature_bad) << done.error().text();
  EXPECT_NE(done.error().message.find("sent more in the open than it was asked for"),
            std::string::npos);
  EXPECT_EQ(peer.said(), "EHLO [127.0.0.1]\r\nSTARTTLS\r\n") << "no handshake was begun";
}

TEST(SmtpClient, SendsNoPasswordInTheOpen) {
  MailPeer peer(Steps{{"", "220 mail\r\n"},
                      {"EHLO [127.0.0.1]\r\n", "250-mail\r\n250 AUTH PLAIN LOGIN\r\n"}});
  SmtpOptions options = options_of(peer);
  options.user = "writ";
  options.password_file = "/dev/null";
  const auto done = SmtpClient(options).send(letter());
  EXPECT_EQ(done.error().text(), "not_permitted: a password is not sent in the open");
  EXPECT_EQ(peer.said(), "EHLO [127.0.0.1]\r\n");
}

TEST(SmtpClient, SpeaksInTheOpenWithThisMachineAlone) {
  SmtpOptions options;
  options.host = "192.0.2.1";
  options.security = SmtpSecurity::plain;
  const auto done = SmtpClient(options).look();
  EXPECT_EQ(done.error().code, Code::not_permitted) << done.error().text();
}

TEST(SmtpClient, StopsWhenItIsToldTo) {
  MailPeer peer(Steps{});  // says nothing
  std::stop_source stop;
  std::jthread later([&] { stop.request_stop(); });
  const auto done = SmtpClient(options_of(peer)).send(letter(), stop.get_token());
  ASSERT_FALSE(done.has_value());
  EXPECT_TRUE(done.error().code == Code::cancelled || done.error().code == Code::unavailable)
      << done.error().text();
}

TEST(SmtpClient, WaitsNoLongerThanItIsGiven) {
  MailPeer peer(Steps{{"", "220-mail\r\n"}, {"never", ""}});
  SmtpOptions options = options_of(peer);
  options.times.whole = std::chrono::seconds(0);
  const auto done = SmtpClient(options).send(letter());
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, Code::timed_out) << done.error().text();
}

}  // namespace
}  // namespace writ::net
