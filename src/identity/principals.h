#pragma once
// The register of who there is: people, service accounts, agents, in one table, so that a link, a
// role or a delegation may name any of them and one look tells whether they may still act.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

struct Principal {
  PrincipalId id;
  PrincipalKind kind = PrincipalKind::user;
  std::string name;  // of a user the e-mail address
  bool is_active = true;
  bool is_superuser = false;  // users only
  // Whatever was given out under an earlier epoch (sessions, tokens) is void. It only rises, over
  // restores of a backup too.
  std::uint64_t epoch = 1;
  std::optional<PrincipalId> sponsor;  // who answers for an agent or a service account
  WallTime created_at;

  bool operator==(const Principal&) const = default;
};

// nullopt: there is none, or it was deleted.
Result<std::optional<Principal>> find_principal(store::Tx& tx, PrincipalId id);
Result<void> put_principal(store::Tx& tx, const Principal& principal);
// Leaves a tombstone: the id is never given again and a restore does not bring it back.
Result<void> erase_principal(store::Tx& tx, PrincipalId id);
Result<bool> was_erased(store::Tx& tx, PrincipalId id);
// In order of their ids, that is of creation; from behind `after`.
Result<std::vector<Principal>> list_principals(store::Tx& tx, std::optional<PrincipalKind> kind,
                                               std::optional<PrincipalId> after, std::size_t limit);

// Whether everyone whom the act rests on may act: the principal, each actor of the delegation, and
// their sponsors up to a person. Errors: unauthenticated.
Result<void> check_alive(store::Tx& tx, const Caller& caller);

std::vector<store::Migration> principal_migrations();

}  // namespace writ::identity
