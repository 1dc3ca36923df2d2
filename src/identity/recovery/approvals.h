#pragma once
// What takes two people: one asks, another one approves within ten minutes, the first one does it.
// An approval is bound to the digest of the request, to who asked, and works once.
//
// All functions belong to the thread of their transaction.
#include <chrono>
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

using ApprovalId = Id<struct ApprovalTag>;

inline constexpr std::chrono::minutes kApprovalLifetime{10};
// Open at the same time.
inline constexpr std::size_t kMostApprovals = 100;

struct Approval {
  ApprovalId id;
  PrincipalId asked_by;
  std::string act;     // "restore"
  std::string says;    // what would be done, for who approves
  std::string digest;  // of the request, hex
  WallTime asked_at;
  WallTime expires_at;
  std::optional<PrincipalId> approved_by = {};
};

struct AskedApproval {
  ApprovalId id;
  PrincipalId asked_by;
  std::string act;
  std::string says;
  std::string digest;
};

// Errors: overloaded (kMostApprovals are open).
Result<Approval> ask_approval(store::Tx& tx, const AskedApproval& asked, const Deed& deed);
// Oldest first, those that have not expired.
Result<std::vector<Approval>> list_approvals(store::Tx& tx);
// Errors: not_found (none, or it has expired); not_permitted (by who asked); conflict (somebody has
// approved it).
Result<Approval> approve(store::Tx& tx, ApprovalId id, PrincipalId by, const Deed& deed);
// Uses it up. Errors: not_permitted (of another request or person, expired, or not approved).
Result<Approval> spend_approval(store::Tx& tx, ApprovalId id, PrincipalId by,
                                std::string_view digest, const Deed& deed);

std::vector<store::Migration> approval_migrations();

}  // namespace writ::identity
