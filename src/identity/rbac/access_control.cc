#include "identity/rbac/access_control.h"

#include <algorithm>
#include <set>
#include <utility>

#include "identity/rbac/access_draft.h"
#include "identity/rbac/access_rows.h"
#include "observe/current_span.h"

namespace writ::identity {
namespace {

// Changes that one event tells; more are told by several.
constexpr std::size_t kToldAtOnce = 500;

std::string reason_of(const AccessQuestion& question, const AccessDecision& decision,
                      const std::vector<std::string>& objections) {
  const std::string what = std::string(question.action) + " on " + std::string(question.object);
  if (!objections.empty()) return "a condition denies " + what + ": " + objections.front();
  const std::string who(question.subject);
  if (!decision.is_allowed) {
    std::string out = "no policy permits " + what + " to " + who;
    if (decision.roles == 1) out += " or the role that it holds";
    if (decision.roles > 1) {
      out += " or any of the " + std::to_string(decision.roles) + " roles that it holds";
    }
    return out;
  }
  if (decision.via.size() == 1) return who + " has " + what + " itself";
  std::string out = who + " has " + what + " by the role " + decision.via[1];
  for (std::size_t i = 2; i < decision.via.size(); ++i) out += ", which holds " + decision.via[i];
  return out;
}

Value told(const AccessChange& change) {
  Object out;
  out.append("change", kAccessVerbs.name(change.verb));
  switch (change.verb) {
    case AccessVerb::add_policy:
    case AccessVerb::remove_policy:
      out.append("subject", change.subject);
      out.append("object", change.object);
      out.append("action", change.action);
      break;
    case AccessVerb::assign_role:
    case AccessVerb::unassign_role:
      out.append("subject", change.subject);
      out.append("role", change.object);
      break;
    case AccessVerb::create_role:
    case AccessVerb::delete_role:
      out.append("role", change.subject);
      break;
  }
  return out;
}

Value counted(const AccessCounts& counts) {
  Object out;
  out.append("policies", counts.policies);
  out.append("assignments", counts.assignments);
  out.append("roles", counts.roles);
  return out;
}

// Everything that names `subject`, as changes that take it away.
std::vector<AccessChange> parts_of(const AccessIndex& index, const std::string& subject) {
  std::vector<AccessChange> out;
  const AccessSubject* found = index.find(subject);
  if (found == nullptr) return out;
  found->rules.for_each([&](const AccessText& rule) {
    out.push_back({AccessVerb::remove_policy, subject, std::string(rule.first()),
                   std::string(rule.second())});
    return true;
  });
  for (const std::string& role : index.roles_of(subject)) {
    out.push_back({AccessVerb::unassign_role, subject, role});
  }
  index.for_each_member(subject, [&](std::string_view member) {
    out.push_back({AccessVerb::unassign_role, std::string(member), subject});
    return true;
  });
  if (found->is_declared_role) out.push_back({AccessVerb::delete_role, subject});
  return out;
}

std::set<std::string> touched_by(const std::vector<AccessChange>& changes) {
  std::set<std::string> out;
  for (const AccessChange& change : changes) out.insert(change.subject);
  return out;
}

}  // namespace

// What a list of changes comes to, over what the transaction sees.
struct AccessControl::Plan {
  AccessIndex before;
  AccessIndex after;
  std::vector<AccessItem> items;
  std::vector<AccessChange> effects;  // what really changes
  bool is_good = true;
};

AccessControl::AccessControl(AccessDeps deps, AccessIndex empty)
    : deps_(std::move(deps)),
      empty_(std::move(empty)),
      current_(std::make_shared<const AccessIndex>(empty_)) {}

Result<std::unique_ptr<AccessControl>> AccessControl::open(AccessDeps deps) {
  AccessIndex empty(deps.random);
  std::unique_ptr<AccessControl> out(new AccessControl(std::move(deps), std::move(empty)));
  WRIT_TRY(AccessIndex index,
           out->deps_.store.read([&](store::Tx& tx) { return read_everything(tx, out->empty_); }));
  out->publish(std::move(index), Publish::any);
  return out;
}

std::shared_ptr<const AccessIndex> AccessControl::index() const {
  const std::lock_guard lock(pointer_);
  return current_;
}

const AccessIndex& AccessReader::now() {
  if (const std::uint64_t newest = control_.version_.load(std::memory_order_acquire);
      newest != version_) {
    held_ = control_.index();
    version_ = newest;
  }
  return *held_;
}

void AccessControl::publish(AccessIndex next, Publish which) {
  auto made = std::make_shared<const AccessIndex>(std::move(next));
  const std::lock_guard lock(pointer_);
  // Writers may come here in another order than they committed in.
  const std::uint64_t held = current_->revision();
  if (which == Publish::newer && made->revision() <= held) return;
  if (which == Publish::as_new && made->revision() < held) return;
  current_.swap(made);
  revision_.store(current_->revision(), std::memory_order_release);
  version_.fetch_add(1, std::memory_order_release);
}

AccessCheck AccessControl::check(const AccessIndex& index, const AccessQuestion& question) const {
  observe::Span span = observe::child_span("policy.decide");
  AccessCheck out = check(index, question, deps_.conditions);
  span.set("writ.allowed", out.is_allowed);
  return out;
}

AccessCheck AccessControl::check(const AccessIndex& index, const AccessQuestion& question,
                                 const AccessConditions& conditions) {
  AccessCheck out;
  out.revision = index.revision();
  out.decision = index.decide(question.subject, question.object, question.action);
  out.is_allowed = out.decision.is_allowed;
  if (out.is_allowed) out.objections = conditions.objections(question, out.decision);
  out.is_allowed = out.is_allowed && out.objections.empty();
  out.reason = reason_of(question, out.decision, out.objections);
  return out;
}

Result<AccessControl::Plan> AccessControl::plan(store::Tx& tx,
                                                std::span<const AccessChange> changes) const {
  WRIT_TRY(AccessIndex before, index_at(tx, *index(), empty_));
  Plan out{before, before, {}, {}, true};
  AccessDraft draft(std::move(before));
  for (const AccessChange& change : changes) {
    std::vector<AccessChange> parts = {change};
    if (change.verb == AccessVerb::delete_role) {
      parts = parts_of(draft.index(), change.subject);
      if (parts.empty() || parts.back().verb != AccessVerb::delete_role) parts = {change};
    }
    AccessItem item;
    for (AccessChange& part : parts) {
      item.outcome = draft.apply(part);
      if (item.outcome != AccessOutcome::done) break;
      out.effects.push_back(std::move(part));
    }
    if (item.outcome == AccessOutcome::refused) {
      item.detail = "roles would run in a circle: " + draft.circle();
    }
    out.is_good = out.is_good && item.outcome == AccessOutcome::done;
    out.items.push_back(std::move(item));
  }
  out.after = std::move(draft).take();
  return out;
}

Result<void> AccessControl::tell(store::Tx& tx, const Plan& plan, const Author& author) {
  const std::uint64_t revision = plan.after.revision();
  const std::size_t parts = (plan.effects.size() + kToldAtOnce - 1) / kToldAtOnce;
  for (std::size_t part = 0; part < parts; ++part) {
    Array changes;
    const std::size_t end = std::min(plan.effects.size(), (part + 1) * kToldAtOnce);
    for (std::size_t i = part * kToldAtOnce; i < end; ++i) changes.push_back(told(plan.effects[i]));
    Object payload;
    payload.append("revision", revision);
    payload.append("part", part + 1);
    payload.append("parts", parts);
    payload.append("changes", std::move(changes));
    WRIT_CHECK(deps_.journal.write(tx, {.type = "writ.access.changed",
                                        .subject = "access/" + std::to_string(revision),
                                        .actor = author.actor,
                                        .payload = std::move(payload),
                                        .correlation = author.correlation}));
  }
  return {};
}

Result<void> AccessControl::carry_out(store::Tx& tx, Plan& plan, const Author& author,
                                      std::string_view description) {
  for (const AccessChange& effect : plan.effects) {
    const bool has_own = !effect.description.empty();
    WRIT_CHECK(put_change(tx, effect, has_own ? effect.description : description));
  }
  WRIT_TRY(const std::uint64_t revision, raise_revision(tx, plan.effects));
  AccessDraft draft(std::move(plan.after));
  draft.set_revision(revision);
  plan.after = std::move(draft).take();
  return tell(tx, plan, author);
}

Result<AccessReport> AccessControl::change(std::span<const AccessChange> changes,
                                           const Author& author, store::DryRun dry_run,
                                           std::string_view description) {
  for (const AccessChange& change : changes) WRIT_CHECK(check_change(change));
  const auto ask = [&](store::Tx& tx) { return plan(tx, changes); };
  const auto make = [&](store::Tx& tx) -> Result<Plan> {
    WRIT_TRY(Plan made, plan(tx, changes));
    if (made.is_good && !made.effects.empty()) {
      WRIT_CHECK(carry_out(tx, made, author, description));
    }
    return made;
  };
  if (dry_run == store::DryRun::yes) {
    WRIT_TRY(Plan made, deps_.store.read(ask));
    AccessReport out{false, made.before.revision(), std::move(made.items), AccessDifference{}};
    if (made.is_good) {
      out.difference = difference(made.before, made.after, touched_by(made.effects));
    }
    return out;
  }
  WRIT_TRY(Plan made, deps_.store.write(make));
  AccessReport out{made.is_good, made.before.revision(), std::move(made.items), std::nullopt};
  if (made.is_good && !made.effects.empty()) {
    out.revision = made.after.revision();
    publish(std::move(made.after));
  }
  return out;
}

Result<void> AccessControl::apply(store::Tx& tx, std::span<const AccessChange> changes,
                                  const Author& author) {
  for (const AccessChange& change : changes) WRIT_CHECK(check_change(change));
  WRIT_TRY(Plan made, plan(tx, changes));
  for (const AccessItem& item : made.items) {
    if (item.outcome == AccessOutcome::refused) return fail(Code::conflict, item.detail);
  }
  return made.effects.empty() ? Result<void>() : carry_out(tx, made, author, {});
}

Result<void> AccessControl::forget(store::Tx& tx, const std::string& subject,
                                   const Author& author) {
  WRIT_TRY(AccessIndex before, index_at(tx, *index(), empty_));
  Plan made{before, before, {}, {}, true};
  AccessDraft draft(std::move(before));
  for (AccessChange& part : parts_of(draft.index(), subject)) {
    if (draft.apply(part) == AccessOutcome::done) made.effects.push_back(std::move(part));
  }
  if (made.effects.empty()) return {};
  made.after = std::move(draft).take();
  return carry_out(tx, made, author, {});
}

Result<AccessReplacement> AccessControl::reload(store::DryRun dry_run) {
  const auto before = index();
  WRIT_TRY(AccessIndex read,
           deps_.store.read([&](store::Tx& tx) { return read_everything(tx, empty_); }));
  AccessReplacement out;
  out.before = before->counts();
  out.after = read.counts();
  out.revision = read.revision();
  if (dry_run == store::DryRun::yes) {
    out.difference = difference(*before, read);
    return out;
  }
  // Only a store that was put back by hand is behind what was read from it before.
  const bool went_back = read.revision() < before->revision();
  publish(std::move(read), went_back ? Publish::any : Publish::as_new);
  out.is_applied = true;
  return out;
}

Result<AccessReplacement> AccessControl::reset(const Author& author, store::DryRun dry_run) {
  AccessReplacement out;
  if (dry_run == store::DryRun::yes) {
    WRIT_TRY(const AccessIndex before,
             deps_.store.read([&](store::Tx& tx) { return index_at(tx, *index(), empty_); }));
    out.before = before.counts();
    out.revision = before.revision();
    out.difference = difference(before, empty_);
    return out;
  }
  if (!deps_.back_up) {
    return fail(Code::unsupported, "access is reset only after a backup, and none can be made here",
                "Configure where backups go");
  }
  WRIT_TRY(out.backup, deps_.back_up());
  const auto wipe = [&](store::Tx& tx) -> Result<AccessReplacement> {
    AccessReplacement made = out;
    WRIT_TRY(const AccessIndex before, index_at(tx, *index(), empty_));
    made.before = before.counts();
    WRIT_CHECK(erase_all_access(tx));
    WRIT_TRY(made.revision, raise_revision_over_all(tx));
    Object payload;
    payload.append("revision", made.revision);
    payload.append("removed", counted(made.before));
    payload.append("backup", made.backup);
    WRIT_CHECK(deps_.journal.write(tx, {.type = "writ.access.reset",
                                        .subject = "access/" + std::to_string(made.revision),
                                        .actor = author.actor,
                                        .payload = std::move(payload),
                                        .correlation = author.correlation}));
    made.is_applied = true;
    return made;
  };
  WRIT_TRY(out, deps_.store.write(wipe));
  AccessDraft nothing(empty_);
  nothing.set_revision(out.revision);
  publish(std::move(nothing).take());
  return out;
}

Result<void> AccessControl::refresh_if_behind(store::Tx& tx) {
  WRIT_TRY(const std::uint64_t revision, access_revision(tx));
  if (revision <= revision_.load(std::memory_order_acquire)) return {};
  WRIT_TRY(AccessIndex next, index_at(tx, *index(), empty_));
  publish(std::move(next));
  return {};
}

Result<void> AccessControl::refresh() {
  return deps_.store.read([&](store::Tx& tx) { return refresh_if_behind(tx); });
}

}  // namespace writ::identity
