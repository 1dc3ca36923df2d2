#include "server/directory/directory_operations.h"

#include <string>
#include <utility>

#include "server/api/answers.h"
#include "server/rbac/administrators.h"
#include "server/rbac/rbac_values.h"

namespace writ::server {
namespace {

using identity::SyncItem;
using identity::SyncReport;
using identity::SyncState;

Value to_value(const SyncItem& item) {
  Object out{{"person", item.person},
             {"email", item.email},
             {"fate", identity::kPersonFates.name(item.fate)},
             {"fields", names(item.fields)},
             {"roles_gained", names(item.roles_gained)},
             {"roles_lost", names(item.roles_lost)}};
  if (item.user) out.append("user", item.user->text());
  if (item.reason != identity::SyncRefusal::none) {
    out.append("reason", identity::kSyncRefusals.name(item.reason));
  }
  return out;
}

Value to_value(const SyncReport& report) {
  Object counts;
  for (std::size_t i = 0; i < report.fates.size(); ++i) {
    counts.append(std::string(identity::kPersonFates.names[i]), report.fates[i]);
  }
  Array items;
  for (const SyncItem& item : report.items) items.push_back(to_value(item));
  Object out{{"directory", report.directory}, {"is_applied", report.is_applied},
             {"people", report.people},       {"counts", std::move(counts)},
             {"losses", report.losses},       {"may_lose", report.may_lose},
             {"items", std::move(items)},     {"is_cut", report.is_cut}};
  if (report.access) out.append("access", server::to_value(*report.access));
  return out;
}

Value to_value(const identity::LastSync& last) {
  Object out{{"outcome", identity::kSyncOutcomes.name(last.outcome)},
             {"ended_at", to_rfc3339(last.ended_at)},
             {"people", last.people},
             {"changes", last.changes},
             {"refused", last.refused}};
  if (!last.error.empty()) out.append("error", last.error);
  return out;
}

Value to_value(const identity::DirectoryRules& rules, const SyncState& state, WallTime now) {
  Object out{{"name", rules.name},
             {"is_running", state.is_running(now)},
             {"interval_seconds", rules.interval.count()}};
  if (rules.interval.count() > 0) out.append("due_at", to_rfc3339(state.due));
  if (state.last) out.append("last", to_value(*state.last));
  return out;
}

Result<net::Answer> list(Directories& directories, const Call& call) {
  WRIT_CHECK(require_administrator(call.who()));
  Array items;
  for (const identity::DirectorySync& sync : directories.all()) {
    WRIT_TRY(const SyncState state, sync.state());
    items.push_back(to_value(sync.rules(), state, directories.needs().clock.wall()));
  }
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> run(Directories& directories, const Call& call) {
  WRIT_CHECK(require_administrator(call.who()));
  const Value* const name = call.parameter("directory");
  WRIT_TRY(identity::DirectorySync* const sync,
           directories.find(name == nullptr ? std::string_view() : name->as_string()));
  identity::SyncAsked asked{
      .author = {.actor = call.who().event_actor(), .correlation = std::string(call.trace)}};
  if (call.parameter("may_lose") != nullptr) {
    WRIT_CHECK(require_step_up(call.who(), directories.needs().clock.wall(), kDirectoryStepUp,
                               "more people than usual lose something"));
    asked.may_lose = static_cast<std::size_t>(call.integer("may_lose"));
  }
  if (!call.flag("apply")) {
    WRIT_TRY(const SyncReport report, sync->look(asked, call.context.stop));
    return json(200, to_value(report));
  }
  WRIT_TRY(const SyncReport report, directories.run(*sync, asked, call.context.stop));
  return json(200, to_value(report));
}

}  // namespace

std::vector<Binding> directory_operations(const std::shared_ptr<Directories>& directories) {
  const auto bound = [&directories](auto function) {
    return Operation([directories, function](const Call& call) -> Result<net::Answer> {
      return function(*directories, call);
    });
  };
  return {{"listDirectories", bound(list)}, {"runSync", bound(run)}};
}

}  // namespace writ::server
