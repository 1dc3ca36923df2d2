#pragma once
// Letters to people through a mail server, as the settings `mail.smtp` say.
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "contract/settings.h"
#include "identity/accounts/mail.h"
#include "net/smtp_client.h"

namespace writ::server {

struct SmtpSettings {
  net::SmtpOptions server;
  std::string from;  // whom letters come from
};

// nullopt: no mail server is set. Errors: invalid_input (settings that do not go together).
Result<std::optional<SmtpSettings>> smtp_settings(const contract::Settings& settings);

// Whether letters could be handed over now: connects, and signs in. nullopt: no mail server is set;
// else what it was found at. Errors: those of smtp_settings and of net::SmtpClient::look.
Result<std::optional<std::string>> look_at_mail(const contract::Settings& settings,
                                                std::stop_token stop);

// Thread-safe.
class SmtpMailer final : public identity::Mailer {
 public:
  // `clock` is borrowed.
  SmtpMailer(SmtpSettings settings, const Clock& clock)
      : from_(std::move(settings.from)), client_(std::move(settings.server)), clock_(clock) {}

  Result<void> send(const identity::Letter& letter, std::stop_token stop) override;

 private:
  const std::string from_;
  net::SmtpClient client_;
  const Clock& clock_;
};

}  // namespace writ::server
