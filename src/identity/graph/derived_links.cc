#include "identity/graph/derived_links.h"

#include <algorithm>
#include <string>
#include <utility>

#include "identity/federation/linked_identities.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/principals.h"

namespace writ::identity {
namespace {

constexpr std::string_view kIdentity = "identity:";
constexpr std::string_view kGrant = "grant:";
constexpr std::string_view kIssuer = "issuer:";
constexpr std::size_t kUuid = 36;

std::string identity_id(const LinkedIdentity& one) {
  return std::string(kIdentity) + one.user.text() + ':' + one.id.text();
}
std::string grant_id(PrincipalId user, ApplicationId application) {
  return std::string(kGrant) + user.text() + ':' + application.text();
}
std::string issuer_id(std::string_view issuer) {
  return std::string(kIssuer) + std::string(issuer);
}

// The two ids behind the prefix of a node.
struct Pair {
  PrincipalId user = {};
  Uuid other = {};
};
std::optional<Pair> pair_of(std::string_view id, std::string_view prefix) {
  if (!id.starts_with(prefix)) return std::nullopt;
  id.remove_prefix(prefix.size());
  if (id.size() != 2 * kUuid + 1 || id[kUuid] != ':') return std::nullopt;
  const auto user = Uuid::parse(id.substr(0, kUuid));
  const auto other = Uuid::parse(id.substr(kUuid + 1));
  if (!user || !other) return std::nullopt;
  return Pair{PrincipalId{*user}, *other};
}

Result<std::optional<LinkedIdentity>> identity_of(store::Tx& tx, const Pair& pair) {
  WRIT_TRY(const auto all, list_identities(tx, pair.user));
  const auto found = std::ranges::find(all, LinkedIdentityId{pair.other}, &LinkedIdentity::id);
  if (found == all.end()) return std::nullopt;
  return *found;
}

// What is consented to is there while the application and the person are.
Result<std::optional<Application>> granted_to(store::Tx& tx, const Pair& pair) {
  WRIT_TRY(const auto consent, find_consent(tx, pair.user, ApplicationId{pair.other}));
  WRIT_TRY(const auto person, find_principal(tx, pair.user));
  if (!consent || !person) return std::nullopt;
  return find_application(tx, ApplicationId{pair.other});
}

Result<std::vector<Link>> forwards(store::Tx& tx, std::string_view id) {
  std::vector<Link> out;
  if (const auto pair = pair_of(id, kIdentity)) {
    WRIT_TRY(const auto one, identity_of(tx, *pair));
    if (!one) return out;
    const std::string from(id);
    out.push_back({from, Relation::signs_in_as, one->user.text(), one->linked_at});
    out.push_back({from, Relation::vouched_by, issuer_id(one->issuer), one->linked_at});
  }
  if (const auto pair = pair_of(id, kGrant)) {
    WRIT_TRY(const auto application, granted_to(tx, *pair));
    if (!application) return out;
    const std::string from(id);
    out.push_back({from, Relation::given_by, pair->user.text()});
    out.push_back({from, Relation::given_to, application->id.text()});
  }
  return out;
}

Result<void> add_of_user(store::Tx& tx, PrincipalId user, std::vector<Link>& out) {
  WRIT_TRY(const auto identities, list_identities(tx, user));
  for (const LinkedIdentity& one : identities) {
    out.push_back({identity_id(one), Relation::signs_in_as, user.text(), one.linked_at});
  }
  WRIT_TRY(const auto consents, list_consents(tx, user));
  for (const Consent& one : consents) {
    WRIT_TRY(const auto application, find_application(tx, one.application));
    if (!application) continue;
    out.push_back({grant_id(user, one.application), Relation::given_by, user.text(), one.given_at});
  }
  return {};
}

Result<void> add_of_application(store::Tx& tx, ApplicationId id, std::size_t limit,
                                std::vector<Link>& out) {
  WRIT_TRY(const auto people, list_consenting(tx, id, limit));
  for (const PrincipalId user : people) {
    WRIT_TRY(const auto person, find_principal(tx, user));
    if (person) out.push_back({grant_id(user, id), Relation::given_to, id.text()});
  }
  return {};
}

Result<std::vector<Link>> backwards(store::Tx& tx, std::string_view id, std::size_t limit) {
  std::vector<Link> out;
  if (id.starts_with(kIssuer)) {
    WRIT_TRY(const auto all, list_identities_at(tx, id.substr(kIssuer.size()), limit));
    for (const LinkedIdentity& one : all) {
      out.push_back({identity_id(one), Relation::vouched_by, std::string(id), one.linked_at});
    }
    return out;
  }
  const auto uuid = Uuid::parse(id);
  if (!uuid) return out;
  WRIT_TRY(const auto application, find_application(tx, ApplicationId{*uuid}));
  if (application) {
    WRIT_CHECK(add_of_application(tx, application->id, limit, out));
  } else {
    WRIT_CHECK(add_of_user(tx, PrincipalId{*uuid}, out));
  }
  return out;
}

}  // namespace

bool is_derived(NodeKind kind) {
  return kind == NodeKind::application || kind == NodeKind::grant || kind == NodeKind::identity ||
         kind == NodeKind::issuer;
}

Result<std::optional<GraphNode>> find_derived_node(store::Tx& tx, std::string_view id) {
  if (id.starts_with(kIssuer)) {
    const std::string_view issuer = id.substr(kIssuer.size());
    WRIT_TRY(const auto first, list_identities_at(tx, issuer, 1));
    if (first.empty()) return std::nullopt;
    return GraphNode{std::string(id), NodeKind::issuer, std::string(issuer), true};
  }
  if (const auto pair = pair_of(id, kIdentity)) {
    WRIT_TRY(const auto one, identity_of(tx, *pair));
    if (!one) return std::nullopt;
    return GraphNode{std::string(id), NodeKind::identity, one->provider, true};
  }
  if (const auto pair = pair_of(id, kGrant)) {
    WRIT_TRY(const auto application, granted_to(tx, *pair));
    if (!application) return std::nullopt;
    return GraphNode{std::string(id), NodeKind::grant, application->name, true};
  }
  const auto uuid = Uuid::parse(id);
  if (!uuid) return std::nullopt;
  WRIT_TRY(const auto application, find_application(tx, ApplicationId{*uuid}));
  if (!application) return std::nullopt;
  return GraphNode{uuid->text(), NodeKind::application, application->name, true};
}

Result<std::vector<Link>> derived_links_of(store::Tx& tx, std::string_view id, Along along,
                                           std::size_t limit) {
  WRIT_TRY(auto out, along == Along::forwards ? forwards(tx, id) : backwards(tx, id, limit));
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace writ::identity
