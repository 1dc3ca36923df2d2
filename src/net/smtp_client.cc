#include "net/smtp_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/file.h"
#include "net/smtp_reply.h"
#include "net/smtp_stream.h"

namespace writ::net {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 5321 section 4.5.2: a line that begins with a dot gets one more; `text` ends with a line end.
std::string stuffed(std::string_view text) {
  std::string out;
  bool is_first = true;
  for (const char c : text) {
    if (is_first && c == '.') out += '.';
    out += c;
    is_first = c == '\n';
  }
  return out + ".\r\n";
}

// RFC 4954 section 6 and RFC 3207: it asks for a sign-in or for TLS. That is the settings' fault,
// not the letter's.
bool is_about_sign_in(const SmtpReply& reply) {
  return reply.code == 530 || reply.code == 534 || reply.code == 535 || reply.code == 538;
}

std::unexpected<Error> refused(Code code, std::string_view what, const SmtpReply& reply) {
  return fail(code, "the mail server refused " + std::string(what) + ": " + reply.status());
}

// What an answer to a part of a letter comes to.
// 5.7: security or policy, which whoever runs this server may set right (RFC 3463 section 3.8).
bool is_about_policy(const SmtpReply& reply) {
  return reply.is_final() && reply.status().find(" 5.7.") != std::string::npos;
}

Result<void> judge(std::string_view what, const SmtpReply& reply, int expected = 2) {
  if (reply.code / 100 == expected) return {};
  if (is_about_sign_in(reply)) return refused(Code::unauthenticated, what, reply);
  if (is_about_policy(reply)) return refused(Code::not_permitted, what, reply);
  return refused(reply.is_final() ? Code::invalid_input : Code::unavailable, what, reply);
}

// One connection, from greeting to QUIT.
class Conversation {
 public:
  Conversation(const SmtpOptions& options, std::stop_token stop)
      : options_(options),
        stop_(std::move(stop)),
        end_(steady_clock::now() + options.times.whole) {}

  // Up to where letters begin. What is wrong here is wrong with the settings, not with a letter.
  Result<void> open() {
    auto opened = begin();
    if (!opened && opened.error().code == Code::invalid_input) {
      opened.error().code = Code::not_permitted;
    }
    return opened;
  }

  Result<void> hand_over(const MailMessage& message, const std::string& text) {
    WRIT_TRY(const std::string parameters, parameters_of(message, text));
    WRIT_TRY(const SmtpReply from, ask("MAIL FROM:<" + message.from + ">" + parameters));
    // Whose letters this server sends is a setting, and no fault of this one.
    if (from.is_final() && !is_about_sign_in(from)) {
      return refused(Code::not_permitted, "the sender", from);
    }
    WRIT_CHECK(judge("the sender", from));
    WRIT_TRY(const SmtpReply to, ask("RCPT TO:<" + message.to + ">"));
    WRIT_CHECK(judge("the recipient", to));
    WRIT_TRY(const SmtpReply begin, ask("DATA", options_.times.begin_data));
    WRIT_CHECK(judge("the letter", begin, 3));
    WRIT_CHECK(stream_.write(stuffed(text), wait(options_.times.end_data)));
    WRIT_TRY(const SmtpReply end, stream_.read_reply(wait(options_.times.end_data)));
    return judge("the letter", end);
  }

  // The server has all it needs: what it says to this changes nothing.
  void close() { (void)stream_.write("QUIT\r\n", wait(seconds(5))); }

 private:
  Result<void> begin() {
    const bool is_plain = options_.security == SmtpSecurity::plain;
    WRIT_CHECK(stream_.connect(options_.host, options_.port,
                               is_plain ? Reach::loopback_alone : Reach::anywhere,
                               wait(options_.times.connect)));
    if (options_.security == SmtpSecurity::tls) WRIT_CHECK(secure());
    WRIT_TRY(const SmtpReply greeting, stream_.read_reply(wait(options_.times.command)));
    if (greeting.code != 220) return refused(Code::unavailable, "to be talked to", greeting);
    WRIT_CHECK(greet());
    if (options_.security == SmtpSecurity::starttls) WRIT_CHECK(start_tls());
    if (!options_.user.empty()) WRIT_CHECK(sign_in());
    return {};
  }

  SmtpWait wait(seconds most) const { return {std::min(end_, steady_clock::now() + most), stop_}; }

  Result<SmtpReply> ask(const std::string& line) { return ask(line, options_.times.command); }
  Result<SmtpReply> ask(const std::string& line, seconds most) {
    const SmtpWait until = wait(most);
    WRIT_CHECK(stream_.write(line + "\r\n", until));
    return stream_.read_reply(until);
  }

  Result<void> secure() {
    return stream_.secure(options_.host, options_.ca_file, wait(options_.times.command));
  }

  Result<void> greet() {
    WRIT_TRY(const SmtpReply reply, ask("EHLO " + stream_.own_address()));
    if (!reply.is_done()) return refused(Code::unavailable, "EHLO", reply);
    extensions_ = extensions_of(reply);
    return {};
  }

  // What it said in the open counts no more (RFC 3207 section 4.2).
  Result<void> start_tls() {
    if (!extensions_.has_starttls) {
      return fail(Code::unsupported, "the mail server does not offer STARTTLS",
                  "Set mail.smtp.security to `tls`, with the port for it, mostly 465");
    }
    WRIT_TRY(const SmtpReply reply, ask("STARTTLS"));
    if (reply.code != 220) return refused(Code::unavailable, "STARTTLS", reply);
    WRIT_CHECK(secure());
    return greet();
  }

  Result<void> sign_in() {
    if (!stream_.is_secure()) {
      return fail(Code::not_permitted, "a password is not sent in the open",
                  "Set mail.smtp.security to `starttls` or `tls`, or leave mail.smtp.user empty");
    }
    WRIT_TRY(const std::string password, read_password());
    if (extensions_.has_plain) {
      const std::string nul(1, '\0');
      return settle(ask("AUTH PLAIN " + to_base64(nul + options_.user + nul + password)));
    }
    if (!extensions_.has_login) {
      return fail(Code::unsupported, "the mail server takes neither AUTH PLAIN nor AUTH LOGIN");
    }
    for (const std::string& line : {std::string("AUTH LOGIN"), to_base64(options_.user)}) {
      WRIT_TRY(const SmtpReply reply, ask(line));
      if (reply.code != 334) return refused(Code::unauthenticated, "the user", reply);
    }
    return settle(ask(to_base64(password)));
  }

  static Result<void> settle(const Result<SmtpReply>& reply) {
    if (!reply) return std::unexpected(reply.error());
    if (reply->is_done()) return {};
    return refused(reply->is_final() ? Code::unauthenticated : Code::unavailable, "the user",
                   *reply);
  }

  Result<std::string> read_password() const {
    constexpr std::size_t kMost = 4096;
    WRIT_TRY(std::string text, read_file(options_.password_file, kMost));
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty() || text.find('\0') != std::string::npos) {
      return fail(Code::unauthenticated, options_.password_file + " holds no password");
    }
    return text;
  }

  Result<std::string> parameters_of(const MailMessage& message, const std::string& text) const {
    std::string out;
    if (extensions_.most_bytes) {
      if (text.size() > *extensions_.most_bytes) {
        return fail(Code::invalid_input, "the letter is larger than the mail server takes");
      }
      out += " SIZE=" + std::to_string(text.size());
    }
    if (is_ascii(text)) return out;
    // Only addresses have other bytes, and show in the header too.
    if (!extensions_.has_utf8 || !extensions_.has_eight_bit ||
        is_ascii(message.from + message.to)) {
      return fail(Code::invalid_input, "the mail server takes no addresses beyond ASCII");
    }
    return out + " BODY=8BITMIME SMTPUTF8";
  }

  const SmtpOptions& options_;
  const std::stop_token stop_;
  const steady_clock::time_point end_;
  SmtpStream stream_;
  SmtpExtensions extensions_;
};

}  // namespace

Result<void> SmtpClient::send(const MailMessage& message, std::stop_token stop) {
  WRIT_TRY(const std::string text, to_internet_message(message));
  Conversation conversation(options_, std::move(stop));
  WRIT_CHECK(conversation.open());
  WRIT_CHECK(conversation.hand_over(message, text));
  conversation.close();
  return {};
}

Result<void> SmtpClient::look(std::stop_token stop) {
  Conversation conversation(options_, std::move(stop));
  WRIT_CHECK(conversation.open());
  conversation.close();
  return {};
}

}  // namespace writ::net
