#include "server/rbac/rbac_operations.h"

#include <algorithm>
#include <utility>

#include "identity/rbac/access_rows.h"
#include "server/api/answers.h"
#include "server/rbac/administrators.h"
#include "server/rbac/rbac_values.h"

namespace writ::server {
namespace {

using identity::AccessChange;
using identity::AccessOutcome;
using identity::AccessVerb;
using store::DryRun;

constexpr std::int64_t kMostPermissions = 10'000;

identity::Author author_of(const Call& call) {
  return {call.who().event_actor(), std::string(call.trace)};
}

DryRun dry_run_of(const Call& call) { return call.flag("dry_run") ? DryRun::yes : DryRun::no; }

std::string text_or(const Call& call, std::string_view name) {
  const Value* given = call.parameter(name);
  return given == nullptr ? std::string() : given->as_string();
}

// What DELETE names in its query, or in its body.
Result<std::string> named(const Call& call, std::string_view name) {
  std::string out = text_or(call, name);
  if (out.empty()) out = call.body.string_or(name, "");
  if (!out.empty()) return out;
  return fail(Code::invalid_input, "`" + std::string(name) + "` is not given",
              "Name it in the query or in the body");
}

Result<net::Answer> check(const RbacServices& services, const Call& call) {
  const identity::AccessQuestion question = question_of(call.body);
  WRIT_CHECK(require_self_or_administrator(call.who(), question.subject));
  WRIT_CHECK(services.access->refresh());
  return json(200, to_value(services.access->check(*services.access->index(), question)));
}

// One change. Casbin's answers: done, or it was so already; a circle is a conflict.
struct Single {
  AccessChange change;
  std::string_view member;  // of the answer: "added"
  int done = 200;           // the status of what was done
  std::string description = {};
};

Result<net::Answer> make(const RbacServices& services, const Call& call, const Single& single) {
  const std::vector<AccessChange> changes = {single.change};
  WRIT_TRY(const identity::AccessReport report,
           services.access->change(changes, author_of(call), dry_run_of(call), single.description));
  const identity::AccessItem& item = report.items.front();
  if (item.outcome == AccessOutcome::refused) {
    return fail(Code::conflict, item.detail, "Take one of these roles from its holder first");
  }
  Object out{{std::string(single.member), report.is_applied}, {"revision", report.revision}};
  if (report.difference) out.append("difference", to_value(*report.difference));
  return json(report.is_applied ? single.done : 200, std::move(out));
}

Result<net::Answer> list_policies(const RbacServices& services, const Call& call) {
  const std::string subject = text_or(call, "subject");
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  std::optional<identity::Policy> after;
  if (const std::string last = text_or(call, "after_object"); !last.empty()) {
    const std::string of = text_or(call, "after_subject");
    after = identity::Policy{of.empty() ? subject : of, last, text_or(call, "after_action")};
  }
  WRIT_TRY(const auto found, services.store.read([&](store::Tx& tx) {
    return identity::list_policies(tx, subject, after, limit);
  }));
  Array policies;
  for (const identity::Policy& policy : found) policies.push_back(to_value(policy));
  Object out{{"policies", std::move(policies)}};
  if (found.size() == limit) out.append("next", to_value(found.back()));
  return json(200, std::move(out));
}

Result<net::Answer> change_many(const RbacServices& services, const Call& call) {
  const std::vector<AccessChange> changes = bulk_changes(call.body);
  if (changes.empty()) {
    return fail(Code::invalid_input, "nothing is to be changed",
                "Give `add`, `remove`, `assign` or `unassign`");
  }
  WRIT_TRY(const identity::AccessReport report,
           services.access->change(changes, author_of(call), dry_run_of(call)));
  return json(200, to_value(report, changes));
}

Result<net::Answer> roles_of(const RbacServices& services, const Call& call, bool is_implicit) {
  WRIT_CHECK(require_self_or_administrator(call.who(), call.text("id")));
  WRIT_CHECK(services.access->refresh());
  const auto index = services.access->index();
  const std::string& subject = call.text("id");
  return json(200, Object{{"subject", subject},
                          {"roles", names(is_implicit ? index->implicit_roles_of(subject)
                                                      : index->roles_of(subject))},
                          {"revision", index->revision()}});
}

Result<net::Answer> permissions_of(const RbacServices& services, const Call& call) {
  WRIT_CHECK(require_self_or_administrator(call.who(), call.text("id")));
  WRIT_CHECK(services.access->refresh());
  const auto index = services.access->index();
  const bool is_implicit = call.flag("implicit");
  const auto limit = static_cast<std::size_t>(std::min(call.integer("limit"), kMostPermissions));
  Array found;
  bool is_cut = false;
  index->for_each_permission(call.text("id"), [&](const identity::GrantedPolicy& granted) {
    if (!is_implicit && granted.via.size() > 1) return false;
    if (found.size() == limit) {
      is_cut = true;
      return false;
    }
    Value one = to_value(granted.policy);
    one.as_object().append("via", names(granted.via));
    found.push_back(std::move(one));
    return true;
  });
  return json(200, Object{{"subject", call.text("id")},
                          {"permissions", std::move(found)},
                          {"is_cut", is_cut},
                          {"revision", index->revision()}});
}

Value role_value(const identity::Role& role) {
  return Object{{"name", role.name},
                {"description", role.description},
                {"created_at", to_rfc3339(role.created_at)}};
}

Result<net::Answer> list_roles(const RbacServices& services, const Call& call) {
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  WRIT_TRY(const auto roles, services.store.read([&](store::Tx& tx) {
    return identity::list_roles(tx, text_or(call, "after"), limit);
  }));
  Array out;
  for (const identity::Role& role : roles) out.push_back(role_value(role));
  Object answer{{"roles", std::move(out)}};
  if (roles.size() == limit) answer.append("next", roles.back().name);
  return json(200, std::move(answer));
}

Result<net::Answer> get_role(const RbacServices& services, const Call& call) {
  const std::string& name = call.text("role");
  WRIT_TRY(const auto role,
           services.store.read([&](store::Tx& tx) { return identity::find_role(tx, name); }));
  if (!role)
    return fail(Code::not_found, "there is no role " + name, "List roles: GET /rbac/roles");
  WRIT_CHECK(services.access->refresh());
  const auto index = services.access->index();
  Value out = role_value(*role);
  out.as_object().append("parents", names(index->roles_of(name)));
  std::vector<std::string> members;
  bool is_cut = false;
  index->for_each_member(name, [&](std::string_view member) {
    is_cut = members.size() == 1000;
    if (!is_cut) members.emplace_back(member);
    return !is_cut;
  });
  std::ranges::sort(members);
  out.as_object().append("members", names(members));
  out.as_object().append("is_cut", is_cut);
  return json(200, out);
}

Result<net::Answer> create_role(const RbacServices& services, const Call& call) {
  const std::string name(call.body.string_or("name", ""));
  std::vector<AccessChange> changes = {{AccessVerb::create_role, name}};
  if (const Value* parents = call.body.find("parents")) {
    for (const Value& parent : parents->as_array()) {
      changes.push_back({AccessVerb::assign_role, name, parent.as_string()});
    }
  }
  const std::string description(call.body.string_or("description", ""));
  if (changes.size() == 1) {
    return make(services, call, {changes.front(), "created", 201, description});
  }
  WRIT_TRY(const identity::AccessReport report,
           services.access->change(changes, author_of(call), dry_run_of(call), description));
  for (const identity::AccessItem& item : report.items) {
    if (item.outcome == AccessOutcome::refused) {
      return fail(Code::conflict, item.detail, "Leave out the parent that leads back");
    }
  }
  Object out{{"created", report.is_applied}, {"revision", report.revision}};
  if (report.difference) out.append("difference", to_value(*report.difference));
  return json(report.is_applied ? 201 : 200, std::move(out));
}

Result<net::Answer> reset(const RbacServices& services, const Call& call) {
  const DryRun dry_run = call.flag("apply") ? DryRun::no : DryRun::yes;
  if (dry_run == DryRun::no) {
    WRIT_CHECK(
        require_step_up(call.who(), services.clock.wall(), services.step_up, "access is reset"));
    WRIT_TRY(auto waits, services.second(call, {.act = "reset",
                                                .says = "removes all policies and roles",
                                                .bound = Object{{"operation", "resetAccess"}}}));
    if (waits) return *std::move(waits);
  }
  WRIT_TRY(const auto done, services.access->reset(author_of(call), dry_run));
  return json(200, to_value(done));
}

Result<net::Answer> remove_policy(const RbacServices& services, const Call& call) {
  AccessChange change{AccessVerb::remove_policy, {}};
  WRIT_TRY(change.subject, named(call, "subject"));
  WRIT_TRY(change.object, named(call, "object"));
  WRIT_TRY(change.action, named(call, "action"));
  return make(services, call, {std::move(change), "removed"});
}

Result<net::Answer> unassign_role(const RbacServices& services, const Call& call) {
  AccessChange change{AccessVerb::unassign_role, call.text("id")};
  WRIT_TRY(change.object, named(call, "role"));
  return make(services, call, {std::move(change), "unassigned"});
}

}  // namespace

std::vector<Binding> rbac_operations(const RbacServices& services) {
  const auto open = [&services](auto function) {
    return [services, function](const Call& call) -> Result<net::Answer> {
      return function(services, call);
    };
  };
  // For administrators alone.
  const auto bound = [&services](auto function) {
    return [services, function](const Call& call) -> Result<net::Answer> {
      WRIT_CHECK(require_administrator(call.who()));
      return function(services, call);
    };
  };
  using Services = const RbacServices&;
  std::vector<Binding> out = {
      {"checkAccess", open(check)},
      {"listAccessPolicies", bound(list_policies)},
      {"addAccessPolicy", bound([](Services with, const Call& call) {
         return make(with, call, {policy_change(AccessVerb::add_policy, call.body), "added", 201});
       })},
      {"removeAccessPolicy", bound(remove_policy)},
      {"changeAccessPolicies", bound(change_many)},
      {"listRolesOfUser",
       open([](Services with, const Call& call) { return roles_of(with, call, false); })},
      {"listImplicitRolesOfUser",
       open([](Services with, const Call& call) { return roles_of(with, call, true); })},
      {"assignRole", bound([](Services with, const Call& call) {
         return make(with, call,
                     {{AccessVerb::assign_role, call.text("id"),
                       std::string(call.body.string_or("role", ""))},
                      "assigned",
                      201});
       })},
      {"unassignRole", bound(unassign_role)},
      {"listPermissionsOfUser", open(permissions_of)},
      {"listRoles", bound(list_roles)},
      {"createRole", bound(create_role)},
      {"getRole", bound(get_role)},
      {"deleteRole", bound([](Services with, const Call& call) {
         return make(with, call, {{AccessVerb::delete_role, call.text("role")}, "deleted"});
       })},
      {"reloadAccess", bound([](Services with, const Call& call) -> Result<net::Answer> {
         WRIT_TRY(const auto done, with.access->reload(dry_run_of(call)));
         return json(200, to_value(done));
       })},
      {"resetAccess", bound(reset)},
  };
  for (Binding& one : authzen_operations(services)) out.push_back(std::move(one));
  for (Binding& one : condition_operations(services)) out.push_back(std::move(one));
  return out;
}

}  // namespace writ::server
