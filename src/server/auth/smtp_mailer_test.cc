#include "server/auth/smtp_mailer.h"

#include <gtest/gtest.h>

#include "net/testing/mail_peer.h"

namespace writ::server {
namespace {

using net::testing::MailPeer;

contract::Settings settings_of(std::vector<std::string> options) {
  auto settings = contract::Settings::lay("settings", {nullptr, nullptr, std::move(options)});
  EXPECT_TRUE(settings.has_value()) << settings.error().text();
  return *std::move(settings);
}

// "none", what is set, or the error.
std::string read(std::vector<std::string> options) {
  const auto smtp = smtp_settings(settings_of(std::move(options)));
  if (!smtp) return smtp.error().text();
  if (!*smtp) return "none";
  const net::SmtpOptions& server = (*smtp)->server;
  return server.host + ":" + std::to_string(server.port) + " " +
         std::to_string(static_cast<int>(server.security)) + " " + server.user + " from " +
         (*smtp)->from;
}

TEST(SmtpSettings, AreThoseOfOneMailServer) {
  EXPECT_EQ(read({}), "none");
  EXPECT_EQ(read({"mail.smtp.from=writ@example.org"}), "none");
  EXPECT_EQ(read({"mail.smtp.host=mail.example.org", "mail.smtp.from=writ@example.org"}),
            "mail.example.org:587 0  from writ@example.org");
  EXPECT_EQ(read({"mail.smtp.host=mail.example.org", "mail.smtp.from=writ@example.org",
                  "mail.smtp.port=465", "mail.smtp.security=tls", "mail.smtp.user=writ",
                  "mail.smtp.password_file=/etc/writ/mail"}),
            "mail.example.org:465 1 writ from writ@example.org");
}

TEST(SmtpSettings, AreRefusedWhereTheyDoNotGoTogether) {
  EXPECT_EQ(read({"mail.smtp.host=mail.example.org"}),
            "invalid_input: a mail server is set, and nobody whom letters come from");
  EXPECT_EQ(read({"mail.smtp.host=localhost", "mail.smtp.from=writ@example.org",
                  "mail.smtp.security=plain", "mail.smtp.user=writ",
                  "mail.smtp.password_file=/etc/writ/mail"}),
            "invalid_input: mail.smtp.security is plain, and a password is not sent in the open");
  EXPECT_EQ(
      read({"mail.smtp.host=localhost", "mail.smtp.from=writ@example.org", "mail.smtp.user=writ"}),
      "invalid_input: of mail.smtp.user and mail.smtp.password_file one is set");
}

TEST(SmtpMailer, HandsLettersToTheServerOfTheSettings) {
  MailPeer peer({{"", "220 mail\r\n"},
                 {"EHLO [127.0.0.1]\r\n", "250 mail\r\n"},
                 {"MAIL FROM:<writ@example.org>\r\n", "250 ok\r\n"},
                 {"RCPT TO:<ada@example.org>\r\n", "250 ok\r\n"},
                 {"DATA\r\n", "354 go on\r\n"},
                 {"\r\n.\r\n", "250 taken\r\n"}});
  const auto smtp = smtp_settings(
      settings_of({"mail.smtp.host=127.0.0.1", "mail.smtp.port=" + std::to_string(peer.port()),
                   "mail.smtp.security=plain", "mail.smtp.from=writ@example.org"}));
  ASSERT_TRUE(smtp && *smtp);
  const SystemClock clock;
  SmtpMailer mailer(**smtp, clock);
  const auto sent = mailer.send({"ada@example.org", "Hello", "one\n", "letter-7"}, {});
  EXPECT_TRUE(sent) << sent.error().text();
  EXPECT_NE(peer.said().find("\r\nSubject: Hello\r\nMessage-ID: <letter-7@example.org>\r\n"),
            std::string::npos)
      << peer.said();
}

TEST(SmtpMailer, TheServerIsLookedAtAsFarAsALetterWouldBegin) {
  EXPECT_EQ(look_at_mail(settings_of({}), {}).value(), std::nullopt);
  MailPeer peer({{"", "220 mail\r\n"}, {"EHLO [127.0.0.1]\r\n", "250 mail\r\n"}});
  const std::string port = std::to_string(peer.port());
  const auto found =
      look_at_mail(settings_of({"mail.smtp.host=127.0.0.1", "mail.smtp.port=" + port,
                                "mail.smtp.security=plain", "mail.smtp.from=writ@example.org"}),
                   {});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(*found, "127.0.0.1:" + port);
  EXPECT_EQ(peer.said(), "EHLO [127.0.0.1]\r\nQUIT\r\n");
}

}  // namespace
}  // namespace writ::server
