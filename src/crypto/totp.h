#pragma once
// One-time passwords from time (RFC 6238 over RFC 4226). Which steps were used is the caller's to
// keep: a code is accepted once. Free functions; thread-safe.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/enum_names.h"

namespace writ::crypto {

enum class TotpHash : std::uint8_t { sha1, sha256, sha512 };
// As otpauth:// URIs spell them.
inline constexpr EnumNames<TotpHash, 3> kTotpHashes{{"SHA1", "SHA256", "SHA512"}};

struct TotpRules {
  TotpHash hash = TotpHash::sha1;  // what every authenticator app has
  unsigned digits = 6;             // 6 or 8
  std::chrono::seconds period{30};
};

// Which codes are taken: those of the step that `now` lies in, of `drift` steps before and after
// it, and only of steps after `last_used`.
struct TotpWindow {
  std::int64_t drift = 1;
  std::int64_t last_used = -1;
};

// Steps since the epoch. Requires: the time is not before 1970.
std::int64_t totp_step(WallTime now, const TotpRules& rules);
// The code of one step. The caller wipes it.
std::string totp_code(std::string_view secret, std::int64_t step, const TotpRules& rules);
// The step that `code` is of, to be kept as `last_used`; nothing: not accepted. Takes the same time
// whichever step it is, if any.
std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, WallTime now,
                                       const TotpRules& rules, const TotpWindow& window = {});

// otpauth://totp/Issuer:account?secret=…: what a QR code for an app holds. The caller wipes it.
std::string totp_uri(std::string_view issuer, std::string_view account, std::string_view secret,
                     const TotpRules& rules);

}  // namespace writ::crypto
