// Service accounts and AI agents.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "identity/accounts/api_keys.h"
#include "identity/graph/machines.h"
#include "server/api/answers.h"
#include "server/iam/iam_parts.h"

namespace writ::server {
namespace {

using identity::Machine;
using identity::PrincipalId;
using identity::PrincipalKind;

Value to_value(const Machine& machine) {
  Object out{{"id", machine.id.text()},
             {"name", machine.name},
             {"description", machine.description},
             {"sponsor", machine.sponsor.text()},
             {"is_active", machine.is_active},
             {"created_at", to_rfc3339(machine.created_at)}};
  if (machine.traits) {
    Array capabilities;
    for (const std::string& one : machine.traits->capabilities) capabilities.emplace_back(one);
    out.append("provider", machine.traits->provider.text());
    out.append("model", machine.traits->model);
    out.append("version", machine.traits->version);
    out.append("capabilities", std::move(capabilities));
    out.append("spiffe_id", machine.traits->spiffe_id);
  }
  return out;
}

Result<identity::AgentTraits> traits_of(const Value& body) {
  identity::AgentTraits out;
  WRIT_TRY(out.provider, identity::ProviderId::parse(body.string_or("provider", "")));
  out.model = body.string_or("model", "");
  out.version = body.string_or("version", "");
  out.spiffe_id = body.string_or("spiffe_id", "");
  if (const Value* all = body.find("capabilities")) {
    for (const Value& one : all->as_array()) out.capabilities.push_back(one.as_string());
  }
  return out;
}

// A service account is answered for by whoever makes it, unless somebody else is named; an agent
// by whom is named.
Result<net::Answer> create(const IamServices& services, const Call& call, PrincipalKind kind) {
  identity::NewMachine machine;
  machine.id = new_id<PrincipalId>(services);
  machine.name = call.body.string_or("name", "");
  machine.description = call.body.string_or("description", "");
  machine.sponsor = call.who().id;
  if (const std::string_view sponsor = call.body.string_or("sponsor", ""); !sponsor.empty()) {
    WRIT_TRY(machine.sponsor, PrincipalId::parse(sponsor));
  }
  if (kind == PrincipalKind::ai_agent) {
    WRIT_TRY(identity::AgentTraits traits, traits_of(call.body));
    machine.traits = std::move(traits);
  }
  WRIT_TRY(const Machine made, services.store.write([&](store::Tx& tx) {
    return identity::create_machine(tx, machine, deed_of(services, call));
  }));
  return json(201, to_value(made));
}

Result<net::Answer> list(const IamServices& services, const Call& call, PrincipalKind kind) {
  WRIT_TRY(const auto after, after_of<PrincipalId>(call));
  WRIT_TRY(const auto found, services.store.read([&](store::Tx& tx) {
    return identity::list_machines(tx, kind, after, limit_of(call));
  }));
  Array items;
  for (const Machine& machine : found) items.push_back(to_value(machine));
  Object out{{"items", std::move(items)}};
  if (found.size() == limit_of(call)) out.append("next", found.back().id.text());
  return json(200, std::move(out));
}

Result<net::Answer> get(const IamServices& services, const Call& call, PrincipalKind kind) {
  WRIT_TRY(const PrincipalId id, id_in<PrincipalId>(call));
  WRIT_CHECK(require_self_or_administrator(call.who(), id.text()));
  WRIT_TRY(const auto found, services.store.read([&](store::Tx& tx) {
    return identity::find_machine(tx, id, kind);
  }));
  if (!found) return fail(Code::not_found, "there is no " + id.text(), "Check the id");
  return json(200, to_value(*found));
}

Result<net::Answer> set_active(const IamServices& services, const Call& call, PrincipalKind kind,
                               bool is_active) {
  WRIT_TRY(const PrincipalId id, id_in<PrincipalId>(call));
  WRIT_TRY(const Machine machine, services.store.write([&](store::Tx& tx) -> Result<Machine> {
    // Keys have no epoch: what shall not come back is revoked.
    if (!is_active) WRIT_CHECK(identity::revoke_api_keys_of(tx, id, deed_of(services, call)));
    return identity::set_machine_active(tx, id, kind, is_active, deed_of(services, call));
  }));
  return json(200, to_value(machine));
}

// With its roles and policies: the id is never given again, but nothing shall name it.
Result<net::Answer> erase(const IamServices& services, const Call& call, PrincipalKind kind) {
  WRIT_TRY(const PrincipalId id, id_in<PrincipalId>(call));
  const identity::Author author{call.who().event_actor(), std::string(call.trace)};
  WRIT_CHECK(services.store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(identity::revoke_api_keys_of(tx, id, deed_of(services, call)));
    WRIT_CHECK(services.access->forget(tx, id.text(), author));
    return identity::erase_machine(tx, id, kind, deed_of(services, call));
  }));
  WRIT_CHECK(services.access->refresh());
  return no_content();
}

template <PrincipalKind kKind>
void add_operations(std::vector<Binding>& out, const IamServices& services,
                    const std::array<std::string_view, 6>& names) {
  const auto bound = [&](auto function) { return for_administrators(services, function); };
  using Services = const IamServices&;
  out.push_back(
      {names[0], bound([](Services with, const Call& call) { return create(with, call, kKind); })});
  out.push_back(
      {names[1], bound([](Services with, const Call& call) { return list(with, call, kKind); })});
  // An agent may look at itself.
  out.push_back({names[2], [services](const Call& call) { return get(services, call, kKind); }});
  out.push_back({names[3], bound([](Services with, const Call& call) {
                   return set_active(with, call, kKind, false);
                 })});
  out.push_back({names[4], bound([](Services with, const Call& call) {
                   return set_active(with, call, kKind, true);
                 })});
  out.push_back(
      {names[5], bound([](Services with, const Call& call) { return erase(with, call, kKind); })});
}

}  // namespace

std::vector<Binding> machine_operations(const IamServices& services) {
  std::vector<Binding> out;
  add_operations<PrincipalKind::service_account>(
      out, services,
      {"createServiceAccount", "listServiceAccounts", "getServiceAccount", "disableServiceAccount",
       "enableServiceAccount", "deleteServiceAccount"});
  add_operations<PrincipalKind::ai_agent>(out, services,
                                          {"createAiAgent", "listAiAgents", "getAiAgent",
                                           "disableAiAgent", "enableAiAgent", "deleteAiAgent"});
  return out;
}

}  // namespace writ::server
