#include "identity/graph/machines.h"

#include <algorithm>

#include "base/json.h"
#include "identity/graph/graph_links.h"
#include "identity/principals.h"
#include "identity/rbac/access_model.h"
#include "store/key.h"

namespace writ::identity {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kMostCapabilities = 100;
constexpr std::size_t kMostAgents = 100'000;

// The row beside the principal's.
struct Traits {
  std::string description;
  std::optional<AgentTraits> agent;
  bool is_stopped_by_provider = false;
};

std::string key_of(PrincipalId id) { return store::Key().id(id).take(); }

std::string subject_of(PrincipalId id, PrincipalKind kind) {
  return (kind == PrincipalKind::ai_agent ? "ai-agent/" : "service-account/") + id.text();
}

std::string event_of(PrincipalKind kind, std::string_view what) {
  return (kind == PrincipalKind::ai_agent ? "writ.ai_agent." : "writ.service_account.") +
         std::string(what);
}

std::string to_row(const Traits& traits) {
  Object row{{"description", traits.description}};
  if (traits.agent) {
    Array capabilities;
    for (const std::string& one : traits.agent->capabilities) capabilities.emplace_back(one);
    row.append("provider", traits.agent->provider.text());
    row.append("model", traits.agent->model);
    row.append("version", traits.agent->version);
    row.append("capabilities", std::move(capabilities));
    row.append("spiffe_id", traits.agent->spiffe_id);
  }
  if (traits.is_stopped_by_provider) row.append("stopped_by_provider", true);
  return to_json(Value(std::move(row)));
}

Result<Traits> read_traits(store::Tx& tx, PrincipalId id) {
  Traits out;
  WRIT_TRY(const auto row, tx.get(kMachines, key_of(id)));
  if (!row) return fail(Code::tampered, "nothing is known of " + id.text());
  WRIT_TRY(const Value value, parse_json(*row));
  out.description = value.string_or("description", "");
  out.is_stopped_by_provider = value.bool_or("stopped_by_provider", false);
  if (value.find("provider") == nullptr) return out;
  AgentTraits agent;
  WRIT_TRY(agent.provider, ProviderId::parse(value.string_or("provider", "")));
  agent.model = value.string_or("model", "");
  agent.version = value.string_or("version", "");
  agent.spiffe_id = value.string_or("spiffe_id", "");
  if (const Value* all = value.find("capabilities"); all != nullptr && all->is_array()) {
    for (const Value& one : all->as_array()) agent.capabilities.push_back(one.as_string());
  }
  out.agent = std::move(agent);
  return out;
}

Result<Machine> machine_from(store::Tx& tx, const Principal& principal) {
  WRIT_TRY(Traits traits, read_traits(tx, principal.id));
  Machine out;
  out.id = principal.id;
  out.kind = principal.kind;
  out.name = principal.name;
  out.description = std::move(traits.description);
  out.sponsor = principal.sponsor.value_or(PrincipalId{});
  out.is_active = principal.is_active;
  out.traits = std::move(traits.agent);
  out.created_at = principal.created_at;
  return out;
}

Result<void> check_text(std::string_view what, std::string_view text, std::size_t most) {
  if (text.empty()) return {};
  if (text.size() > most) {
    return fail(Code::invalid_input,
                std::string(what) + " has more than " + std::to_string(most) + " bytes",
                "Shorten it");
  }
  return check_access_name(what, text.substr(0, kLongestAccessName));
}

Result<void> check_sponsor(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(const auto sponsor, find_principal(tx, id));
  if (sponsor && sponsor->kind == PrincipalKind::user && sponsor->is_active) return {};
  return fail(Code::invalid_input, "the sponsor " + id.text() + " is no person who may act",
              "Name a user who is active and answers for it");
}

Result<void> check_traits(store::Tx& tx, AgentTraits& traits) {
  WRIT_TRY(const auto provider, find_provider(tx, traits.provider));
  if (!provider || !provider->is_active) {
    return fail(Code::invalid_input,
                "the provider " + traits.provider.text() + " is not there, or is switched off",
                "Name one of GET /iam/ai-providers");
  }
  WRIT_CHECK(check_access_name("the model", traits.model));
  WRIT_CHECK(check_text("the version", traits.version, kLongestName));
  if (traits.capabilities.size() > kMostCapabilities) {
    return fail(Code::invalid_input, "more than 100 capabilities", "Name fewer");
  }
  for (const std::string& one : traits.capabilities) {
    WRIT_CHECK(check_access_name("a capability", one));
  }
  std::ranges::sort(traits.capabilities);
  const auto twice = std::ranges::unique(traits.capabilities);
  traits.capabilities.erase(twice.begin(), twice.end());
  WRIT_CHECK(check_text("the SPIFFE id", traits.spiffe_id, kLongestAccessName));
  if (!traits.spiffe_id.empty() && !traits.spiffe_id.starts_with("spiffe://")) {
    return fail(Code::invalid_input, "the SPIFFE id does not begin with spiffe://",
                "Give the workload's id as its certificate has it");
  }
  return {};
}

Result<Principal> need(store::Tx& tx, PrincipalId id, PrincipalKind kind) {
  WRIT_TRY(auto found, find_principal(tx, id));
  if (found && found->kind == kind) return *std::move(found);
  const std::string what(kPrincipalKinds.name(kind));
  return fail(Code::not_found, "there is no " + what + " " + id.text(), "Check the id");
}

Object told(const Machine& machine) {
  Object out{{"sponsor", machine.sponsor.text()}};
  if (machine.traits) {
    out.append("provider", machine.traits->provider.text());
    out.append("model", machine.traits->model);
    out.append("version", machine.traits->version);
  }
  return out;
}

}  // namespace

Result<Machine> create_machine(store::Tx& tx, const NewMachine& machine, const Deed& deed) {
  WRIT_CHECK(check_access_name("the name", machine.name));
  WRIT_CHECK(check_text("the name", machine.name, kLongestName));
  WRIT_CHECK(check_text("the description", machine.description, kLongestText));
  WRIT_CHECK(check_sponsor(tx, machine.sponsor));
  Traits traits{machine.description, machine.traits};
  if (traits.agent) WRIT_CHECK(check_traits(tx, *traits.agent));
  WRIT_TRY(const WallTime now, tx.now());
  Principal principal;
  principal.id = machine.id;
  principal.kind = traits.agent ? PrincipalKind::ai_agent : PrincipalKind::service_account;
  principal.name = machine.name;
  principal.sponsor = machine.sponsor;
  principal.created_at = now;
  WRIT_CHECK(put_principal(tx, principal));
  WRIT_CHECK(tx.put(kMachines, key_of(machine.id), to_row(traits)));
  WRIT_CHECK(put_link(tx, {machine.id.text(), Relation::sponsored_by, machine.sponsor.text()}));
  if (traits.agent) {
    WRIT_CHECK(
        put_link(tx, {machine.id.text(), Relation::child_of, traits.agent->provider.text()}));
  }
  WRIT_TRY(Machine made, machine_from(tx, principal));
  WRIT_CHECK(
      deed.tell(tx, event_of(made.kind, "created"), subject_of(made.id, made.kind), told(made)));
  return made;
}

Result<std::optional<Machine>> find_machine(store::Tx& tx, PrincipalId id, PrincipalKind kind) {
  WRIT_TRY(const auto principal, find_principal(tx, id));
  if (!principal || principal->kind != kind) return std::nullopt;
  WRIT_TRY(Machine out, machine_from(tx, *principal));
  return out;
}

Result<std::vector<Machine>> list_machines(store::Tx& tx, PrincipalKind kind,
                                           std::optional<PrincipalId> after, std::size_t limit) {
  WRIT_TRY(const auto principals, list_principals(tx, kind, after, limit));
  std::vector<Machine> out;
  for (const Principal& principal : principals) {
    WRIT_TRY(Machine one, machine_from(tx, principal));
    out.push_back(std::move(one));
  }
  return out;
}

Result<Machine> set_machine_active(store::Tx& tx, PrincipalId id, PrincipalKind kind,
                                   bool is_active, const Deed& deed) {
  WRIT_TRY(Principal principal, need(tx, id, kind));
  WRIT_TRY(Traits traits, read_traits(tx, id));
  if (is_active && traits.agent) WRIT_CHECK(check_traits(tx, *traits.agent));
  if (is_active && principal.sponsor) WRIT_CHECK(check_sponsor(tx, *principal.sponsor));
  // What a person decides about the agent stands, whatever becomes of its provider.
  traits.is_stopped_by_provider = false;
  WRIT_CHECK(tx.put(kMachines, key_of(id), to_row(traits)));
  if (principal.is_active != is_active) {
    principal.is_active = is_active;
    if (!is_active) ++principal.epoch;
    WRIT_CHECK(put_principal(tx, principal));
    WRIT_CHECK(
        deed.tell(tx, event_of(kind, is_active ? "enabled" : "disabled"), subject_of(id, kind)));
  }
  return machine_from(tx, principal);
}

Result<void> erase_machine(store::Tx& tx, PrincipalId id, PrincipalKind kind, const Deed& deed) {
  WRIT_TRY(const Principal principal, need(tx, id, kind));
  WRIT_CHECK(erase_links_of(tx, id.text()));
  WRIT_CHECK(tx.erase(kMachines, key_of(id)));
  WRIT_CHECK(erase_principal(tx, id));
  return deed.tell(tx, event_of(kind, "deleted"), subject_of(id, kind));
}

Result<std::size_t> follow_provider(store::Tx& tx, ProviderId provider, bool is_active) {
  WRIT_TRY(const auto links, links_of(tx, provider.text(), Along::backwards, kMostAgents));
  std::size_t out = 0;
  for (const Link& link : links) {
    if (link.relation != Relation::child_of) continue;
    WRIT_TRY(const PrincipalId id, PrincipalId::parse(link.from));
    WRIT_TRY(Principal principal, need(tx, id, PrincipalKind::ai_agent));
    WRIT_TRY(Traits traits, read_traits(tx, id));
    const bool concerns = is_active ? traits.is_stopped_by_provider : principal.is_active;
    if (!concerns) continue;
    principal.is_active = is_active;
    if (!is_active) ++principal.epoch;
    traits.is_stopped_by_provider = !is_active;
    WRIT_CHECK(put_principal(tx, principal));
    WRIT_CHECK(tx.put(kMachines, key_of(id), to_row(traits)));
    ++out;
  }
  return out;
}

}  // namespace writ::identity
