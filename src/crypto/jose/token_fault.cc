#include "crypto/jose/token_fault.h"

#include <string>

namespace writ::crypto {

std::string_view reason_of(TokenFault fault) {
  static constexpr std::string_view kReasons[] = {
#define WRIT_ROW(name, reason) reason,
      WRIT_TOKEN_FAULTS(WRIT_ROW)
#undef WRIT_ROW
  };
  return kReasons[static_cast<std::size_t>(fault)];
}

std::unexpected<Error> refuse_token(TokenFault fault, std::source_location where) {
  return fail(Code::signature_bad, std::string(reason_of(fault)), "Log in again", where);
}

bool is_refusal(const Error& error, TokenFault fault) {
  return error.code == Code::signature_bad && error.message == reason_of(fault);
}

}  // namespace writ::crypto
