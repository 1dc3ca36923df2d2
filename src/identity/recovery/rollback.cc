#include "identity/recovery/rollback.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/users.h"
#include "identity/principals.h"
#include "identity/rbac/access_rows.h"
#include "identity/recovery/user_difference.h"

namespace writ::identity {
namespace {

constexpr std::size_t kPage = 1024;

Result<User> user_in(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(auto user, find_user(tx, id));
  if (user) return *std::move(user);
  return fail(Code::not_found, "the backup has no user " + id.text(), "Look into another backup");
}

Result<User> user_here(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(auto user, find_user(tx, id));
  if (user) return *std::move(user);
  WRIT_TRY(const bool is_erased, was_erased(tx, id));
  if (is_erased) {
    return fail(Code::conflict, "the user " + id.text() + " was deleted, and stays so",
                "Make a new account");
  }
  return fail(Code::conflict, "the user " + id.text() + " is not here",
              "Restore the whole backup to bring it back");
}

std::unexpected<Error> nothing_to_do() {
  return fail(Code::conflict, "it is as the backup has it: there is nothing to change",
              "Look into an older backup");
}

Result<void> tell(store::Tx& tx, const RollbackAsked& asked, const RollbackReport& report,
                  const Deed& deed) {
  Array fields;
  for (const std::string& field : report.fields) fields.emplace_back(field);
  return deed.tell(tx, "writ.recovery.rolled_back", "backup/" + asked.backup.text(),
                   Object{{"item", kRollbackItems.name(asked.item)},
                          {"id", asked.id},
                          {"fields", std::move(fields)},
                          {"added", report.added},
                          {"removed", report.removed}});
}

// In the transaction: what was given out before is void.
Result<std::uint64_t> void_all(store::Tx& tx, PrincipalId id, const Deed& deed) {
  WRIT_TRY(auto principal, find_principal(tx, id));
  if (!principal) return fail(Code::not_found, "there is no such user");
  ++principal->epoch;
  WRIT_CHECK(put_principal(tx, *principal));
  WRIT_CHECK(erase_one_time_tokens(tx, id));
  WRIT_TRY(const std::size_t ended, end_sessions_of(tx, id, std::nullopt, "rolled_back", deed));
  return ended;
}

Result<RollbackReport> roll_back_user(const RecoveryParts& parts, const Scratch& scratch,
                                      const RollbackAsked& asked, store::DryRun dry_run,
                                      const Deed& deed) {
  const auto id = PrincipalId::parse(asked.id);
  if (!id) return fail(Code::invalid_input, "`" + asked.id + "` is no user's id", "Check the id");
  WRIT_TRY(const User saved, scratch.store->read([&](store::Tx& tx) { return user_in(tx, *id); }));
  std::optional<RollbackReport> tried;
  auto done = parts.store.write([&](store::Tx& tx) -> Result<RollbackReport> {
    tried.reset();
    WRIT_TRY(const User here, user_here(tx, *id));
    RollbackReport report;
    report.fields = fields_between(here, saved);
    if (report.fields.empty()) return nothing_to_do();
    WRIT_CHECK(change_user(tx, *id, change_between(here, saved), deed));
    WRIT_TRY(report.sessions, void_all(tx, *id, deed));
    if (dry_run == store::DryRun::yes) {
      tried = std::move(report);
      return fail(Code::cancelled, "a dry run");
    }
    report.is_applied = true;
    WRIT_CHECK(tell(tx, asked, report, deed));
    return report;
  });
  if (tried) return *std::move(tried);
  return done;
}

struct AccessParts {
  std::set<Policy> policies;
  std::set<Assignment> assignments;
  std::map<std::string, std::string> roles;  // description by name
};

Result<void> collect_policies(store::Tx& tx, const std::string& subject, AccessParts& out) {
  std::optional<Policy> after;
  for (;;) {
    WRIT_TRY(const auto page, list_policies(tx, subject, after, kPage));
    out.policies.insert(page.begin(), page.end());
    if (page.size() < kPage) return {};
    after = page.back();
  }
}

Result<void> collect_roles(store::Tx& tx, AccessParts& out) {
  std::string after;
  for (;;) {
    WRIT_TRY(const auto page, list_roles(tx, after, kPage));
    for (const Role& one : page) out.roles.insert_or_assign(one.name, one.description);
    if (page.size() < kPage) return {};
    after = page.back().name;
  }
}

Result<AccessParts> collect(store::Tx& tx, const std::string& subject) {
  AccessParts out;
  WRIT_CHECK(collect_policies(tx, subject, out));
  WRIT_TRY(const auto assignments, list_assignments(tx, subject));
  out.assignments.insert(assignments.begin(), assignments.end());
  if (subject.empty()) WRIT_CHECK(collect_roles(tx, out));
  return out;
}

// What somebody who was deleted had stays away.
Result<bool> is_anybodys(store::Tx& live, const std::string& subject) {
  const auto id = PrincipalId::parse(subject);
  if (!id) return true;
  WRIT_TRY(const bool is_erased, was_erased(live, *id));
  return !is_erased;
}

// Removals first, so that no circle closes on the way; roles that go, last.
Result<std::vector<AccessChange>> changes_between(store::Tx& live, const AccessParts& here,
                                                  const AccessParts& saved) {
  std::vector<AccessChange> out;
  for (const Policy& one : here.policies) {
    if (saved.policies.contains(one)) continue;
    out.push_back({AccessVerb::remove_policy, one.subject, one.object, one.action});
  }
  for (const Assignment& one : here.assignments) {
    if (saved.assignments.contains(one)) continue;
    out.push_back({AccessVerb::unassign_role, one.subject, one.role});
  }
  for (const auto& [role, description] : saved.roles) {
    if (here.roles.contains(role)) continue;
    out.push_back({AccessVerb::create_role, role, {}, {}, description});
  }
  for (const Assignment& one : saved.assignments) {
    WRIT_TRY(const bool is_wanted, is_anybodys(live, one.subject));
    if (here.assignments.contains(one) || !is_wanted) continue;
    out.push_back({AccessVerb::assign_role, one.subject, one.role});
  }
  for (const Policy& one : saved.policies) {
    WRIT_TRY(const bool is_wanted, is_anybodys(live, one.subject));
    if (here.policies.contains(one) || !is_wanted) continue;
    out.push_back({AccessVerb::add_policy, one.subject, one.object, one.action});
  }
  for (const auto& [role, description] : here.roles) {
    if (!saved.roles.contains(role)) out.push_back({AccessVerb::delete_role, role});
  }
  return out;
}

bool removes(AccessVerb verb) {
  return verb == AccessVerb::remove_policy || verb == AccessVerb::unassign_role ||
         verb == AccessVerb::delete_role;
}

Result<RollbackReport> roll_back_access(const RecoveryParts& parts, AccessControl& access,
                                        const Scratch& scratch, const RollbackAsked& asked,
                                        store::DryRun dry_run, const Deed& deed) {
  WRIT_TRY(const AccessParts saved,
           scratch.store->read([&](store::Tx& tx) { return collect(tx, asked.id); }));
  WRIT_TRY(const auto changes,
           parts.store.read([&](store::Tx& tx) -> Result<std::vector<AccessChange>> {
             WRIT_TRY(const AccessParts here, collect(tx, asked.id));
             return changes_between(tx, here, saved);
           }));
  if (changes.empty()) return nothing_to_do();
  RollbackReport report;
  report.removed = static_cast<std::uint64_t>(
      std::ranges::count_if(changes, [](const AccessChange& one) { return removes(one.verb); }));
  report.added = changes.size() - report.removed;
  WRIT_TRY(const AccessReport made,
           access.change(changes, {deed.actor, deed.correlation}, dry_run));
  for (const AccessItem& item : made.items) {
    if (item.outcome == AccessOutcome::refused) return fail(Code::conflict, item.detail);
  }
  report.is_applied = made.is_applied;
  if (!report.is_applied) return report;
  WRIT_CHECK(parts.store.write([&](store::Tx& tx) { return tell(tx, asked, report, deed); }));
  return report;
}

}  // namespace

Result<RollbackReport> roll_back(const RecoveryParts& parts, AccessControl* access,
                                 const RollbackAsked& asked, store::DryRun dry_run,
                                 const Deed& deed) {
  WRIT_TRY(const Scratch scratch, open_backup(parts, asked.backup));
  if (asked.item == RollbackItem::user) {
    return roll_back_user(parts, scratch, asked, dry_run, deed);
  }
  WRIT_ASSERT(access != nullptr);
  return roll_back_access(parts, *access, scratch, asked, dry_run, deed);
}

Value to_value(const RollbackReport& report) {
  Array fields;
  for (const std::string& field : report.fields) fields.emplace_back(field);
  return Object{{"is_applied", report.is_applied},
                {"fields", std::move(fields)},
                {"added", report.added},
                {"removed", report.removed},
                {"sessions", report.sessions}};
}

}  // namespace writ::identity
