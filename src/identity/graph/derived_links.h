#pragma once
// Nodes and links of the identity graph that nobody makes by hand: they follow from what people
// have at providers that they sign in with, and from what they let applications do.
//
//   identity:USER:ID     ──signs_in_as──▶ USER      ──vouched_by──▶ issuer:URL
//   grant:USER:CLIENT    ──given_by─────▶ USER      ──given_to────▶ CLIENT, an application
//
// They are there while the rows are that they follow from (federation/linked_identities.h,
// oauth/authorizations.h); who somebody is at a provider is in none of them. All functions belong
// to the thread of their transaction.
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/graph/graph_links.h"
#include "store/store.h"

namespace writ::identity {

// Whether nodes of this kind have such links alone.
bool is_derived(NodeKind kind);
// nullopt: there is none, or it is none of these. Requires: ids in small letters.
Result<std::optional<GraphNode>> find_derived_node(store::Tx& tx, std::string_view id);
// At most `limit`. Backwards from an application all consents are looked at.
Result<std::vector<Link>> derived_links_of(store::Tx& tx, std::string_view id, Along along,
                                           std::size_t limit);

}  // namespace writ::identity
