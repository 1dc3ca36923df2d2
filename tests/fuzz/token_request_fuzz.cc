// Requests for tokens: the first line is an Authorization field, the others are scopes, of the
// subject, of the client's key and of the request. What is granted is never wider than either side,
// and the client always stands in the chain.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "identity/oauth/grants.h"
#include "server/oauth/basic_credentials.h"

namespace {

using namespace writ;
using namespace writ::identity;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void check_basic(std::string_view field) {
  const auto proof = server::parse_basic(field);
  if (proof) WRIT_ASSERT(proof->id.size() + proof->secret.size() < field.size());
}

using Scopes = std::vector<std::string>;

Scopes scopes_in(std::string_view line) {
  const auto scopes = parse_scope(line);
  if (!scopes) return {};
  WRIT_ASSERT(std::is_sorted(scopes->begin(), scopes->end()));
  WRIT_ASSERT(parse_scope(scope_text(*scopes)) == *scopes);
  return *scopes;
}

bool is_within(const Scopes& few, const Scopes& many) {
  return std::includes(many.begin(), many.end(), few.begin(), few.end());
}

void check_exchange(const Scopes& of_subject, const Scopes& of_key, const GrantWish& wish) {
  const WallTime now{1'767'225'600'000'000};
  Client client;
  client.id.uuid.bytes[15] = 5;
  client.epoch = 1;
  client.scopes = of_key;
  AccessClaims subject;
  subject.subject = "person";
  subject.client_id = "writ";
  subject.expires_at = to_seconds(now) + std::chrono::seconds(60);
  Standing standing;
  standing.caller.scopes = of_subject;
  const GrantRules rules{.own_target = "https://writ.example"};
  const Grant grant =
      exchange_token(client, {subject, standing, nullptr}, "writ", wish, rules, now);
  if (grant.fault) return;
  WRIT_ASSERT(is_within(grant.claims.scopes, of_subject));
  WRIT_ASSERT(is_within(grant.claims.scopes, of_key));
  WRIT_ASSERT(!grant.claims.scopes.empty());
  WRIT_ASSERT(grant.claims.actors.front().subject == client.id.text());
  WRIT_ASSERT(grant.claims.expires_at <= subject.expires_at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text({data, size});
  check_basic(take_line(text));
  const Scopes of_subject = scopes_in(take_line(text));
  const Scopes of_key = scopes_in(take_line(text));
  GrantWish wish;
  wish.scopes = parse_scope(take_line(text));
  check_exchange(of_subject, of_key, wish);
  return 0;
}
