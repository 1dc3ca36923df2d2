// What a provider sends, as arbitrary text: metadata, tokens, claims, keys, an id token. No
// endpoint is taken at an origin that the settings do not name, no token that is none in a header
// field, and an id token that nobody signed says nothing.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/jose/jwk.h"
#include "identity/federation/id_token.h"
#include "server/federation/provider_answers.h"

namespace {

using namespace writ;

constexpr const char* kIssuer = "https://id.example.org";

server::SignInProvider provider() {
  server::SignInProvider out;
  out.issuer = kIssuer;
  out.origins = {"https://id.example.org:443"};
  return out;
}

void check_metadata(std::string_view text) {
  const auto read = server::read_metadata(text, provider());
  if (!read) return;
  for (const std::string* url : {&read->authorization_endpoint, &read->token_endpoint,
                                 &read->userinfo_endpoint, &read->jwks_uri}) {
    if (url->empty()) continue;
    WRIT_ASSERT(url->starts_with(kIssuer));
    const std::size_t end = std::string_view(kIssuer).size();
    WRIT_ASSERT(url->size() == end || std::string_view("/?#:").contains((*url)[end]));
  }
}

void check_claims(std::string_view text) {
  const auto claims = server::read_claims(text);
  if (!claims) return;
  const auto who = identity::read_vouched(*claims, kIssuer, "sub");
  if (!who) return;
  WRIT_ASSERT(!who->subject.empty() && who->subject.size() <= 255);
  WRIT_ASSERT(!who->is_email_verified || !who->email.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  check_metadata(text);
  check_claims(text);
  const auto tokens = server::read_tokens(text);
  if (tokens) WRIT_ASSERT(tokens->access_token.find_first_of("\r\n ") == std::string::npos);
  const auto keys = crypto::JwkSet::parse(text);
  const auto who = identity::check_id_token(keys.value_or(crypto::JwkSet()), text,
                                            {.issuer = kIssuer, .client_id = "writ", .nonce = "n"},
                                            identity::Seconds{});
  WRIT_ASSERT(!who);  // keys and token are one text
  return 0;
}
