#include "identity/accounts/sign_in_steps.h"

#include <string>
#include <utility>

#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/second_factor.h"

namespace writ::identity {
namespace {

WallTime after(WallTime now, std::int64_t seconds) { return {now.micros + (seconds * 1'000'000)}; }

}  // namespace

SignInSecrets make_sign_in_secrets(const AccountParts& parts, Keep keep) {
  SignInSecrets out{.session = parts.new_id<SessionId>(),
                    .challenge = make_one_time_token(OneTimeUse::second_factor)};
  if (keep == Keep::cookie) {
    out.cookie = make_secret_token(kCookiePrefix);
  } else {
    out.refresh = make_refresh_token(out.session);
  }
  return out;
}

Session make_session(const User& user, const SignInSecrets& secrets,
                     const AccountSettings& settings, const Asker& asker, WallTime now) {
  Session session;
  session.id = secrets.session;
  session.principal = user.id;
  session.authenticated_at = session.seen_at = now;
  session.idle = std::chrono::seconds(settings.session_idle_seconds);
  session.expires_at = after(now, settings.session_absolute_seconds);
  session.peer = asker.network;
  session.agent = asker.agent;
  return session;
}

Result<SignedIn> open_signed_in(store::Tx& tx, const User& user, Session session,
                                const SignInSecrets& secrets, Keep keep, const Deed& deed) {
  if (keep == Keep::cookie) session.cookie = secrets.cookie.key;
  WRIT_TRY(session, open_session(tx, std::move(session), deed));
  SignedIn out{.outcome = SignIn::done, .session = session, .user = user};
  if (keep == Keep::cookie) {
    out.cookie = secrets.cookie.text;
  } else {
    out.refresh_token = secrets.refresh.token.text;
    WRIT_CHECK(put_refresh_token(tx, secrets.refresh, session.id, session.expires_at));
  }
  return out;
}

Result<SignedIn> finish_sign_in(const SignInStep& at, const User& user, SignInMethod method,
                                const Deed& deed) {
  WRIT_TRY(const Factor factor, find_factor(at.tx, user.id));
  if (factor.state == FactorState::on) {
    WRIT_CHECK(put_one_time_token(at.tx, OneTimeUse::second_factor, at.secrets.challenge, user,
                                  at.now, {.method = method, .link = at.link}));
    return SignedIn{.outcome = SignIn::needs_factor, .challenge = at.secrets.challenge.text};
  }
  if (at.link) WRIT_CHECK(link_identity(at.tx, *at.link, deed));
  Session session = make_session(user, at.secrets, at.settings, at.asker, at.now);
  session.method = method;
  session.authenticated_at = at.proved_at.value_or(at.now);
  WRIT_CHECK(note_success(at.tx, {.account = user.email, .network = at.asker.network}));
  return open_signed_in(at.tx, user, std::move(session), at.secrets, at.keep, deed);
}

SignedIn wait_for(WallTime until) { return {.outcome = SignIn::must_wait, .wait_until = until}; }

Result<SignedIn> refuse_sign_in(store::Tx& tx, const SignInTry& made,
                                const std::optional<User>& user, std::string_view why,
                                const Deed& deed, WallTime now) {
  WRIT_CHECK(note_failure(tx, made, now));
  Object payload;
  payload.append("network", made.network);
  payload.append("step", why);
  WRIT_CHECK(deed.tell(tx, "writ.signin.failed",
                       user ? user_subject(user->id) : std::string("user/unknown"),
                       std::move(payload)));
  return SignedIn{};
}

Result<SignedIn> refuse_bad_token(store::Tx& tx, const AccountParts& parts, const Asker& asker,
                                  std::string_view why, WallTime now) {
  const SignInTry made{.network = asker.network, .counted = CountedFor::token};
  WRIT_TRY(const auto wait, must_wait_until(tx, made, now));
  if (wait) return wait_for(*wait);
  return refuse_sign_in(tx, made, {}, why, parts.deed("system", asker.trace), now);
}

}  // namespace writ::identity
