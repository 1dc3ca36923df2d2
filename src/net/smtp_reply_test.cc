#include "net/smtp_reply.h"

#include <gtest/gtest.h>

namespace writ::net {
namespace {

// "CODE text|text (SIZE)", "more" or "refused".
std::string parsed(std::string_view bytes) {
  const auto reply = parse_smtp_reply(bytes);
  if (!reply) {
    EXPECT_EQ(reply.error().code, Code::unavailable);
    return "refused";
  }
  if (!*reply) return "more";
  std::string out = std::to_string((*reply)->reply.code);
  for (const std::string& line : (*reply)->reply.lines) out += "|" + line;
  return out + " (" + std::to_string((*reply)->size) + ")";
}

TEST(SmtpReply, IsReadWhenAllOfItIsThere) {
  EXPECT_EQ(parsed("250 fine\r\n"), "250|fine (10)");
  EXPECT_EQ(parsed("250\r\n"), "250| (5)");
  EXPECT_EQ(parsed("250-one\r\n250-\r\n250 three\r\nQ"), "250|one||three (26)");
  for (const std::string_view part : {"", "2", "250", "250 fi", "250 fine\r", "250-one\r\n",
                                      "250-one\r\n250", "250-one\r\n250 two"}) {
    EXPECT_EQ(parsed(part), "more") << part;
  }
}

TEST(SmtpReply, IsRefusedWhereAMailServerWouldNotSayIt) {
  for (const std::string& bytes :
       {std::string("HTTP/1.1 400 Bad Request\r\n"), std::string("600 no\r\n"),
        std::string("199 no\r\n"), std::string("25x no\r\n"), std::string("250+no\r\n"),
        std::string("2500 no\r\n"), std::string("250-one\r\n550 two\r\n"), std::string("\r\n"),
        std::string("250 a\rb\r\n"), std::string("250 a\nb\r\n"), std::string("250 a\0b\r\n", 9),
        std::string("SSH"), "250 " + std::string(kReplyLine, 'x')}) {
    EXPECT_EQ(parsed(bytes), "refused") << bytes;
  }
  std::string endless;
  while (endless.size() <= kReplyBytes) endless += "250-" + std::string(500, 'x') + "\r\n";
  EXPECT_EQ(parsed(endless + "250 end\r\n"), "refused");
}

TEST(SmtpReply, SaysItsStatusWithoutItsText) {
  const auto status = [](std::string_view bytes) {
    return (*parse_smtp_reply(bytes))->reply.status();
  };
  EXPECT_EQ(status("550 5.1.1 <ada@example.org> is unknown\r\n"), "550 5.1.1");
  EXPECT_EQ(status("550 no such user: ada@example.org\r\n"), "550");
  EXPECT_EQ(status("421 4.7.1234 no\r\n"), "421");
  EXPECT_EQ(status("250 2.0.0\r\n"), "250 2.0.0");
  EXPECT_EQ(status("250\r\n"), "250");
}

TEST(SmtpReply, TellsWhatTheServerCan) {
  const auto of = [](std::string_view bytes) {
    return extensions_of((*parse_smtp_reply(bytes))->reply);
  };
  EXPECT_EQ(of("250-starttls greets\r\n250-STARTTLS\r\n250-size 1000\r\n250-8bitmime\r\n"
               "250-SMTPUTF8\r\n250 AUTH login CRAM-MD5 plain\r\n"),
            (SmtpExtensions{.has_starttls = true,
                            .has_eight_bit = true,
                            .has_utf8 = true,
                            .has_plain = true,
                            .has_login = true,
                            .most_bytes = 1000}));
  EXPECT_EQ(of("250 STARTTLS\r\n"), SmtpExtensions{}) << "the first line greets";
  EXPECT_EQ(of("250-x\r\n250-SIZE\r\n250-SIZE 0\r\n250-SIZE 12x\r\n250 AUTH=PLAIN\r\n"),
            SmtpExtensions{});
}

}  // namespace
}  // namespace writ::net
