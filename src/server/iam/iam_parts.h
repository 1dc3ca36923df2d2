#pragma once
// What the operations of the family `iam` share. Private to server/iam.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/id.h"
#include "identity/accounts/deed.h"
#include "server/iam/iam_operations.h"
#include "server/rbac/administrators.h"

namespace writ::server {

// A function for administrators alone.
template <typename Function>
Operation for_administrators(const IamServices& services, Function function) {
  return [services, function](const Call& call) -> Result<net::Answer> {
    WRIT_CHECK(require_administrator(call.who()));
    return function(services, call);
  };
}

inline identity::Deed deed_of(const IamServices& services, const Call& call) {
  return {.journal = services.journal,
          .actor = call.who().event_actor(),
          .correlation = std::string(call.trace)};
}

template <typename T>
T new_id(const IamServices& services) {
  return T{Uuid::v7(services.clock, services.random)};
}

// Of the path. Errors: not_found (no id at all is nobody's either).
template <typename T>
Result<T> id_in(const Call& call, std::string_view parameter = "id") {
  const std::string& text = call.text(parameter);
  auto parsed = T::parse(text);
  if (parsed) return *parsed;
  return fail(Code::not_found, "there is no " + text, "Check the id");
}

// `after` of a list.
template <typename T>
Result<std::optional<T>> after_of(const Call& call) {
  const Value* given = call.parameter("after");
  if (given == nullptr) return std::optional<T>();
  WRIT_TRY(T id, T::parse(given->as_string()));
  return std::optional<T>(id);
}

inline std::size_t limit_of(const Call& call) {
  return static_cast<std::size_t>(call.integer("limit"));
}

}  // namespace writ::server
