// What people hand in to sign in, as arbitrary text: addresses, one-time and refresh tokens,
// settings. What is taken has one spelling and keeps its bounds.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/json.h"
#include "identity/accounts/email.h"
#include "identity/accounts/refresh_tokens.h"
#include "identity/accounts/secret_token.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/settings.h"

namespace {

void check_email(std::string_view text) {
  const auto email = writ::identity::normalise_email(text);
  if (!email) return;
  WRIT_ASSERT(email->size() <= writ::identity::kMaxEmail);
  WRIT_ASSERT(writ::identity::normalise_email(*email).value() == *email);
}

void check_token(std::string_view prefix, std::string_view text) {
  const auto key = writ::identity::secret_token_key(prefix, text);
  if (!key) return;
  WRIT_ASSERT(key->size() == 32 && text.size() == prefix.size() + 43);
  std::string other(text);
  other.back() = static_cast<char>(other.back() ^ 1);
  WRIT_ASSERT(writ::identity::secret_token_key(prefix, other) != key);
}

void check_settings(std::string_view text) {
  const auto patch = writ::parse_json(text);
  if (!patch) return;
  const auto changed = writ::identity::with_changes({}, *patch);
  if (!changed) return;
  const writ::Value written{to_object(*changed)};
  WRIT_ASSERT(writ::identity::with_changes({}, written).value() == *changed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  check_email(text);
  for (const std::string_view prefix :
       {std::string_view("writ_verify_"), std::string_view("writ_reset_"),
        std::string_view("writ_magic_link_"), writ::identity::kRefreshPrefix,
        writ::identity::kCookiePrefix}) {
    check_token(prefix, text);
  }
  check_settings(text);
  return 0;
}
