// /rbac/conditions: what conditions there are, and what others would say.
#include <string>
#include <utility>

#include "identity/rbac/access_conditions.h"
#include "server/api/answers.h"
#include "server/rbac/administrators.h"
#include "server/rbac/rbac_operations.h"
#include "server/rbac/rbac_values.h"

namespace writ::server {
namespace {

using identity::AccessCheck;
using identity::AccessConditions;

Result<net::Answer> show(const RbacServices& services, const Call& call) {
  WRIT_CHECK(require_administrator(call.who()));
  const AccessConditions& conditions = services.access->conditions();
  if (!conditions.are_there()) return json(200, Object{{"is_there", false}});
  return json(
      200,
      Object{{"is_there", true}, {"digest", conditions.digest()}, {"module", conditions.module()}});
}

Result<net::Answer> try_module(const RbacServices& services, const Call& call) {
  WRIT_CHECK(require_administrator(call.who()));
  WRIT_TRY(const auto conditions,
           AccessConditions::parse(call.body.string_or("module", ""), "module"));
  WRIT_CHECK(services.access->refresh());
  const auto index = services.access->index();
  Array items;
  for (const Value& asked : call.body.find("questions")->as_array()) {
    const identity::AccessQuestion question = question_of(asked);
    const AccessCheck now = services.access->check(*index, question);
    const AccessCheck then = identity::AccessControl::check(*index, question, conditions);
    items.push_back(Object{{"now", to_value(now)},
                           {"then", to_value(then)},
                           {"is_other", now.is_allowed != then.is_allowed}});
  }
  return json(200, Object{{"digest", conditions.digest()}, {"items", std::move(items)}});
}

}  // namespace

std::vector<Binding> condition_operations(const RbacServices& services) {
  return {
      {"getAccessConditions", [services](const Call& call) { return show(services, call); }},
      {"tryAccessConditions", [services](const Call& call) { return try_module(services, call); }}};
}

}  // namespace writ::server
