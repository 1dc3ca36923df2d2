#include "identity/oauth/clients.h"

#include <utility>

#include "identity/accounts/lockout.h"
#include "identity/principals.h"

namespace writ::identity {
namespace {

// An id that is none is counted as one that nobody has. The network is part of the name, so that
// what is counted for the account from everywhere is counted from there alone.
SignInTry try_of(const ClientProof& proof, const Asker& asker) {
  const auto id = PrincipalId::parse(proof.id);
  return {.account = "client/" + (id ? id->text() : std::string("unknown")) + '/' + asker.network,
          .network = asker.network};
}

struct Seen {
  ClientCheck check = {};
  bool has_failed_before = false;
};

Result<std::optional<Client>> find_client(store::Tx& tx, const ClientProof& proof,
                                          const ScopeRules& rules) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(auto key, find_api_key(tx, proof.secret, now));
  if (!key || key->principal.text() != proof.id) return std::nullopt;
  WRIT_TRY(const auto principal, find_principal(tx, key->principal));
  // People sign in; their keys are no clients.
  if (!principal || principal->kind == PrincipalKind::user) return std::nullopt;
  auto standing = standing_of_key(tx, *key, rules);
  if (!standing) {
    if (standing.error().code == Code::unauthenticated) return std::nullopt;
    return std::unexpected(std::move(standing).error());
  }
  return Client{.id = principal->id,
                .epoch = principal->epoch,
                .key = *std::move(key),
                .scopes = std::move(standing->caller.scopes)};
}

Result<Seen> look(const AccountParts& parts, const ClientProof& proof, const SignInTry& made,
                  const ScopeRules& rules) {
  return parts.store.read([&](store::Tx& tx) -> Result<Seen> {
    Seen out;
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(out.check.wait_until, must_wait_until(tx, made, now));
    if (out.check.wait_until) return out;
    WRIT_TRY(out.has_failed_before, has_failures(tx, made, now));
    WRIT_TRY(out.check.client, find_client(tx, proof, rules));
    return out;
  });
}

Result<void> note_refusal(store::Tx& tx, const AccountParts& parts, const ClientProof& proof,
                          const SignInTry& made, const Asker& asker) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_CHECK(note_failure(tx, made, now));
  const auto id = PrincipalId::parse(proof.id);
  bool is_known = false;
  if (id) {
    WRIT_TRY(const auto principal, find_principal(tx, *id));
    is_known = principal.has_value();
  }
  return parts.deed("system", asker.trace)
      .tell(tx, "writ.client.refused", "client/" + (is_known ? id->text() : std::string("unknown")),
            Object{{"network", asker.network}});
}

}  // namespace

Result<ClientCheck> check_client(const AccountParts& parts, const ClientProof& proof,
                                 const Asker& asker, const ScopeRules& rules) {
  const SignInTry made = try_of(proof, asker);
  WRIT_TRY(Seen seen, look(parts, proof, made, rules));
  if (seen.check.wait_until) return seen.check;
  if (!seen.check.client) {
    WRIT_CHECK(parts.store.write(
        [&](store::Tx& tx) { return note_refusal(tx, parts, proof, made, asker); }));
  } else if (seen.has_failed_before) {
    WRIT_CHECK(parts.store.write([&](store::Tx& tx) { return note_success(tx, made); }));
  }
  return seen.check;
}

}  // namespace writ::identity
