// Links, and what they come to: memberships and dependents.
#include <string>
#include <utility>

#include "identity/graph/graph_links.h"
#include "server/api/answers.h"
#include "server/iam/iam_parts.h"
#include "server/rbac/rbac_values.h"

namespace writ::server {
namespace {

using identity::Along;
using identity::Link;

std::string text_in(const Call& call, std::string_view name) {
  const Value* given = call.parameter(name);
  if (given != nullptr) return given->as_string();
  return std::string(call.body.string_or(name, ""));
}

// Of the body; of DELETE in the query as well.
Result<Link> link_of(const Call& call) {
  Link out{text_in(call, "from"), identity::Relation::member_of, text_in(call, "to")};
  const auto relation = identity::kRelations.parse(text_in(call, "relation"));
  if (out.from.empty() || out.to.empty() || !relation) {
    return fail(Code::invalid_input, "`from`, `relation` or `to` is not given",
                "Name them in the body, or of DELETE in the query");
  }
  out.relation = *relation;
  return out;
}

Value to_value(const Link& link) {
  return Object{
      {"from", link.from}, {"relation", identity::kRelations.name(link.relation)}, {"to", link.to}};
}

Result<net::Answer> add(const IamServices& services, const Call& call) {
  WRIT_TRY(const Link link, link_of(call));
  WRIT_TRY(const bool is_new, services.store.write([&](store::Tx& tx) {
    return identity::add_link(tx, link, deed_of(services, call));
  }));
  return json(is_new ? 201 : 200, Object{{"added", is_new}, {"link", to_value(link)}});
}

Result<net::Answer> remove(const IamServices& services, const Call& call) {
  WRIT_TRY(const Link link, link_of(call));
  WRIT_TRY(const bool was_there, services.store.write([&](store::Tx& tx) {
    return identity::remove_link(tx, link, deed_of(services, call));
  }));
  return json(200, Object{{"removed", was_there}, {"link", to_value(link)}});
}

Value to_value(const identity::GraphNode& node) {
  return Object{{"id", node.id},
                {"kind", identity::kNodeKinds.name(node.kind)},
                {"name", node.name},
                {"is_active", node.is_active}};
}

Value to_value(const identity::Reached& reached) {
  Value out = to_value(reached.node);
  out.as_object().append("relation", identity::kRelations.name(reached.relation));
  out.as_object().append("via", reached.via);
  out.as_object().append("depth", reached.depth);
  return out;
}

struct Found {
  identity::GraphNode node;
  identity::Reach reach;
};

Result<net::Answer> look(const IamServices& services, const Call& call, Along along) {
  const std::string& id = call.text("id");
  if (along == Along::forwards) {
    WRIT_CHECK(require_self_or_administrator(call.who(), id));
  } else {
    WRIT_CHECK(require_administrator(call.who()));
  }
  WRIT_TRY(const Found found, services.store.read([&](store::Tx& tx) -> Result<Found> {
    WRIT_TRY(auto node, identity::find_node(tx, id));
    if (!node) return fail(Code::not_found, "there is no " + id, "Check the id");
    WRIT_TRY(identity::Reach reach, identity::reach(tx, id, along, limit_of(call)));
    return Found{*std::move(node), std::move(reach)};
  }));
  Array nodes;
  for (const identity::Reached& one : found.reach.nodes) nodes.push_back(to_value(one));
  Object out{{"node", to_value(found.node)}};
  if (along == Along::forwards) {
    WRIT_CHECK(services.access->refresh());
    out.append("memberships", std::move(nodes));
    out.append("roles", names(services.access->index()->implicit_roles_of(id)));
  } else {
    out.append("dependents", std::move(nodes));
  }
  out.append("is_cut", found.reach.is_cut);
  return json(200, std::move(out));
}

}  // namespace

std::vector<Binding> graph_operations(const IamServices& services) {
  return {{"addLink", for_administrators(services, add)},
          {"removeLink", for_administrators(services, remove)},
          {"listMemberships",
           [services](const Call& call) { return look(services, call, Along::forwards); }},
          {"listDependents",
           [services](const Call& call) { return look(services, call, Along::backwards); }}};
}

}  // namespace writ::server
