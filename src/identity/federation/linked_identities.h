#pragma once
// Who a person is elsewhere: pairs of issuer and subject that sign in to an account. A pair belongs
// to one account at a time. An address is no part of it: providers give addresses to other people.
//
// What was unlinked is remembered by the id of its link, so that no backup brings it back. All
// functions belong to the thread of their transaction.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

using LinkedIdentityId = Id<struct LinkedIdentityTag>;

// Of one account.
inline constexpr std::size_t kMaxLinkedIdentities = 32;
inline constexpr std::size_t kMaxIssuer = 1024;
inline constexpr std::size_t kMaxSubject = 255;  // OpenID Connect Core section 2

struct LinkedIdentity {
  LinkedIdentityId id = {};
  PrincipalId user = {};
  std::string provider = {};  // its name when it was linked
  std::string issuer = {};
  std::string subject = {};
  WallTime linked_at = {};
  WallTime used_at = {};

  bool operator==(const LinkedIdentity&) const = default;
};

Result<std::optional<LinkedIdentity>> find_identity(store::Tx& tx, std::string_view issuer,
                                                    std::string_view subject);
// In the order of their ids.
Result<std::vector<LinkedIdentity>> list_identities(store::Tx& tx, PrincipalId user);

// Of one issuer, in the order of their subjects.
Result<std::vector<LinkedIdentity>> list_identities_at(store::Tx& tx, std::string_view issuer,
                                                       std::size_t limit);

// Requires: issuer and subject are within their bounds.
// Errors: conflict (the pair signs in to an account already, or the account has too many).
Result<void> link_identity(store::Tx& tx, const LinkedIdentity& identity, const Deed& deed);
Result<void> note_identity_use(store::Tx& tx, LinkedIdentity identity, WallTime now);
// False: the user has none of that id.
Result<bool> unlink_identity(store::Tx& tx, PrincipalId user, LinkedIdentityId id,
                             const Deed& deed);
Result<void> unlink_identities_of(store::Tx& tx, PrincipalId user, const Deed& deed);

std::vector<store::Migration> linked_identity_migrations();

}  // namespace writ::identity
