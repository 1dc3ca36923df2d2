#include "identity/accounts/postman.h"

#include <array>
#include <optional>
#include <utility>

#include "identity/accounts/mail_queue.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/users.h"

namespace writ::identity {
namespace {

// Whoever asks again so soon gets no second letter: nobody's mailbox is to be filled.
constexpr std::int64_t kLetterStep = 60'000'000;

struct Wording {
  std::optional<OneTimeUse> use = {};  // of the token that the link carries
  std::string_view path = {};          // of the link
  std::string_view subject = {};
  std::string_view text = {};
};

// By LetterKind.
constexpr std::array<Wording, 7> kWordings{{
    {OneTimeUse::verify, "/auth/verify?token=", "Confirm your e-mail address",
     "Open this link within an hour to confirm that this address is yours:"},
    {OneTimeUse::reset, "/auth/reset-password?token=", "Set a new password",
     "Somebody asked for a new password for your account. If it was you, open this link within an "
     "hour; if not, nothing has changed and you need do nothing:"},
    {OneTimeUse::magic_link, "/auth/magic-link/login?token=", "Your sign-in link",
     "Open this link within ten minutes to sign in, and confirm. It works once:"},
    {OneTimeUse::verify, "/auth/verify?token=", "Confirm your e-mail address",
     "Open this link within an hour to finish your registration:"},
    {std::nullopt, "", "Your password was changed",
     "The password of your account was changed. If it was not you, ask for a new one at once."},
    {std::nullopt, "", "Your e-mail address was changed",
     "Your account now has another e-mail address. If it was not you, tell your administrator."},
    {std::nullopt, "", "Your second factor was changed",
     "The second factor of your account was changed. If it was not you, tell your administrator."},
}};

const Wording& wording_of(LetterKind kind) { return kWordings[static_cast<std::size_t>(kind)]; }

Result<bool> was_just_sent(store::Tx& tx, const User& user, OneTimeUse use, WallTime now) {
  WRIT_TRY(const auto since, one_time_token_since(tx, use, user.id, now));
  return since && now.micros - since->micros < kLetterStep;
}

Result<std::optional<User>> recipient(store::Tx& tx, const AccountParts& parts, const Wish& wish,
                                      PrincipalId new_id) {
  WRIT_TRY(auto user, find_user_by_email(tx, wish.email));
  if (wish.kind == LetterKind::registration && !user) {
    WRIT_TRY(user, create_user(tx, {.id = new_id, .email = wish.email, .password = wish.password},
                               parts.deed("principal:" + new_id.text(), {})));
  }
  return user;
}

struct Prepared {
  std::optional<Letter> letter = {};  // nothing: nobody is to be written to
  PrincipalId to = {};
};

Letter make_letter(const Wish& wish, const Wording& wording, const std::string& link) {
  Letter letter{.to = wish.email,
                .subject = std::string(wording.subject),
                .text = std::string(wording.text) + "\n"};
  if (!link.empty()) letter.text += "\n  " + link + "\n";
  return letter;
}

Letter there_is_one_already(const Wish& wish) {
  return {.to = wish.email,
          .subject = "You have an account already",
          .text =
              "Somebody, perhaps you, tried to register this address, which has an account.\n"
              "Sign in, or ask for a new password if you forgot it.\n"};
}

// What is to be written to whom; the token is part of the transaction.
Result<Prepared> prepare(store::Tx& tx, const AccountParts& parts, const Wish& wish,
                         const PostmanOptions& options, PrincipalId new_id,
                         const SecretToken& token) {
  const Wording& wording = wording_of(wish.kind);
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto user, recipient(tx, parts, wish, new_id));
  if (!wording.use)
    return Prepared{make_letter(wish, wording, {}), user ? user->id : PrincipalId{}};
  if (!user || !user->is_active) return Prepared{};
  if (wish.kind == LetterKind::registration && user->is_verified) {
    return Prepared{there_is_one_already(wish), user->id};
  }
  if (wish.kind == LetterKind::verify && user->is_verified) return Prepared{};
  WRIT_TRY(const bool is_too_soon, was_just_sent(tx, *user, *wording.use, now));
  if (is_too_soon && wish.tries == 0) return Prepared{};
  WRIT_CHECK(put_one_time_token(tx, *wording.use, token, *user, now));
  const std::string link = options.public_url + std::string(wording.path) + token.text;
  return Prepared{make_letter(wish, wording, link), user->id};
}

}  // namespace

Result<bool> Postman::deliver_one() {
  WRIT_TRY(const auto wish, parts_.store.write([](store::Tx& tx) -> Result<std::optional<Wish>> {
    WRIT_TRY(const WallTime now, tx.now());
    return take_wish(tx, now);
  }));
  if (!wish) return false;
  const auto new_id = parts_.new_id<PrincipalId>();
  const SecretToken token =
      make_one_time_token(wording_of(wish->kind).use.value_or(OneTimeUse::verify));
  WRIT_TRY(const Prepared prepared, parts_.store.write([&](store::Tx& tx) {
    return prepare(tx, parts_, *wish, options_, new_id, token);
  }));
  bool is_over = wish->tries + 1 >= kMostTries;
  bool is_sent = false;
  if (prepared.letter) {
    const auto sent = mailer_.send(*prepared.letter);
    is_sent = sent.has_value();
    is_over = is_over || is_sent || sent.error().code == Code::invalid_input;
  } else {
    is_over = true;
  }
  if (!is_over) return true;
  WRIT_CHECK(parts_.store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(erase_wish(tx, wish->id));
    if (!is_sent) return {};
    Object payload;
    payload.append("kind", kLetterKinds.name(wish->kind));
    return parts_.deed("system", {})
        .tell(tx, "writ.letter.sent",
              prepared.to.uuid.is_nil() ? std::string("user/unknown") : user_subject(prepared.to),
              std::move(payload));
  }));
  return true;
}

}  // namespace writ::identity
