#include "project/trust_value.h"

#include <utility>

namespace writ::project {

Value trust_value(const identity::Trust& trust, WallTime now) {
  Array keys;
  for (const identity::TrustedKey& key : trust.keys()) {
    Array roles;
    for (const std::string& role : key.roles) roles.emplace_back(role);
    keys.push_back(Object{{"id", key.id().hex},
                          {"name", key.name},
                          {"roles", std::move(roles)},
                          {"state", key.is_good(now) ? "good" : "ended"}});
  }
  return Object{{"keys", std::move(keys)}};
}

}  // namespace writ::project
