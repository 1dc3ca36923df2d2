#pragma once
// Private to server/auth: the functions behind the tables of auth_operations.cc.
#include "base/result.h"
#include "identity/rbac/access_control.h"
#include "net/handler.h"
#include "server/auth/auth_service.h"

namespace writ::server {

// sign_in_operations.cc
Result<net::Answer> log_in(AuthService& service, const Call& call);
Result<net::Answer> log_in_by_factor(AuthService& service, const Call& call);
Result<net::Answer> log_out(AuthService& service, const Call& call);
Result<net::Answer> refresh_tokens(AuthService& service, const Call& call);
Result<net::Answer> show_magic_link(AuthService& service, const Call& call);
Result<net::Answer> log_in_by_link(AuthService& service, const Call& call);
// letter_operations.cc
Result<net::Answer> register_person(AuthService& service, const Call& call);
Result<net::Answer> request_magic_link(AuthService& service, const Call& call);
Result<net::Answer> request_verification(AuthService& service, const Call& call);
Result<net::Answer> show_verification(AuthService& service, const Call& call);
Result<net::Answer> verify_person(AuthService& service, const Call& call);
Result<net::Answer> forget_password(AuthService& service, const Call& call);
Result<net::Answer> show_reset(AuthService& service, const Call& call);
Result<net::Answer> reset_forgotten_password(AuthService& service, const Call& call);
// credential_operations.cc
Result<net::Answer> list_own_keys(AuthService& service, const Call& call);
Result<net::Answer> create_own_key(AuthService& service, const Call& call);
Result<net::Answer> revoke_own_key(AuthService& service, const Call& call);
Result<net::Answer> list_own_sessions(AuthService& service, const Call& call);
Result<net::Answer> end_own_session(AuthService& service, const Call& call);
Result<net::Answer> end_other_sessions(AuthService& service, const Call& call);
Result<net::Answer> begin_totp(AuthService& service, const Call& call);
Result<net::Answer> confirm_totp(AuthService& service, const Call& call);
Result<net::Answer> remove_totp(AuthService& service, const Call& call);
// user_operations.cc
Result<net::Answer> get_self(AuthService& service, const Call& call);
Result<net::Answer> change_self(AuthService& service, const Call& call);
Result<net::Answer> list_people(AuthService& service, const Call& call);
Result<net::Answer> get_person(AuthService& service, const Call& call);
Result<net::Answer> change_person(AuthService& service, const Call& call);
Result<net::Answer> delete_person(AuthService& service, identity::AccessControl& access,
                                  const Call& call);
Result<net::Answer> disable_person(AuthService& service, const Call& call);
Result<net::Answer> get_account_settings(AuthService& service, const Call& call);
Result<net::Answer> change_account_settings(AuthService& service, const Call& call);

}  // namespace writ::server
