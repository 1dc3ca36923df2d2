#pragma once
// Accounts follow a directory: who is there has an account and the roles of their groups, who is
// not there any more is switched off. Mechanism: docs/architecture/directories.md.
//
// A run reads the whole directory first; an answer that is not whole changes nothing. Then it
// compares, and where more people would lose something than may at once, it changes nothing either.
// What is left it does in bounded transactions, each of which looks again: what people do meanwhile
// counts. A run that is interrupted is continued by the next one.
//
// Thread-safe; blocking. All is borrowed.
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "identity/directory/directory_source.h"
#include "identity/directory/sync_state.h"
#include "identity/directory/sync_step.h"
#include "identity/journal.h"
#include "identity/rbac/access_control.h"
#include "store/store.h"

namespace writ::identity {

struct GroupRole {
  std::string group;  // as DirectoryPerson::groups has it
  std::string role;
};

// How many people a run may switch off or take roles from.
struct LossLimit {
  std::size_t count = 0;     // 0: a share
  std::size_t percent = 10;  // of the people who have an account by this directory; at least one

  std::size_t of(std::size_t people) const;
  // "25", or "10%". Errors: invalid_input.
  static Result<LossLimit> parse(std::string_view text);
};

struct DirectoryRules {
  std::string name = {};
  std::vector<GroupRole> roles = {};  // a role that is not here is never given, nor taken
  bool adopts_by_email = false;
  bool addresses_are_verified = false;
  bool allows_passwords = false;  // of accounts that were made for its people
  std::size_t max_people = 20'000;
  LossLimit max_losses = {};
  std::chrono::seconds interval{0};  // 0: only when asked
  // For how long the others wait for a server that says nothing: longer than reading takes.
  std::chrono::seconds lease{300};
  std::size_t batch = 64;  // people of one transaction
};

inline constexpr std::size_t kMostSyncItems = 1000;

struct SyncReport {
  std::string directory = {};
  bool is_applied = false;
  std::size_t people = 0;                 // that the directory names
  std::array<std::size_t, 7> fates = {};  // by PersonFate
  std::size_t losses = 0;
  std::size_t may_lose = 0;
  std::vector<SyncItem> items = {};  // whose fate is not `unchanged`, or who has a reason
  bool is_cut = false;               // there are more than kMostSyncItems
  std::optional<AccessDifference> access = {};  // of a dry run

  std::size_t count(PersonFate fate) const { return fates[static_cast<std::size_t>(fate)]; }
  std::size_t changes() const;
};

struct DirectoryParts {
  store::Store& store;
  Journal& journal;
  const Clock& clock;
  Random& random;
  AccessControl& access;
};

struct SyncAsked {
  Author author = {.actor = "system"};
  std::optional<std::size_t> may_lose = {};  // in place of the rules'
};

class DirectorySync {
 public:
  DirectorySync(DirectoryParts parts, DirectoryRules rules, DirectorySource& source)
      : parts_(parts), rules_(std::move(rules)), source_(source) {}

  const DirectoryRules& rules() const { return rules_; }
  Result<SyncState> state() const;

  // What a run would do. Changes nothing, and waits for nobody.
  // Errors: those of the source and the store.
  Result<SyncReport> look(const SyncAsked& asked, const std::stop_token& stop);
  // Errors: those; conflict (a run is under way, more would lose something than may, or the
  // directory names nobody), lease_lost. What was done before an error of the store stands.
  Result<SyncReport> run(const SyncAsked& asked, const std::stop_token& stop);
  // Runs if it is time and nobody does. False: it did not.
  Result<bool> run_if_due(const std::stop_token& stop);

 private:
  struct Plan;

  Result<std::vector<Wanted>> read(const std::stop_token& stop);
  Result<Plan> plan(const SyncAsked& asked, const std::stop_token& stop);
  Result<void> check_losses(const Plan& plan) const;
  // Nothing: a run is under way.
  Result<std::optional<SyncReport>> try_run(const SyncAsked& asked, const std::stop_token& stop);
  Result<SyncReport> run_as(SyncRunId run, const SyncAsked& asked, const std::stop_token& stop,
                            LastSync& last);
  Result<void> apply(SyncRunId run, const SyncAsked& asked, const Plan& plan,
                     const std::stop_token& stop, SyncReport& report);
  Result<void> settle(SyncRunId run, const SyncAsked& asked, const LastSync& last);

  const DirectoryParts parts_;
  const DirectoryRules rules_;
  DirectorySource& source_;
};

}  // namespace writ::identity
