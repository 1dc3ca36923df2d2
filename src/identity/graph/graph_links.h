#pragma once
// What depends on what among people, service accounts, agents, providers and groups: typed links,
// each from the one that depends to the one that it depends on. So everything that a node rests on
// is found forwards (memberships), and everything that would feel its end backwards (dependents).
//
// Nodes are named by the id of a principal, provider or application, or as `group:NAME`; a group is
// there while something is linked to it. What people have at providers that they sign in with, and
// what they let applications do, are nodes too, whose links nobody makes (derived_links.h). Links
// are facts: they give no permission by themselves.
//
// All functions belong to the thread of their transaction.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "store/store.h"

namespace writ::identity {

enum class Relation : std::uint8_t {
  acts_for,      // an agent or a service account, for a person
  child_of,      // an agent, of the provider that runs it; made with the agent
  given_by,      // a grant, by the person who gave it
  given_to,      // a grant, to an application
  member_of,     // anything, of a group
  owned_by,      // anything, by a person or a group
  signs_in_as,   // an identity at a provider, as the person whose it is
  sponsored_by,  // an agent or a service account, by who answers for it; made with it
  uses,          // anything, a provider
  vouched_by,    // an identity, by the issuer that says who it is
};

inline constexpr EnumNames<Relation, 10> kRelations{{"acts_for", "child_of", "given_by", "given_to",
                                                     "member_of", "owned_by", "signs_in_as",
                                                     "sponsored_by", "uses", "vouched_by"}};

enum class NodeKind : std::uint8_t {
  user,
  service_account,
  ai_agent,
  ai_provider,
  group,
  application,
  grant,
  identity,
  issuer,
};

inline constexpr EnumNames<NodeKind, 9> kNodeKinds{{"user", "service_account", "ai_agent",
                                                    "ai_provider", "group", "application", "grant",
                                                    "identity", "issuer"}};

struct GraphNode {
  std::string id;
  NodeKind kind = NodeKind::user;
  std::string name;
  bool is_active = true;
};

struct Link {
  std::string from;
  Relation relation = Relation::member_of;
  std::string to;
  WallTime created_at = {};
};

// nullopt: there is none.
Result<std::optional<GraphNode>> find_node(store::Tx& tx, std::string_view id);

// False: it is there already. Errors: not_found (no such node), invalid_input (the relation does
// not join such nodes, or is made with what it joins), conflict (links would run in a circle).
Result<bool> add_link(store::Tx& tx, const Link& link, const Deed& deed);
// False: there was none. Errors: invalid_input (of a relation that goes with what it joins).
Result<bool> remove_link(store::Tx& tx, const Link& link, const Deed& deed);
// For whoever makes and ends nodes: no checks, no events.
Result<void> put_link(store::Tx& tx, const Link& link);
Result<void> erase_links_of(store::Tx& tx, const std::string& id);

enum class Along : std::uint8_t { forwards, backwards };

// Links of one node, that begin (forwards) or end there.
Result<std::vector<Link>> links_of(store::Tx& tx, std::string_view id, Along along,
                                   std::size_t limit);

// A node that is reached from another one over links.
struct Reached {
  GraphNode node;
  Relation relation = Relation::member_of;  // of the last link on the way
  std::string via;                          // the node before it
  std::size_t depth = 1;
};

struct Reach {
  std::vector<Reached> nodes;  // nearest first, each once
  bool is_cut = false;         // there are more
};

Result<Reach> reach(store::Tx& tx, std::string_view from, Along along, std::size_t limit);

std::vector<store::Migration> graph_migrations();

}  // namespace writ::identity
