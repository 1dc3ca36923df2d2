#pragma once
// Role based access: who may do what on what, decided in memory, kept in the store, each change
// with its event. Mechanism: docs/architecture/access.md.
//
//   AccessReader reader(control);                                    // one a thread
//   if (reader.now().allows(user, "invoice", "read")) …              // nanoseconds
//   control.check(reader, {user, "invoice", "read"});                // with its reasons
//
// A change is seen by every check after `change` has returned; other servers on the same database
// see it with their next `refresh_if_behind`. Thread-safe; readers wait for nobody.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "identity/journal.h"
#include "identity/rbac/access_conditions.h"
#include "identity/rbac/access_difference.h"
#include "identity/rbac/access_index.h"
#include "identity/rbac/access_model.h"
#include "store/store.h"

namespace writ::identity {

// Who changes something: as events have it (Happening).
struct Author {
  std::string actor;
  std::string correlation = {};
};

struct AccessCheck {
  bool is_allowed = false;
  std::string reason;                   // a sentence
  std::vector<std::string> objections;  // of conditions, against what a policy permits
  AccessDecision decision;
  std::uint64_t revision = 0;
};

struct AccessItem {
  AccessOutcome outcome = AccessOutcome::done;
  std::string detail = {};  // why it was refused
};

struct AccessReport {
  bool is_applied = false;  // all of it, or nothing
  std::uint64_t revision = 0;
  std::vector<AccessItem> items;                    // one for each change, in their order
  std::optional<AccessDifference> difference = {};  // of a dry run
};

// What replaces everything: a reload, a reset.
struct AccessReplacement {
  bool is_applied = false;
  std::uint64_t revision = 0;
  AccessCounts before;
  AccessCounts after;
  std::optional<AccessDifference> difference = {};  // of a dry run
  std::string backup = {};                          // its id, of a reset
};

// Makes a backup and returns its id.
using BackUp = std::function<Result<std::string>()>;

struct AccessDeps {
  store::Store& store;
  Journal& journal;
  Random& random;
  AccessConditions conditions = {};
  BackUp back_up = {};  // none: a reset is refused
};

class AccessControl {
 public:
  // Reads everything. Requires: access_migrations() have been made.
  // Errors: tampered, those of the store.
  static Result<std::unique_ptr<AccessControl>> open(AccessDeps deps);

  // The newest index; takes a lock for a moment. Who asks often has an AccessReader.
  std::shared_ptr<const AccessIndex> index() const;
  AccessCheck check(const AccessIndex& index, const AccessQuestion& question) const;
  // As it would be decided with these conditions in the place of those that are there.
  static AccessCheck check(const AccessIndex& index, const AccessQuestion& question,
                           const AccessConditions& conditions);
  const AccessConditions& conditions() const { return deps_.conditions; }

  // All of the changes or none: one that is refused, or that changes nothing, and none is made.
  // Errors: invalid_input (names), those of the store and the ledger.
  Result<AccessReport> change(std::span<const AccessChange> changes, const Author& author,
                              store::DryRun dry_run = store::DryRun::no,
                              std::string_view description = {});
  // What of the changes takes effect, as part of a transaction that changes more. `refresh` after
  // the commit. Errors: those above; conflict (roles would run in a circle).
  Result<void> apply(store::Tx& tx, std::span<const AccessChange> changes, const Author& author);
  // Whatever names `subject`: for the transaction that deletes it. `refresh` after the commit.
  Result<void> forget(store::Tx& tx, const std::string& subject, const Author& author);

  // Reads everything anew. A dry run says what that would change.
  Result<AccessReplacement> reload(store::DryRun dry_run);
  // Removes everything, after a backup. Errors: unsupported (nothing can make one), those of it.
  Result<AccessReplacement> reset(const Author& author, store::DryRun dry_run);

  // Follows what other servers have changed, if anything: one look at one row. Requires: a
  // transaction that reads (what others see must be committed).
  Result<void> refresh_if_behind(store::Tx& tx);
  Result<void> refresh();

 private:
  friend class AccessReader;
  struct Plan;
  enum class Publish : std::uint8_t { newer, as_new, any };

  AccessControl(AccessDeps deps, AccessIndex empty);
  Result<Plan> plan(store::Tx& tx, std::span<const AccessChange> changes) const;
  Result<void> carry_out(store::Tx& tx, Plan& plan, const Author& author,
                         std::string_view description);
  Result<void> tell(store::Tx& tx, const Plan& plan, const Author& author);
  void publish(AccessIndex next, Publish which = Publish::newer);

  const AccessDeps deps_;
  const AccessIndex empty_;
  mutable std::mutex pointer_;  // guards current_ while its pointer is copied
  std::shared_ptr<const AccessIndex> current_;
  std::atomic<std::uint64_t> version_{1};   // one more with each publication
  std::atomic<std::uint64_t> revision_{0};  // of current_
};

// Keeps the newest index for one thread.
class AccessReader {
 public:
  // Borrowed.
  explicit AccessReader(const AccessControl& control) : control_(control) {}

  // Good until the next call.
  const AccessIndex& now();

 private:
  const AccessControl& control_;
  std::uint64_t version_ = 0;
  std::shared_ptr<const AccessIndex> held_;
};

}  // namespace writ::identity
