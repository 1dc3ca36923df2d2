#include "identity/oauth/refused_grants.h"

#include <string>
#include <utility>

#include "identity/accounts/lockout.h"

namespace writ::identity {
namespace {

Object payload_of(const RefusedGrant& refused, const Asker& asker) {
  Object out{{"error", refused.error}, {"network", asker.network}};
  if (!refused.grant.empty()) out.append("grant", refused.grant);
  if (refused.person) out.append("principal", refused.person->text());
  return out;
}

}  // namespace

Result<bool> tell_refused_grant(const AccountParts& parts, const RefusedGrant& refused,
                                const Asker& asker) {
  // A count of its own: what a program does wrong is not held against who signs in beside it.
  const SignInTry made{.network = "refused/" + asker.network, .counted = CountedFor::token};
  const auto waits = [&made](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto until, must_wait_until(tx, made, now));
    return until.has_value();
  };
  // A flood costs no writes either.
  WRIT_TRY(const bool must_wait, parts.store.read(waits));
  if (must_wait) return false;
  return parts.store.write([&](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const bool has_to_wait, waits(tx));
    if (has_to_wait) return false;
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_CHECK(note_failure(tx, made, now));
    const std::string client(refused.client.empty() ? "unknown" : refused.client);
    WRIT_CHECK(parts.deed("system", asker.trace)
                   .tell(tx, refused.type, "client/" + client, payload_of(refused, asker)));
    return true;
  });
}

}  // namespace writ::identity
