#include <utility>

#include "identity/accounts/api_keys.h"
#include "identity/accounts/change_for_user.h"
#include "identity/accounts/email.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/own_account.h"
#include "identity/accounts/registration.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/settings.h"
#include "identity/accounts/users.h"
#include "identity/directory/directory_people.h"
#include "identity/federation/linked_identities.h"
#include "identity/graph/graph_links.h"
#include "identity/oauth/authorizations.h"
#include "server/api/answers.h"
#include "server/auth/authenticator.h"
#include "server/auth/operation_parts.h"
#include "server/auth/shapes.h"

namespace writ::server {
namespace {

using identity::OwnChange;
using identity::PrincipalId;
using identity::UserChange;

std::optional<std::string> member(const Value& body, std::string_view name) {
  const Value* const found = body.find(name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return found->as_string();
}

std::optional<bool> flag(const Value& body, std::string_view name) {
  const Value* const found = body.find(name);
  if (found == nullptr || !found->is_bool()) return std::nullopt;
  return found->as_bool();
}

// What an administrator may set: never a password (ASVS 6.4.6).
Result<UserChange> change_of(const Value& body) {
  UserChange out{.is_active = flag(body, "is_active"),
                 .is_superuser = flag(body, "is_superuser"),
                 .is_verified = flag(body, "is_verified")};
  if (const auto email = member(body, "email")) {
    WRIT_TRY(out.email, identity::normalise_email(*email));
  }
  return out;
}

Result<net::Answer> change_as_administrator(AuthService& service, const Call& call, PrincipalId id,
                                            const UserChange& change) {
  auto done =
      service.parts().store.write([&](store::Tx& tx) -> Result<std::optional<identity::User>> {
        WRIT_TRY(const auto before, identity::find_user(tx, id));
        if (!before) return std::nullopt;
        WRIT_TRY(identity::User user,
                 identity::change_for_user(tx, *before, change, "changed_by_administrator",
                                           service.deed_of(call)));
        return user;
      });
  if (!done) {
    if (done.error().code != Code::conflict) return std::unexpected(std::move(done).error());
    return detail(
        400, change.email ? "UPDATE_USER_EMAIL_ALREADY_EXISTS" : "UPDATE_USER_LAST_ADMINISTRATOR");
  }
  const std::optional<identity::User>& user = *done;
  if (!user) return phrase(404);
  return json(200, user_shape(*user));
}

}  // namespace

Result<net::Answer> get_self(AuthService& service, const Call& call) {
  WRIT_TRY(const auto user, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_user(tx, call.who().id);
  }));
  if (!user) return phrase(404);
  return json(200, user_shape(*user));
}

Result<net::Answer> change_self(AuthService& service, const Call& call) {
  const identity::Owner owner{.id = call.who().id, .session = session_of(call.who())};
  // Neither an API key nor whoever acts for a person changes who the person is.
  if (!owner.session || !call.who().actors.empty()) return phrase(403);
  const std::string current = std::string(text_of(call.body, "current_password"));
  const identity::OwnWish wish{.email = member(call.body, "email"),
                               .password = member(call.body, "password"),
                               .current_password = current};
  WRIT_TRY(const auto done,
           identity::change_own_account(service.parts(), owner, wish, service.asker_of(call)));
  switch (done.outcome) {
    case OwnChange::done:
      service.post();
      return json(200, user_shape(done.user));
    case OwnChange::taken:
      return detail(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
    case OwnChange::bad_password:
      return detail(400, "UPDATE_USER_INVALID_PASSWORD", done.reason);
    case OwnChange::must_wait:
      return must_wait("UPDATE_USER_TOO_MANY_ATTEMPTS", done.wait_until,
                       service.parts().clock.wall());
    default:
      return detail(400, "UPDATE_USER_WRONG_PASSWORD",
                    "a new e-mail address or password needs current_password");
  }
}

Result<net::Answer> list_people(AuthService& service, const Call& call) {
  std::optional<PrincipalId> after;
  if (const Value* const cursor = call.parameter("after"); cursor != nullptr) {
    WRIT_TRY(after, PrincipalId::parse(cursor->as_string()));
  }
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  WRIT_TRY(const auto users, service.parts().store.read([&](store::Tx& tx) {
    return identity::list_users(tx, after, limit);
  }));
  Array items;
  for (const identity::User& user : users) items.push_back(user_shape(user));
  Object body;
  body.append("next", users.size() == limit ? Value(users.back().id.text()) : Value());
  body.append("items", std::move(items));
  return json(200, std::move(body));
}

Result<net::Answer> get_person(AuthService& service, const Call& call) {
  const auto id = PrincipalId::parse(call.text("id"));
  if (!id) return phrase(404);
  WRIT_TRY(const auto user,
           service.parts().store.read([&](store::Tx& tx) { return identity::find_user(tx, *id); }));
  if (!user) return phrase(404);
  return json(200, user_shape(*user));
}

Result<net::Answer> change_person(AuthService& service, const Call& call) {
  const auto id = PrincipalId::parse(call.text("id"));
  if (!id) return phrase(404);
  WRIT_TRY(const UserChange change, change_of(call.body));
  return change_as_administrator(service, call, *id, change);
}

Result<net::Answer> disable_person(AuthService& service, const Call& call) {
  const auto id = PrincipalId::parse(call.text("id"));
  if (!id) return phrase(404);
  return change_as_administrator(service, call, *id, {.is_active = false});
}

// With everything that names the user: sessions, tokens, keys, roles, policies, links. What others
// hold to act for them ends with them.
Result<net::Answer> delete_person(AuthService& service, identity::AccessControl& access,
                                  const Call& call) {
  const auto id = PrincipalId::parse(call.text("id"));
  if (!id) return phrase(404);
  auto done = service.parts().store.write([&](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const auto user, identity::find_user(tx, *id));
    if (!user) return false;
    const identity::Deed deed = service.deed_of(call);
    WRIT_CHECK(identity::end_sessions_of(tx, *id, {}, "deleted", deed));
    WRIT_CHECK(identity::erase_one_time_tokens(tx, *id));
    WRIT_CHECK(identity::revoke_api_keys_of(tx, *id, deed));
    WRIT_CHECK(identity::unlink_identities_of(tx, *id, deed));
    WRIT_CHECK(identity::forget_directory_person(tx, *id));
    WRIT_CHECK(identity::erase_consents_of(tx, *id));
    WRIT_CHECK(identity::remove_factor(tx, *id, deed));
    WRIT_CHECK(access.forget(tx, id->text(), {deed.actor, deed.correlation}));
    WRIT_CHECK(identity::erase_links_of(tx, id->text()));
    WRIT_CHECK(identity::erase_user(tx, *id, deed));
    return true;
  });
  if (!done) {
    if (done.error().code != Code::conflict) return std::unexpected(std::move(done).error());
    return detail(400, "DELETE_USER_LAST_ADMINISTRATOR");
  }
  if (!*done) return phrase(404);
  WRIT_CHECK(access.refresh());
  return no_content();
}

Result<net::Answer> get_account_settings(AuthService& service, const Call&) {
  WRIT_TRY(const auto settings,
           service.parts().store.read([](store::Tx& tx) { return identity::read_settings(tx); }));
  return json(200, to_object(settings));
}

Result<net::Answer> change_account_settings(AuthService& service, const Call& call) {
  WRIT_TRY(const auto settings, service.parts().store.write([&](store::Tx& tx) {
    return identity::change_settings(tx, call.body, service.deed_of(call));
  }));
  return json(200, to_object(settings));
}

}  // namespace writ::server
