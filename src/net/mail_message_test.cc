#include "net/mail_message.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace writ::net {
namespace {

MailMessage letter() {
  return {.from = "writ@example.org",
          .to = "ada@example.org",
          .subject = "Hello",
          .text = "one\n.two\n",
          .id = "0190-1",
          .date = {.micros = 784'111'777'000'000}};
}

std::string written(const MailMessage& message) {
  auto text = to_internet_message(message);
  if (text) return *std::move(text);
  EXPECT_EQ(text.error().code, Code::invalid_input);
  return text.error().message;
}

TEST(MailMessage, IsAnInternetMessage) {
  EXPECT_EQ(written(letter()),
            "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"
            "From: writ@example.org\r\n"
            "To: ada@example.org\r\n"
            "Subject: Hello\r\n"
            "Message-ID: <0190-1@example.org>\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=us-ascii\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "\r\n"
            "one\r\n.two\r\n");
}

TEST(MailMessage, EncodesWhatIsNotAscii) {
  MailMessage message = letter();
  message.subject = "Grüße, " + std::string(40, 'x') + "é";
  message.text = "für " + std::string(80, 'y');
  const std::string text = written(message);
  EXPECT_NE(text.find("Subject: =?UTF-8?B?R3LDvMOfZSwg"), std::string::npos) << text;
  const std::string body = text.substr(text.find("\r\n\r\n") + 4);
  std::string joined;
  for (const char c : body) {
    if (c != '\r' && c != '\n') joined += c;
  }
  EXPECT_EQ(parse_base64(joined).value(), message.text + "\r\n");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 76u) << text.substr(at, end - at);
    at = end + 2;
  }
}

TEST(MailMessage, KeepsEncodedWordsWhole) {
  MailMessage message = letter();
  message.subject = "=?UTF-8?B?eA==?=";  // is not taken for one
  EXPECT_NE(written(message).find("Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n"),
            std::string::npos)
      << written(message);
  message.subject = std::string(38, 'x') + "é and the rest";  // no character is cut in two
  const std::string text = written(message);
  const std::size_t at = text.find("=?UTF-8?B?") + 10;
  EXPECT_EQ(parse_base64(text.substr(at, text.find("?=", at) - at)).value(), std::string(38, 'x'));
}

TEST(MailMessage, BeginsNoHeaderFieldOfItsOwn) {
  for (const std::string evil :
       {"Hello\r\nBcc: eve@example.org", "Hello\nX: y", "Hello\r", "a\tb", "\x7f", "\xff"}) {
    MailMessage message = letter();
    message.subject = evil;
    EXPECT_EQ(written(message),
              "a letter cannot be sent: its subject has control characters, or is not UTF-8");
  }
  MailMessage message = letter();
  message.id = "x>\r\nBcc: eve";
  EXPECT_EQ(written(message), "a letter cannot be sent: its id is none");
  message = letter();
  message.to = "ada@example.org\r\nBcc: eve@example.org";
  EXPECT_EQ(written(message), "a letter cannot be sent: the recipient's address is none");
  message = letter();
  message.from = "writ@example.org>";
  EXPECT_EQ(written(message), "a letter cannot be sent: the sender's address is none");
}

TEST(MailMessage, KnowsAddresses) {
  for (const std::string good : {"a@b", "ada.l+x@mail.example.org", "grüße@example.org"}) {
    EXPECT_TRUE(is_mail_address(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("ada"), std::string("@b"), std::string("a@"),
        std::string("a b@c"), std::string("a@b@c"), std::string("a@b,c@d"), std::string("<a@b"),
        std::string("a@b\r\n"), std::string("a\0@b", 4), std::string("\"a\"@b"),
        std::string("a@b;"), std::string(250, 'a') + "@b.org"}) {
    EXPECT_FALSE(is_mail_address(bad)) << bad;
  }
}

}  // namespace
}  // namespace writ::net
