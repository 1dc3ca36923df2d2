#include "identity/accounts/registration.h"

#include <array>
#include <utility>

#include "identity/accounts/email.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/settings.h"
#include "identity/password_rules.h"

namespace writ::identity {
namespace {

Result<AccountSettings> settings_of(const AccountParts& parts) {
  return parts.store.read([](store::Tx& tx) { return read_settings(tx); });
}

std::string complaint(std::string_view password, const std::string& email,
                      const AccountSettings& settings) {
  const std::array<std::string_view, 2> context{std::string_view(email).substr(0, email.find('@')),
                                                "writ"};
  const auto good = check_password(
      password, context, {.min_length = static_cast<std::size_t>(settings.password_minimum)});
  return good ? std::string() : good.error().message;
}

struct Candidate {
  PrincipalId id = {};
  std::string email = {};
  std::string password = {};  // PHC
  Wish wish = {};
};

Result<RegistrationOutcome> enter(store::Tx& tx, const AccountParts& parts,
                                  const Candidate& candidate, const Asker& asker) {
  WRIT_TRY(const auto other, find_user_by_email(tx, candidate.email));
  if (other) return RegistrationOutcome{.outcome = Registered::taken};
  const Deed deed = parts.deed("principal:" + candidate.id.text(), asker.trace);
  WRIT_TRY(User user,
           create_user(
               tx, {.id = candidate.id, .email = candidate.email, .password = candidate.password},
               deed));
  WRIT_CHECK(put_wish(tx, candidate.wish));
  return RegistrationOutcome{.outcome = Registered::made, .user = std::move(user)};
}

Result<RegistrationOutcome> accept(store::Tx& tx, Candidate candidate) {
  candidate.wish.kind = LetterKind::registration;
  candidate.wish.password = candidate.password;
  WRIT_CHECK(put_wish(tx, candidate.wish));
  return RegistrationOutcome{.outcome = Registered::accepted};
}

}  // namespace

Result<std::string> complaint_about_password(const AccountParts& parts, std::string_view password,
                                             const std::string& email) {
  WRIT_TRY(const AccountSettings settings, settings_of(parts));
  return complaint(password, email, settings);
}

Result<RegistrationOutcome> register_user(const AccountParts& parts, std::string_view email,
                                          std::string_view password, const Asker& asker) {
  WRIT_TRY(const AccountSettings settings, settings_of(parts));
  if (settings.registration == Registration::closed) return RegistrationOutcome{};
  WRIT_TRY(const std::string address, normalise_email(email));
  std::string reason = complaint(password, address, settings);
  if (!reason.empty()) {
    return RegistrationOutcome{.outcome = Registered::bad_password, .reason = std::move(reason)};
  }
  Candidate candidate{.id = parts.new_id<PrincipalId>(), .email = address};
  WRIT_TRY(candidate.password, parts.passwords.hash(password, asker.wait));
  candidate.wish = {.id = parts.new_id<WishId>(), .email = address};
  return parts.store.write([&](store::Tx& tx) -> Result<RegistrationOutcome> {
    if (settings.registration == Registration::strict) return accept(tx, candidate);
    return enter(tx, parts, candidate, asker);
  });
}

Result<User> bootstrap_administrator(const AccountParts& parts, std::string_view email,
                                     std::string_view password) {
  WRIT_TRY(const std::string address, normalise_email(email));
  WRIT_TRY(std::string reason, complaint_about_password(parts, password, address));
  if (!reason.empty()) return fail(Code::invalid_input, std::move(reason));
  const auto id = parts.new_id<PrincipalId>();
  WRIT_TRY(const std::string phc, parts.passwords.hash(password, {}));
  return parts.store.write([&](store::Tx& tx) -> Result<User> {
    WRIT_TRY(const bool is_claimed, has_administrator(tx));
    if (is_claimed) {
      return fail(Code::conflict, "this server has an administrator",
                  "An administrator makes others in PATCH /users/{id}");
    }
    return create_user(
        tx,
        {.id = id, .email = address, .password = phc, .is_superuser = true, .is_verified = true},
        parts.deed("system", {}));
  });
}

}  // namespace writ::identity
