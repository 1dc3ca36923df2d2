#include "identity/graph/graph_links.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <utility>

#include "base/json.h"
#include "identity/graph/ai_providers.h"
#include "identity/graph/derived_links.h"
#include "identity/graph/key_rotation.h"
#include "identity/principals.h"
#include "identity/rbac/access_model.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kForwards{"identity_links"};        // from, relation, to → time
constexpr store::Table kBackwards{"identity_links_back"};  // to, relation, from
constexpr std::string_view kGroup = "group:";
// Of one node, that a walk takes: no node of sense has more.
constexpr std::size_t kMostLinks = 100'000;

std::string key_of(std::string_view first, Relation relation, std::string_view last) {
  return store::Key().text(first).text(kRelations.name(relation)).text(last).take();
}

struct Rule {
  Relation relation;
  bool is_made_with_node;
  bool (*takes)(NodeKind from, NodeKind to);
  std::string_view says;
};

bool is_machine(NodeKind kind) {
  return kind == NodeKind::ai_agent || kind == NodeKind::service_account;
}

bool takes_none(NodeKind, NodeKind) { return false; }
constexpr std::string_view kFollows = "it follows from what people have and allow";

constexpr Rule kRules[] = {
    {Relation::acts_for, false,
     [](NodeKind from, NodeKind to) { return is_machine(from) && to == NodeKind::user; },
     "an agent or a service account acts for a user"},
    {Relation::child_of, true,
     [](NodeKind from, NodeKind to) {
       return from == NodeKind::ai_agent && to == NodeKind::ai_provider;
     },
     "it is made with the agent"},
    {Relation::given_by, true, &takes_none, kFollows},
    {Relation::given_to, true, &takes_none, kFollows},
    {Relation::member_of, false, [](NodeKind, NodeKind to) { return to == NodeKind::group; },
     "whoever is a member is one of a group"},
    {Relation::owned_by, false,
     [](NodeKind, NodeKind to) { return to == NodeKind::user || to == NodeKind::group; },
     "an owner is a user or a group"},
    {Relation::signs_in_as, true, &takes_none, kFollows},
    {Relation::sponsored_by, true,
     [](NodeKind from, NodeKind to) { return is_machine(from) && to == NodeKind::user; },
     "it is made with what is sponsored"},
    {Relation::uses, false, [](NodeKind, NodeKind to) { return to == NodeKind::ai_provider; },
     "what is used is a provider"},
    {Relation::vouched_by, true, &takes_none, kFollows},
};

const Rule& rule_of(Relation relation) { return kRules[static_cast<std::size_t>(relation)]; }

std::unexpected<Error> unfit(const Link& link) {
  return fail(Code::invalid_input,
              std::string(kRelations.name(link.relation)) +
                  " does not join these: " + std::string(rule_of(link.relation).says),
              "Take another relation, or other nodes");
}

Result<GraphNode> need_node(store::Tx& tx, std::string_view id) {
  WRIT_TRY(auto node, find_node(tx, id));
  if (!node) {
    return fail(Code::not_found, "there is no " + std::string(id),
                "Name a user, service account, agent, provider or client by its id, or "
                "`group:NAME`");
  }
  return *std::move(node);
}

Result<Link> link_from(const store::Row& row, Along along) {
  Link out;
  store::KeyReader reader(row.key);
  std::string& first = along == Along::forwards ? out.from : out.to;
  std::string& last = along == Along::forwards ? out.to : out.from;
  WRIT_TRY(first, reader.text());
  WRIT_TRY(const std::string name, reader.text());
  WRIT_TRY(last, reader.text());
  const auto relation = kRelations.parse(name);
  if (!relation) return fail(Code::tampered, "a link of an unknown relation: " + name);
  out.relation = *relation;
  WRIT_TRY(const Value value, parse_json(row.value));
  out.created_at.micros = value.integer_or("created", 0);
  return out;
}

Result<void> check_circle(store::Tx& tx, const Link& link) {
  WRIT_TRY(const Reach beyond, reach(tx, link.to, Along::forwards, kMostLinks));
  for (const Reached& there : beyond.nodes) {
    if (there.node.id != link.from) continue;
    return fail(Code::conflict, link.to + " depends on " + link.from + " already",
                "Remove the link that leads back first");
  }
  return {};
}

Object told(const Link& link) {
  Object out;
  out.append("from", link.from);
  out.append("relation", kRelations.name(link.relation));
  out.append("to", link.to);
  return out;
}

}  // namespace

namespace {

// One spelling for one node: ids may be written in capitals.
std::string canonical(std::string_view id) {
  const auto uuid = Uuid::parse(id);
  if (uuid) return uuid->text();
  std::string out(id);
  if (!id.starts_with("identity:") && !id.starts_with("grant:")) return out;
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

Link canonical(const Link& link) {
  Link out = link;
  out.from = canonical(link.from);
  out.to = canonical(link.to);
  return out;
}

}  // namespace

Result<std::optional<GraphNode>> find_node(store::Tx& tx, std::string_view id) {
  if (id.starts_with(kGroup)) {
    const std::string_view name = id.substr(kGroup.size());
    WRIT_CHECK(check_access_name("the name of the group", name));
    return GraphNode{std::string(id), NodeKind::group, std::string(name), true};
  }
  const auto uuid = Uuid::parse(id);
  if (!uuid) return find_derived_node(tx, canonical(id));
  WRIT_TRY(const auto principal, find_principal(tx, PrincipalId{*uuid}));
  if (principal) {
    return GraphNode{uuid->text(), static_cast<NodeKind>(principal->kind), principal->name,
                     principal->is_active};
  }
  WRIT_TRY(const auto provider, find_provider(tx, ProviderId{*uuid}));
  if (!provider) return find_derived_node(tx, uuid->text());
  return GraphNode{uuid->text(), NodeKind::ai_provider, provider->name, provider->is_active};
}

Result<void> put_link(store::Tx& tx, const Link& link) {
  WRIT_TRY(const WallTime now, tx.now());
  const std::string row = to_json(Value(Object{{"created", now.micros}}));
  WRIT_CHECK(tx.put(kForwards, key_of(link.from, link.relation, link.to), row));
  return tx.put(kBackwards, key_of(link.to, link.relation, link.from), row);
}

Result<bool> add_link(store::Tx& tx, const Link& asked, const Deed& deed) {
  const Link link = canonical(asked);
  if (link.from == link.to) {
    return fail(Code::invalid_input, "a node is not linked to itself", "Name two nodes");
  }
  WRIT_TRY(const GraphNode from, need_node(tx, link.from));
  WRIT_TRY(const GraphNode to, need_node(tx, link.to));
  const Rule& rule = rule_of(link.relation);
  if (rule.is_made_with_node || !rule.takes(from.kind, to.kind)) return unfit(link);
  if (is_derived(from.kind) || is_derived(to.kind)) {
    return fail(Code::invalid_input, "nobody links " + from.id + " to " + to.id,
                "Their links follow from what people have and allow");
  }
  WRIT_TRY(const auto there, tx.get(kForwards, key_of(link.from, link.relation, link.to)));
  if (there) return false;
  WRIT_CHECK(check_circle(tx, link));
  WRIT_CHECK(put_link(tx, link));
  WRIT_CHECK(deed.tell(tx, "writ.link.added", "link/" + link.from, told(link)));
  return true;
}

Result<bool> remove_link(store::Tx& tx, const Link& asked, const Deed& deed) {
  const Link link = canonical(asked);
  if (rule_of(link.relation).is_made_with_node) return unfit(link);
  WRIT_TRY(const bool was_there, tx.erase(kForwards, key_of(link.from, link.relation, link.to)));
  if (!was_there) return false;
  WRIT_CHECK(tx.erase(kBackwards, key_of(link.to, link.relation, link.from)));
  WRIT_CHECK(deed.tell(tx, "writ.link.removed", "link/" + link.from, told(link)));
  return true;
}

Result<std::vector<Link>> links_of(store::Tx& tx, std::string_view id, Along along,
                                   std::size_t limit) {
  const store::Table& table = along == Along::forwards ? kForwards : kBackwards;
  WRIT_TRY(const auto rows, tx.scan(table, store::Key().text(canonical(id)).under(), limit));
  std::vector<Link> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(Link link, link_from(row, along));
    out.push_back(std::move(link));
  }
  return out;
}

Result<void> erase_links_of(store::Tx& tx, const std::string& id) {
  for (const Along along : {Along::forwards, Along::backwards}) {
    WRIT_TRY(const auto links, links_of(tx, id, along, kMostLinks));
    for (const Link& link : links) {
      WRIT_CHECK(tx.erase(kForwards, key_of(link.from, link.relation, link.to)));
      WRIT_CHECK(tx.erase(kBackwards, key_of(link.to, link.relation, link.from)));
    }
  }
  return {};
}

Result<Reach> reach(store::Tx& tx, std::string_view from, Along along, std::size_t limit) {
  Reach out;
  const std::string start = canonical(from);
  std::set<std::string> known = {start};
  std::deque<std::pair<std::string, std::size_t>> open = {{start, 0}};
  while (!open.empty()) {
    const auto [id, depth] = std::move(open.front());
    open.pop_front();
    // All of them: those that lead to what is known already use up nothing of the limit.
    WRIT_TRY(auto links, links_of(tx, id, along, kMostLinks));
    WRIT_TRY(auto derived, derived_links_of(tx, id, along, kMostLinks));
    out.is_cut = out.is_cut || links.size() == kMostLinks || derived.size() == kMostLinks;
    std::ranges::move(derived, std::back_inserter(links));
    for (const Link& link : links) {
      const std::string& next = along == Along::forwards ? link.to : link.from;
      if (!known.insert(next).second) continue;
      if (out.nodes.size() == limit) {
        out.is_cut = true;
        return out;
      }
      WRIT_TRY(auto node, find_node(tx, next));
      if (!node) return fail(Code::tampered, "a link leads to " + next + ", which is not there");
      out.nodes.push_back({*std::move(node), link.relation, id, depth + 1});
      open.emplace_back(next, depth + 1);
    }
  }
  return out;
}

std::vector<store::Migration> graph_migrations() {
  return store::make_tables("identity_graph", "what depends on what, agents and their providers",
                            {kForwards, kBackwards, kProviders, kMachines, kRotations});
}

}  // namespace writ::identity
