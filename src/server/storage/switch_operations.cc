#include "server/storage/switch_operations.h"

#include <string>
#include <string_view>
#include <utility>

#include "server/api/answers.h"
#include "server/rbac/administrators.h"

namespace writ::server {
namespace {

Result<StoreSwitcher*> switcher_of(const SwitchServices& services) {
  if (services.switcher != nullptr) return services.switcher;
  return fail(Code::unsupported, "the store of this server cannot be changed for another one");
}

identity::Deed deed_of(const SwitchServices& services, const Call& call) {
  return {.journal = services.journal,
          .actor = call.who().event_actor(),
          .correlation = std::string(call.trace)};
}

Result<void> step_up(const SwitchServices& services, const Call& call, std::string_view what) {
  return require_step_up(call.who(), services.clock.wall(), services.step_up, what);
}

Value to_value(const StoreStanding& standing) {
  Array names;
  for (const std::string& name : standing.backends) names.emplace_back(name);
  Object out{{"backend", standing.backend}, {"backends", std::move(names)}};
  if (standing.last) out.append("switch", project::to_value(*standing.last));
  if (standing.progress) {
    out.append("progress",
               Object{{"table", standing.progress->table}, {"rows", standing.progress->rows}});
  }
  if (standing.problem) out.append("problem", standing.problem->message);
  return out;
}

Result<net::Answer> get(const SwitchServices& services, const Call&) {
  WRIT_TRY(StoreSwitcher* const switcher, switcher_of(services));
  WRIT_TRY(const StoreStanding standing, switcher->standing());
  return json(200, to_value(standing));
}

Result<net::Answer> change(const SwitchServices& services, const Call& call) {
  WRIT_TRY(StoreSwitcher* const switcher, switcher_of(services));
  const std::string& to = call.text("backend");
  if (!call.flag("apply")) {
    WRIT_TRY(const project::Rehearsal rehearsal, switcher->rehearse(to));
    return json(200, project::to_value(rehearsal));
  }
  WRIT_CHECK(step_up(services, call, "the store is changed"));
  WRIT_TRY(auto waits, services.second(call, {.act = "switch-store",
                                              .says = "changes the store for " + to,
                                              .bound = Object{{"backend", to}}}));
  if (waits) return *std::move(waits);
  WRIT_TRY(const project::StoreSwitch begun, switcher->begin(to, deed_of(services, call)));
  return json(202, project::to_value(begun));
}

Result<net::Answer> take_back(const SwitchServices& services, const Call& call) {
  WRIT_TRY(StoreSwitcher* const switcher, switcher_of(services));
  WRIT_CHECK(step_up(services, call, "a change of the store is taken back"));
  WRIT_TRY(const project::StoreSwitch taken, switcher->take_back(deed_of(services, call)));
  return json(200, project::to_value(taken));
}

}  // namespace

std::vector<Binding> switch_operations(const SwitchServices& services) {
  const auto bound = [&services](auto function) {
    return [services, function](const Call& call) -> Result<net::Answer> {
      return function(services, call);
    };
  };
  return {{"getStoreSwitch", bound(get)},
          {"switchStore", bound(change)},
          {"takeBackStoreSwitch", bound(take_back)}};
}

}  // namespace writ::server
