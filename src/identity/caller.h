#pragma once
// Who acts, and who a request comes from: what every handler, policy and event speaks of.
//
// A principal is a person, a service account or an AI agent. A caller is a principal together with
// how it proved that, what it may use, and for whom it acts (RFC 8693: `id` is the subject, who the
// act is done for; `actors` are those who do it, the current one first).
//
// Values; no thread of their own.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"

namespace writ::identity {

using PrincipalId = Id<struct PrincipalTag>;

enum class PrincipalKind : std::uint8_t { user, service_account, ai_agent };

inline constexpr EnumNames<PrincipalKind, 3> kPrincipalKinds{
    {"user", "service_account", "ai_agent"}};

// What a credential that is no session needs to act with its owner's right to administer.
inline constexpr std::string_view kSuperuserScope = "superuser";

// How credentials begin that are sessions of people.
inline constexpr std::string_view kSessionPrefix = "session/";

struct Caller {
  PrincipalId id;
  PrincipalKind kind = PrincipalKind::user;
  bool is_superuser = false;  // of `id`; never of an actor
  // What was shown: "session/<uuid>", "api_key/<id>", "local" (the server's own socket).
  std::string credential;
  std::vector<std::string> scopes;  // sorted; what the credential may be used for
  std::vector<PrincipalId> actors;  // of a delegation; empty: acts for itself
  WallTime authenticated_at;        // when a person last proved who it is
  bool has_second_factor = false;   // then, or since

  bool has_scope(std::string_view scope) const;
  // Whether a person signed in itself, as keys and tokens of programs have not.
  bool has_signed_in() const { return credential.starts_with(kSessionPrefix); }
  // Who is at the keyboard: the current actor, or the principal itself.
  PrincipalId actor() const { return actors.empty() ? id : actors.front(); }
  // What events are written with: "principal:<uuid>", opaque (docs/architecture/ledger.md).
  std::string event_actor() const { return "principal:" + actor().text(); }
};

}  // namespace writ::identity
