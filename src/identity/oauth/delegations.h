#pragma once
// A program asks a person, who is elsewhere, to let it act for them once: for a request that says
// what for and with which scopes. The person approves in a session of their own, with a code of
// their second factor and the number that the program shows (so that nobody approves what they do
// not have before their eyes). The program then exchanges the approval for a token, once.
//
//   pending ──approve──▶ approved ──take──▶ taken
//      └────refuse, or another number────▶ refused        all of it within kDelegationLifetime
//
// All functions belong to the thread of their transaction.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/sessions.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

using DelegationId = Id<struct DelegationTag>;

inline constexpr std::chrono::minutes kDelegationLifetime{10};
// Of one program for one person within kDelegationLifetime, whatever became of them; of all
// programs.
inline constexpr std::size_t kMaxAskedByOne = 3;
inline constexpr std::size_t kMaxAsked = 10;

enum class DelegationState : std::uint8_t { pending, approved, refused, taken };
inline constexpr EnumNames<DelegationState, 4> kDelegationStates{
    {"pending", "approved", "refused", "taken"}};

struct Delegation {
  DelegationId id = {};
  PrincipalId asker = {};  // the program
  PrincipalId person = {};
  std::vector<std::string> scopes = {};  // sorted
  std::string target = {};               // what the token is to be for
  std::string message = {};              // what for, for people
  std::string number = {};               // two digits, shown by the program
  WallTime made_at = {};
  WallTime expires_at = {};
  DelegationState state = DelegationState::pending;
  std::optional<SessionId> session = {};  // in which it was approved
  WallTime decided_at = {};

  bool operator==(const Delegation&) const = default;
};

// "10" to "99".
std::string make_delegation_number();

// Requires: id, asker, person, scopes, target, message, number. Fills in the rest. A letter says to
// a person whose address is verified that something waits, and leads to the page.
// Errors: not_found (no such person, or one who may not act), overloaded (asked too often).
Result<Delegation> ask_delegation(store::Tx& tx, Delegation delegation, WishId letter,
                                  const Deed& deed);
// nullopt: there is none, or it is over.
Result<std::optional<Delegation>> find_delegation(store::Tx& tx, DelegationId id, WallTime now);
// Those that wait for a person, oldest first.
Result<std::vector<Delegation>> list_pending_delegations(store::Tx& tx, PrincipalId person,
                                                         WallTime now);

// What a person says to a request.
struct DelegationWord {
  DelegationId id = {};
  PrincipalId person = {};
  SessionId session = {};
  bool is_yes = false;
  std::string number = {};  // of a yes
  std::string code = {};    // likewise: of the second factor
};
enum class DelegationOutcome : std::uint8_t {
  approved,
  refused,
  not_pending,   // no such request of theirs, decided, or over
  no_factor,     // the person has none
  bad_code,      // it waits on
  wrong_number,  // refused for good
  must_wait,
};
struct DelegationAnswer {
  DelegationOutcome outcome = DelegationOutcome::not_pending;
  WallTime wait_until = {};
};
// The transaction is to be committed whatever the outcome.
Result<DelegationAnswer> answer_delegation(store::Tx& tx, const AccountParts& parts,
                                           const DelegationWord& word, const Asker& asker);
// Uses an approval up. Requires: it is approved.
Result<void> take_delegation(store::Tx& tx, Delegation delegation);

// Those that are over, at most `limit` looked at from behind `after`; where to go on, empty at the
// end.
Result<std::string> sweep_delegations(store::Tx& tx, std::string after, std::size_t limit,
                                      WallTime now);

std::vector<store::Migration> delegation_migrations();

}  // namespace writ::identity
