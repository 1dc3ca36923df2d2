#pragma once
// Principals that are no people: service accounts, and AI agents, which are children of a provider.
// Each has a person who answers for it, and can do nothing while that person is gone.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "identity/graph/ai_providers.h"
#include "store/store.h"

namespace writ::identity {

// What is known of an agent (arXiv 2510.25819).
struct AgentTraits {
  ProviderId provider;
  std::string model;                      // "claude-opus-4"
  std::string version = {};               // of the agent; may be empty
  std::vector<std::string> capabilities;  // sorted
  std::string spiffe_id = {};             // of the workload that runs it; may be empty
};

struct Machine {
  PrincipalId id;
  PrincipalKind kind = PrincipalKind::service_account;
  std::string name;
  std::string description = {};
  PrincipalId sponsor;
  bool is_active = true;
  std::optional<AgentTraits> traits = {};  // of agents
  WallTime created_at = {};
};

struct NewMachine {
  PrincipalId id;
  std::string name;
  std::string description = {};
  PrincipalId sponsor;
  std::optional<AgentTraits> traits = {};  // an agent; without: a service account
};

// Errors: invalid_input (a name or trait; the sponsor is no person who may act; the provider is not
// there, or switched off).
Result<Machine> create_machine(store::Tx& tx, const NewMachine& machine, const Deed& deed);
// nullopt: there is no such principal of that kind.
Result<std::optional<Machine>> find_machine(store::Tx& tx, PrincipalId id, PrincipalKind kind);
Result<std::vector<Machine>> list_machines(store::Tx& tx, PrincipalKind kind,
                                           std::optional<PrincipalId> after, std::size_t limit);
// Switched off, what was given out to it is void for good. Errors: not_found.
Result<Machine> set_machine_active(store::Tx& tx, PrincipalId id, PrincipalKind kind,
                                   bool is_active, const Deed& deed);
// With its links. Whatever else names it (keys, roles) is the caller's to remove first.
// Errors: not_found.
Result<void> erase_machine(store::Tx& tx, PrincipalId id, PrincipalKind kind, const Deed& deed);

// Of one provider's agents: those that are active are stopped, or those that this stopped act
// again. Returns how many. Used by set_provider_active.
Result<std::size_t> follow_provider(store::Tx& tx, ProviderId provider, bool is_active);

}  // namespace writ::identity
