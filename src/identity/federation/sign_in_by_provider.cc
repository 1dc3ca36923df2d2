#include "identity/federation/sign_in_by_provider.h"

#include <algorithm>
#include <utility>

#include "identity/accounts/own_keys.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/settings.h"
#include "identity/accounts/sign_in_steps.h"

namespace writ::identity {
namespace {

// Identities are noted as used no more often.
constexpr std::int64_t kUseStep = 60'000'000;
// Clocks of providers are not ours.
constexpr std::int64_t kSkew = 60'000'000;

// Ids and secrets were made before the transaction.
struct Arrival {
  store::Tx& tx;
  const AccountParts& parts;
  const ProviderRules& rules;
  const Vouched& who;
  const Asker& asker;
  const SignInSecrets& secrets;
  const Trip& trip;
  PrincipalId new_user = {};
  LinkedIdentityId new_link = {};
  AccountSettings settings = {};
  WallTime now = {};

  Deed deed_of(PrincipalId user) const {
    return parts.deed("principal:" + user.text(), asker.trace);
  }
};

Result<ProviderOutcome> refuse(const Arrival& at, const std::optional<User>& user,
                               ProviderSignIn outcome, std::string_view why) {
  const SignInTry made{.network = at.asker.network, .counted = CountedFor::token};
  // Whoever is refused again and again does not fill the log.
  WRIT_TRY(const auto wait, must_wait_until(at.tx, made, at.now));
  if (wait) return ProviderOutcome{.outcome = outcome};
  WRIT_TRY(SignedIn refused,
           refuse_sign_in(at.tx, made, user, why, at.parts.deed("system", at.asker.trace), at.now));
  return ProviderOutcome{.outcome = outcome, .signed_in = std::move(refused)};
}

// Who is signed in at the provider comes back without being asked anything: that is no proof of
// now.
WallTime proved_at(const Arrival& at) {
  if (!at.who.authenticated_at) return {};
  const std::chrono::microseconds said = at.who.authenticated_at->time_since_epoch();
  return {std::min(at.now.micros, std::int64_t{said.count()})};
}

// A code of the second factor is asked for where one is on, and proves it as well.
Result<bool> is_proved_anew(const Arrival& at, PrincipalId user) {
  if (!at.trip.asks_anew || proved_at(at).micros + kSkew >= at.trip.begun_at.micros) return true;
  WRIT_TRY(const Factor factor, find_factor(at.tx, user));
  return factor.state == FactorState::on;
}

// `link`: what is to be linked with it.
Result<ProviderOutcome> let_in(const Arrival& at, const User& user,
                               std::optional<LinkedIdentity> link = {}) {
  if (!user.is_active) return refuse(at, user, ProviderSignIn::done, "provider_inactive");
  WRIT_TRY(const bool is_proved, is_proved_anew(at, user.id));
  if (!is_proved) return refuse(at, user, ProviderSignIn::not_anew, "provider_not_anew");
  if (at.settings.is_verification_required && !user.is_verified) {
    return ProviderOutcome{.outcome = ProviderSignIn::done,
                           .signed_in = {.outcome = SignIn::unverified}};
  }
  const SignInStep step{.tx = at.tx,
                        .parts = at.parts,
                        .asker = at.asker,
                        .secrets = at.secrets,
                        .keep = at.trip.keep,
                        .settings = at.settings,
                        .now = at.now,
                        .proved_at = proved_at(at),
                        .link = std::move(link)};
  WRIT_TRY(SignedIn in, finish_sign_in(step, user, SignInMethod::provider, at.deed_of(user.id)));
  return ProviderOutcome{.outcome = ProviderSignIn::done, .signed_in = std::move(in)};
}

LinkedIdentity link_of(const Arrival& at, PrincipalId user) {
  return {.id = at.new_link,
          .user = user,
          .provider = at.rules.name,
          .issuer = at.who.issuer,
          .subject = at.who.subject,
          .linked_at = at.now,
          .used_at = at.now};
}

// The identity is nobody's, and its address has an account.
Result<ProviderOutcome> meet(const Arrival& at, const User& user) {
  const bool may_link =
      at.rules.links_by_email && at.who.is_email_verified && user.is_verified && user.is_active;
  if (!may_link) return refuse(at, user, ProviderSignIn::taken, "provider_address_taken");
  return let_in(at, user, link_of(at, user.id));
}

Result<ProviderOutcome> make_account(const Arrival& at) {
  const bool is_open =
      at.rules.creates_accounts && at.settings.registration != Registration::closed;
  if (!is_open) return refuse(at, {}, ProviderSignIn::closed, "provider_unknown");
  WRIT_TRY(const User user,
           create_user(at.tx,
                       {.id = at.new_user,
                        .email = at.who.email,
                        .is_verified = at.rules.links_by_email && at.who.is_email_verified},
                       at.deed_of(at.new_user)));
  WRIT_CHECK(link_identity(at.tx, link_of(at, user.id), at.deed_of(user.id)));
  return let_in(at, user);
}

Result<ProviderOutcome> come_first(const Arrival& at) {
  // Open registration alone tells an account from none; else an address that anybody may claim
  // tells nothing.
  const bool needs_proof = at.settings.registration != Registration::open;
  if (at.who.email.empty() || (needs_proof && !at.who.is_email_verified)) {
    return refuse(at, {}, ProviderSignIn::no_email, "provider_no_address");
  }
  WRIT_TRY(const auto user, find_user_by_email(at.tx, at.who.email));
  if (user) return meet(at, *user);
  return make_account(at);
}

Result<ProviderOutcome> come_back(const Arrival& at, const LinkedIdentity& identity) {
  WRIT_TRY(const auto user, find_user(at.tx, identity.user));
  if (!user) return fail(Code::tampered, "an identity is linked to nobody");
  if (at.now.micros - identity.used_at.micros >= kUseStep) {
    WRIT_CHECK(note_identity_use(at.tx, identity, at.now));
  }
  return let_in(at, *user);
}

Result<ProviderOutcome> link_for(const Arrival& at, SessionId session_id,
                                 const std::optional<LinkedIdentity>& known) {
  WRIT_TRY(const auto session, find_session(at.tx, session_id, at.now));
  if (!session) return refuse(at, {}, ProviderSignIn::over, "provider_link_over");
  WRIT_TRY(const auto user, find_user(at.tx, session->principal));
  if (!user || !user->is_active) {
    return refuse(at, user, ProviderSignIn::over, "provider_link_over");
  }
  if (known && known->user != user->id) {
    return refuse(at, user, ProviderSignIn::taken, "provider_link_taken");
  }
  if (!known) {
    WRIT_CHECK(link_identity(at.tx, link_of(at, user->id), at.deed_of(user->id)));
  }
  return ProviderOutcome{.outcome = ProviderSignIn::linked};
}

}  // namespace

Result<ProviderOutcome> arrive(const AccountParts& parts, const ProviderRules& rules,
                               const Trip& trip, const Vouched& who, const Asker& asker) {
  const SignInSecrets secrets = make_sign_in_secrets(parts, trip.keep);
  const auto new_user = parts.new_id<PrincipalId>();
  const auto new_link = parts.new_id<LinkedIdentityId>();
  return parts.store.write([&](store::Tx& tx) -> Result<ProviderOutcome> {
    Arrival at{.tx = tx,
               .parts = parts,
               .rules = rules,
               .who = who,
               .asker = asker,
               .secrets = secrets,
               .trip = trip,
               .new_user = new_user,
               .new_link = new_link};
    WRIT_TRY(at.settings, read_settings(tx));
    WRIT_TRY(at.now, tx.now());
    WRIT_TRY(const auto known, find_identity(tx, who.issuer, who.subject));
    if (trip.session) return link_for(at, *trip.session, known);
    if (known) return come_back(at, *known);
    return come_first(at);
  });
}

Result<SignedIn> fail_trip(const AccountParts& parts, std::string_view why, const Asker& asker) {
  return parts.store.write([&](store::Tx& tx) -> Result<SignedIn> {
    WRIT_TRY(const WallTime now, tx.now());
    return refuse_bad_token(tx, parts, asker, why, now);
  });
}

Result<Unlinked> unlink_own_identity(const AccountParts& parts, const Owner& owner,
                                     LinkedIdentityId id, const Asker& asker) {
  return parts.store.write([&](store::Tx& tx) -> Result<Unlinked> {
    WRIT_TRY(const bool is_recent, has_signed_in_recently(tx, owner));
    if (!is_recent) return Unlinked::not_recent;
    WRIT_TRY(const auto user, find_user(tx, owner.id));
    WRIT_TRY(const auto all, list_identities(tx, owner.id));
    if (user && user->password.empty() && all.size() == 1 && all.front().id == id) {
      return Unlinked::only_way;
    }
    WRIT_TRY(
        const bool was_there,
        unlink_identity(tx, owner.id, id, parts.deed("principal:" + owner.id.text(), asker.trace)));
    return was_there ? Unlinked::done : Unlinked::absent;
  });
}

}  // namespace writ::identity
