#include "identity/accounts/postman.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "identity/accounts/mail_queue.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/users.h"

namespace writ::identity {
namespace {

struct Wording {
  std::optional<OneTimeUse> use = {};  // of the token that the link carries
  std::string_view path = {};          // of the link
  std::string_view subject = {};
  std::string_view text = {};
};

// By LetterKind.
constexpr std::array<Wording, 10> kWordings{{
    {OneTimeUse::verify, "/auth/verify?token=", "Confirm your e-mail address",
     "Open this link within an hour to confirm that this address is yours. If it was not you who "
     "registered it, do not: ask for a new password, and the account is yours:"},
    {OneTimeUse::reset, "/auth/reset-password?token=", "Set a new password",
     "Somebody asked for a new password for your account. If it was you, open this link within an "
     "hour; if not, nothing has changed and you need do nothing:"},
    {OneTimeUse::magic_link, "/auth/magic-link/login?token=", "Your sign-in link",
     "Open this link within ten minutes to sign in, and confirm. It works once:"},
    {OneTimeUse::verify, "/auth/verify?token=", "Confirm your e-mail address",
     "Open this link within an hour to finish your registration. The account gets the password "
     "that "
     "was given with it; if it was not you who gave it, do not open the link:"},
    {std::nullopt, "", "Your password was changed",
     "The password of your account was changed. If it was not you, ask for a new one at once."},
    {std::nullopt, "", "Your e-mail address was changed",
     "Your account now has another e-mail address. If it was not you, tell your administrator."},
    {std::nullopt, "", "Your second factor was changed",
     "The second factor of your account was changed. If it was not you, tell your administrator."},
    {OneTimeUse::verify, "/auth/verify?token=", "Confirm your new e-mail address",
     "Open this link within an hour to make this the address of your account. If it was not you "
     "who "
     "asked for that, do not open the link:"},
    {std::nullopt, "", "An API key was made",
     "An API key was made for your account. If it was not you, revoke it and change your "
     "password."},
    {std::nullopt, "/mfa/delegated", "Something waits for your approval",
     "A program asks to act for you, once. Sign in within ten minutes to see which, and what for. "
     "Approve it only with the number that it shows you; if you do not know of it, refuse it:"},
}};

constexpr std::string_view kHandsOver =
    "\nThis address was not confirmed before. The link confirms it, and takes back what was set "
    "or\n"
    "handed out until now: the password, sign-ins, API keys, a second factor.\n";

const Wording& wording_of(LetterKind kind) { return kWordings[static_cast<std::size_t>(kind)]; }

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

// Nothing is set by it, and whoever asked learns nothing: asking is answered alike for everybody.
Letter there_is_no_password(const Wish& wish) {
  return {.to = wish.email,
          .subject = "You sign in without a password",
          .text =
              "Somebody, perhaps you, asked for a new password for your account, which has none.\n"
              "Sign in with your organisation's provider, or ask for a link.\n"};
}

// One wish, in the transaction that looks who lives at the address and keeps the token.
struct Desk {
  store::Tx& tx;
  const Wish& wish;
  const Wording& wording;
  const SecretToken& token;
  const std::string& public_url;
  WallTime now;

  Prepared with_link(PrincipalId to, std::string_view more = {}) const {
    Letter letter = make_letter(wish, wording, public_url + std::string(wording.path) + token.text);
    letter.text += more;
    return {std::move(letter), to};
  }
};

// Strict: nothing is made before the link is opened.
Result<Prepared> prepare_registration(const Desk& at) {
  WRIT_TRY(const auto user, find_user_by_email(at.tx, at.wish.email));
  if (user && !user->is_active) return Prepared{};
  if (user && (user->is_verified || !user->may_have_password)) {
    return Prepared{there_is_one_already(at.wish), user->id};
  }
  WRIT_CHECK(put_pending_registration(at.tx, at.token, {at.wish.email, at.wish.password}, at.now));
  return at.with_link(user ? user->id : PrincipalId{});
}

Result<Prepared> prepare_new_address(const Desk& at) {
  WRIT_TRY(const auto user, find_user(at.tx, at.wish.user));
  if (!user || !user->is_active) return Prepared{};
  WRIT_TRY(const auto other, find_user_by_email(at.tx, at.wish.email));
  if (other) return Prepared{there_is_one_already(at.wish), other->id};
  WRIT_CHECK(put_one_time_token(at.tx, OneTimeUse::verify, at.token, *user, at.now,
                                {.email = at.wish.email, .session = at.wish.session}));
  return at.with_link(user->id);
}

Result<Prepared> prepare_link(const Desk& at, OneTimeUse use) {
  WRIT_TRY(const auto user, find_user_by_email(at.tx, at.wish.email));
  if (!user || !user->is_active) return Prepared{};
  if (at.wish.kind == LetterKind::verify && user->is_verified) return Prepared{};
  if (at.wish.kind == LetterKind::reset && !user->may_have_password) {
    return Prepared{there_is_no_password(at.wish), user->id};
  }
  WRIT_CHECK(put_one_time_token(at.tx, use, at.token, *user, at.now));
  const bool hands_over = at.wish.kind == LetterKind::magic_link && !user->is_verified;
  return at.with_link(user->id, hands_over ? kHandsOver : std::string_view());
}

// Requires: the letter leads to a page, which asks who it is.
Result<Prepared> prepare_way(const Desk& at) {
  WRIT_TRY(const bool may_write, take_turn(at.tx, at.wish.kind, at.wish.email, at.now));
  if (!may_write && at.wish.tries == 0) return Prepared{};
  WRIT_TRY(const auto user, find_user_by_email(at.tx, at.wish.email));
  if (!user || !user->is_active) return Prepared{};
  const std::string link = at.public_url + std::string(at.wording.path);
  return Prepared{make_letter(at.wish, at.wording, link), user->id};
}

// What is to be written to whom; the token is part of the transaction. Notices are always written:
// what they tell of needed a password.
Result<Prepared> prepare(const Desk& at) {
  const std::optional<OneTimeUse> use = at.wording.use;
  if (!use && !at.wording.path.empty()) return prepare_way(at);
  if (!use) {
    WRIT_TRY(const auto user, find_user_by_email(at.tx, at.wish.email));
    return Prepared{make_letter(at.wish, at.wording, {}), user ? user->id : PrincipalId{}};
  }
  WRIT_TRY(const bool may_write, take_turn(at.tx, at.wish.kind, at.wish.email, at.now));
  if (!may_write && at.wish.tries == 0) return Prepared{};
  if (at.wish.kind == LetterKind::registration) return prepare_registration(at);
  if (at.wish.kind == LetterKind::new_address) return prepare_new_address(at);
  return prepare_link(at, *use);
}

enum class Fate : std::uint8_t { sent, nobody, put_off, given_up, stopped };

Fate fate_of(const Result<void>& sent, std::uint32_t tries) {
  if (sent) return Fate::sent;
  if (sent.error().code == Code::cancelled) return Fate::stopped;
  const bool is_over = sent.error().code == Code::invalid_input || tries + 1 >= kMostTries;
  return is_over ? Fate::given_up : Fate::put_off;
}

std::string subject_of(PrincipalId to) {
  return to.uuid.is_nil() ? std::string("user/unknown") : user_subject(to);
}

}  // namespace

// One try, and what became of it.
struct Postman::Tried {
  const Wish& wish;
  PrincipalId to = {};
  Fate fate = Fate::nobody;
  Error error = {};  // put_off, given_up
};

Result<bool> Postman::deliver_one(const std::stop_token& stop) {
  WRIT_TRY(const auto wish, parts_.store.write([](store::Tx& tx) -> Result<std::optional<Wish>> {
    WRIT_TRY(const WallTime now, tx.now());
    return take_wish(tx, now);
  }));
  if (!wish) return false;
  const Wording& wording = wording_of(wish->kind);
  const SecretToken token = make_one_time_token(wording.use.value_or(OneTimeUse::verify));
  WRIT_TRY(Prepared prepared, parts_.store.write([&](store::Tx& tx) -> Result<Prepared> {
    WRIT_TRY(const WallTime now, tx.now());
    return prepare({tx, *wish, wording, token, options_.public_url, now});
  }));
  Tried tried{.wish = *wish, .to = prepared.to};
  if (prepared.letter) {
    prepared.letter->id = wish->id.text();
    const auto sent = mailer_.send(*prepared.letter, stop);
    tried.fate = fate_of(sent, wish->tries);
    if (!sent) tried.error = sent.error();
  }
  WRIT_CHECK(settle(tried));
  tell(tried);
  return true;
}

Result<void> Postman::settle(const Tried& tried) {
  return parts_.store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const WallTime now, tx.now());
    if (tried.fate == Fate::stopped) return put_off_wish(tx, tried.wish, now);
    if (tried.fate == Fate::put_off) {
      return put_off_wish(tx, tried.wish, due_after(tried.wish.tries, now));
    }
    WRIT_CHECK(erase_wish(tx, tried.wish.id));
    if (tried.fate == Fate::nobody) return {};
    Object payload{{"kind", kLetterKinds.name(tried.wish.kind)}};
    if (tried.fate == Fate::sent) {
      return parts_.deed("system", {})
          .tell(tx, "writ.letter.sent", subject_of(tried.to), std::move(payload));
    }
    payload.append("tries", tried.wish.tries + 1);
    payload.append("reason", tried.error.message);
    return parts_.deed("system", {})
        .tell(tx, "writ.letter.abandoned", subject_of(tried.to), std::move(payload));
  });
}

// Servers that failed together do not come back together.
WallTime Postman::due_after(std::uint32_t tries, WallTime now) {
  const auto doubled = options_.first_pause * (std::int64_t{1} << std::min(tries, 20u));
  const std::int64_t pause = std::min(doubled, kLongestPause).count();
  const auto left_out = static_cast<std::int64_t>(parts_.random.next_u64() %
                                                  (static_cast<std::uint64_t>(pause) / 4 + 1));
  return {now.micros + pause - left_out};
}

void Postman::tell(const Tried& tried) const {
  constexpr EnumNames<Fate, 5> kFates{{"sent", "nobody", "put_off", "given_up", "stopped"}};
  if (tried.fate == Fate::nobody || tried.fate == Fate::stopped) return;
  if (options_.metrics != nullptr) {
    options_.metrics
        ->counters("writ_letters_total",
                   "Letters that were sent, put off to be tried again, or given up.", {"outcome"})
        .with({kFates.name(tried.fate)})
        .add();
  }
  if (options_.log == nullptr || tried.fate == Fate::sent) return;
  const bool is_over = tried.fate == Fate::given_up;
  options_.log->write_error("identity", is_over ? "letter.given_up" : "letter.put_off", tried.error,
                            {},
                            {{"letter", tried.wish.id.text()},
                             {"kind", kLetterKinds.name(tried.wish.kind)},
                             {"tries", tried.wish.tries + 1}});
}

Result<void> Postman::count_waiting() {
  if (options_.metrics == nullptr) return {};
  WRIT_TRY(const std::size_t count,
           parts_.store.read([](store::Tx& tx) { return count_wishes(tx); }));
  options_.metrics
      ->gauges("writ_letters_waiting", "Letters that are to be sent; a thousand stands for more.")
      .with({})
      .set(static_cast<double>(count));
  return {};
}

}  // namespace writ::identity
