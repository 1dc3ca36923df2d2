#include "server/auth/smtp_mailer.h"

#include <utility>

#include "base/enum_names.h"
#include "identity/accounts/mail_queue.h"
#include "net/mail_message.h"

namespace writ::server {
namespace {

constexpr EnumNames<net::SmtpSecurity, 3> kSecurities{{"starttls", "tls", "plain"}};

std::unexpected<Error> unfit(std::string what, std::string remedy) {
  return fail(Code::invalid_input, std::move(what), std::move(remedy));
}

Result<void> check(const SmtpSettings& settings) {
  static_assert(net::SmtpTimes{}.whole < identity::kLetterLease);
  const net::SmtpOptions& server = settings.server;
  if (!net::is_mail_address(settings.from)) {
    return unfit("a mail server is set, and nobody whom letters come from",
                 "Set mail.smtp.from to an address: writ@example.org");
  }
  if (server.security == net::SmtpSecurity::plain && !server.user.empty()) {
    return unfit("mail.smtp.security is plain, and a password is not sent in the open",
                 "Set it to `starttls` or `tls`, or leave mail.smtp.user empty");
  }
  if (server.user.empty() != server.password_file.empty()) {
    return unfit("of mail.smtp.user and mail.smtp.password_file one is set",
                 "Set both, or neither");
  }
  return {};
}

}  // namespace

Result<std::optional<SmtpSettings>> smtp_settings(const contract::Settings& settings) {
  SmtpSettings out;
  out.server.host = settings.text("mail.smtp.host");
  if (out.server.host.empty()) return std::nullopt;
  out.server.port = static_cast<std::uint16_t>(settings.integer("mail.smtp.port"));
  out.server.security =
      kSecurities.parse(settings.text("mail.smtp.security")).value_or(net::SmtpSecurity::starttls);
  out.server.user = settings.text("mail.smtp.user");
  out.server.password_file = settings.text("mail.smtp.password_file");
  out.server.ca_file = settings.text("mail.smtp.ca_file");
  out.from = settings.text("mail.smtp.from");
  WRIT_CHECK(check(out));
  return std::optional(std::move(out));
}

Result<std::optional<std::string>> look_at_mail(const contract::Settings& settings,
                                                std::stop_token stop) {
  WRIT_TRY(auto smtp, smtp_settings(settings));
  if (!smtp) return std::nullopt;
  smtp->server.times.whole = std::chrono::seconds(15);  // somebody waits for it
  std::string at = smtp->server.host + ":" + std::to_string(smtp->server.port);
  WRIT_CHECK(net::SmtpClient(std::move(smtp->server)).look(std::move(stop)));
  return std::optional(std::move(at));
}

Result<void> SmtpMailer::send(const identity::Letter& letter, std::stop_token stop) {
  return client_.send({.from = from_,
                       .to = letter.to,
                       .subject = letter.subject,
                       .text = letter.text,
                       .id = letter.id,
                       .date = clock_.wall()},
                      std::move(stop));
}

}  // namespace writ::server
