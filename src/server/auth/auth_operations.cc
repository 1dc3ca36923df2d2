#include "server/auth/auth_operations.h"

#include <string_view>

#include "server/auth/operation_parts.h"

namespace writ::server {
namespace {

struct Row {
  std::string_view operation;
  AuthFunction function;
};

constexpr Row kAuth[] = {
    {"beginTotp", &begin_totp},
    {"confirmTotp", &confirm_totp},
    {"createApiKey", &create_own_key},
    {"endOtherSessions", &end_other_sessions},
    {"endSession", &end_own_session},
    {"forgotPassword", &forget_password},
    {"listApiKeys", &list_own_keys},
    {"listSessions", &list_own_sessions},
    {"login", &log_in},
    {"loginByFactor", &log_in_by_factor},
    {"loginByMagicLink", &log_in_by_link},
    {"logout", &log_out},
    {"refreshTokens", &refresh_tokens},
    {"register", &register_person},
    {"removeTotp", &remove_totp},
    {"requestMagicLink", &request_magic_link},
    {"requestVerifyToken", &request_verification},
    {"resetPassword", &reset_forgotten_password},
    {"revokeApiKey", &revoke_own_key},
    {"showMagicLink", &show_magic_link},
    {"showVerification", &show_verification},
    {"showPasswordReset", &show_reset},
    {"verify", &verify_person},
};

constexpr Row kUsers[] = {
    {"changeAccountSettings", &change_account_settings},
    {"changeSelf", &change_self},
    {"changeUser", &change_person},
    {"disableUser", &disable_person},
    {"getAccountSettings", &get_account_settings},
    {"getSelf", &get_self},
    {"getUser", &get_person},
    {"listUsers", &list_people},
};

template <std::size_t N>
std::vector<Binding> bound(const std::shared_ptr<AuthService>& service, const Row (&rows)[N]) {
  std::vector<Binding> out;
  for (const Row& row : rows) out.push_back(bind(service, row.operation, row.function));
  return out;
}

}  // namespace

std::vector<Binding> auth_operations(const std::shared_ptr<AuthService>& service) {
  return bound(service, kAuth);
}

std::vector<Binding> user_operations(const std::shared_ptr<AuthService>& service,
                                     const std::shared_ptr<identity::AccessControl>& access) {
  std::vector<Binding> out = bound(service, kUsers);
  out.push_back({"deleteUser", Operation([service, access](const Call& call) {
                   return delete_person(*service, *access, call);
                 })});
  return out;
}

}  // namespace writ::server
