#include "identity/oauth/grants.h"

#include <gtest/gtest.h>

#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

using std::chrono::seconds;

constexpr WallTime kNow{1'767'225'600'000'000};
constexpr std::string_view kOwn = "writ";

const GrantRules kRules{.own_target = "https://writ.example", .targets = {"https://api.example"}};

WallTime in(seconds time) { return {kNow.micros + std::chrono::microseconds(time).count()}; }

std::string id(std::uint8_t last) { return numbered<PrincipalId>(last).text(); }

Client client(std::uint8_t last, std::vector<std::string> scopes) {
  Client out{.id = numbered<PrincipalId>(last), .epoch = 3, .scopes = std::move(scopes)};
  out.key.id = "key" + std::to_string(last);
  return out;
}

// A person's own token, or what was exchanged from one.
struct Held {
  AccessClaims claims = {};
  Standing standing = {};
};
Held person(std::vector<std::string> scopes) {
  Held out;
  out.claims.subject = id(1);
  out.claims.client_id = kOwn;
  out.claims.token_id = "own";
  out.claims.session = numbered<SessionId>(9).text();
  out.claims.epoch = 2;
  out.claims.expires_at = to_seconds(in(seconds(600)));
  out.standing.caller.scopes = std::move(scopes);
  Session session;
  session.expires_at = in(std::chrono::hours(1));
  out.standing.session = session;
  return out;
}
Held next(Grant grant, std::string token_id) {
  Held out;
  out.claims = std::move(grant.claims);
  out.claims.token_id = std::move(token_id);
  out.standing.caller.scopes = out.claims.scopes;
  return out;
}

Grant exchange(const Client& by, const Held& held, const GrantWish& wish = {},
               const AccessClaims* actor = nullptr) {
  return exchange_token(by, {held.claims, held.standing, actor}, kOwn, wish, kRules, kNow);
}

// "error: why", or the scopes.
std::string outcome(const Grant& grant) {
  if (grant.fault) return std::string(kGrantFaults.name(*grant.fault)) + ": " + grant.why;
  return scope_text(grant.claims.scopes);
}
std::string chain(const Grant& grant) {
  std::string out = grant.claims.subject;
  for (const Actor& actor : grant.claims.actors) out += " < " + actor.subject;
  return out;
}

TEST(Grants, ScopesAreWordsWithOneSpaceBetween) {
  EXPECT_EQ(scope_text(parse_scope("b a b").value()), "a b");
  for (const std::string_view wrong :
       {"", " ", "a  b", " a", "a ", "a\"", "a\\", "a\tb", "\u00e4"}) {
    EXPECT_EQ(parse_scope(wrong), std::nullopt) << "'" << wrong << "'";
  }
}

TEST(Grants, AClientGetsWhatItsKeyHasAndNoMore) {
  const Client one = client(5, {"a", "b"});
  const Grant all = grant_to_client(one, {}, kRules, kNow);
  EXPECT_EQ(outcome(all), "a b");
  EXPECT_EQ(all.claims.subject, id(5));
  EXPECT_EQ(all.claims.epoch, 3u);
  EXPECT_EQ(all.claims.audience, std::vector<std::string>{"https://writ.example"});
  EXPECT_EQ(all.claims.via, std::vector<std::string>{"api_key/key5"});
  EXPECT_EQ((all.claims.expires_at - all.claims.issued_at), kGrantLifetime);
  EXPECT_EQ(outcome(grant_to_client(one, {.scopes = {{"b"}}}, kRules, kNow)), "b");
  EXPECT_EQ(outcome(grant_to_client(one, {.scopes = {{"b", "c"}}}, kRules, kNow)),
            "invalid_scope: what the token is to rest on does not have the scope c");
}

TEST(Grants, ATokenEndsWithTheKeyThatAskedForIt) {
  Client one = client(5, {"a"});
  one.key.expires_at = in(seconds(40));
  EXPECT_EQ(grant_to_client(one, {}, kRules, kNow).claims.expires_at, to_seconds(in(seconds(40))));
  one.key.expires_at = kNow;
  EXPECT_EQ(outcome(grant_to_client(one, {}, kRules, kNow)),
            "invalid_grant: what the token is to rest on is over");
}

TEST(Grants, ATokenIsMeantForOneResourceThatIsKnown) {
  const Client one = client(5, {"a"});
  EXPECT_EQ(grant_to_client(one, {.targets = {"https://api.example", "https://api.example"}},
                            kRules, kNow)
                .claims.audience,
            std::vector<std::string>{"https://api.example"});
  EXPECT_EQ(outcome(grant_to_client(one, {.targets = {"https://api.example/x"}}, kRules, kNow)),
            "invalid_target: no tokens are issued for this resource");
  EXPECT_EQ(outcome(grant_to_client(
                one, {.targets = {"https://api.example", "https://writ.example"}}, kRules, kNow)),
            "invalid_target: a token is meant for one resource");
}

TEST(Grants, AnExchangeHasWhatBothSidesHave) {
  const Held held = person({"a", "b", "c"});
  const Grant made = exchange(client(5, {"b", "c", "d"}), held);
  EXPECT_EQ(outcome(made), "b c");
  EXPECT_EQ(chain(made), id(1) + " < " + id(5));
  EXPECT_EQ(made.claims.actors.front().epoch, 3u);
  EXPECT_EQ(made.claims.session, held.claims.session);
  EXPECT_EQ(made.claims.epoch, 2u);
  EXPECT_EQ(made.claims.via, std::vector<std::string>{"api_key/key5"});
  for (const std::string_view not_common : {"a", "d"}) {
    EXPECT_EQ(outcome(exchange(client(5, {"b", "c", "d"}), held,
                               {.scopes = {{std::string(not_common)}}})),
              "invalid_scope: what the token is to rest on does not have the scope " +
                  std::string(not_common));
  }
  EXPECT_EQ(outcome(exchange(client(5, {"x"}), held)), "invalid_scope: there is no scope to give");
}

TEST(Grants, EachHopNarrowsAndIsAddedInFront) {
  const Grant first = exchange(client(5, {"a", "b"}), person({"a", "b", "c"}));
  const Grant second = exchange(client(6, {"b", "c"}), next(first, "t1"));
  EXPECT_EQ(outcome(second), "b");
  EXPECT_EQ(chain(second), id(1) + " < " + id(6) + " < " + id(5));
  EXPECT_EQ(second.claims.via,
            (std::vector<std::string>{"api_key/key5", "token/t1", "api_key/key6"}));
  EXPECT_EQ(outcome(exchange(client(6, {"b", "c"}), next(first, "t1"), {.scopes = {{"c"}}})),
            "invalid_scope: what the token is to rest on does not have the scope c");
}

TEST(Grants, AChainIsKeptWhoeverAsksAgain) {
  const Grant first = exchange(client(5, {"a", "b"}), person({"a", "b"}));
  // The current actor asks for less: it stands there once, and what it acts for stays.
  const Grant again = exchange(client(5, {"a", "b"}), next(first, "t1"), {.scopes = {{"a"}}});
  EXPECT_EQ(chain(again), id(1) + " < " + id(5));
  EXPECT_EQ(again.claims.via, (std::vector<std::string>{"api_key/key5", "token/t1"}));
  // One that was restarted under a new epoch is another link.
  Client reborn = client(5, {"a"});
  reborn.epoch = 4;
  EXPECT_EQ(chain(exchange(reborn, next(first, "t1"))), id(1) + " < " + id(5) + " < " + id(5));
}

TEST(Grants, WhoNarrowsATokenOfItsOwnActsForItself) {
  const Client one = client(5, {"a", "b"});
  const Held own = next(grant_to_client(one, {}, kRules, kNow), "t1");
  const Grant less = exchange(one, own, {.scopes = {{"a"}}});
  EXPECT_EQ(outcome(less), "a");
  EXPECT_EQ(chain(less), id(5));
  EXPECT_EQ(less.claims.via, (std::vector<std::string>{"api_key/key5", "token/t1"}));
}

TEST(Grants, AChainHasEightActorsAtMost) {
  Held held = person({"a"});
  for (std::uint8_t i = 0; i < kMaxActors; ++i) {
    const Grant made = exchange(client(static_cast<std::uint8_t>(10 + i), {"a"}), held);
    ASSERT_EQ(outcome(made), "a") << int{i};
    held = next(made, "t" + std::to_string(i));
  }
  EXPECT_EQ(held.claims.actors.size(), kMaxActors);
  EXPECT_EQ(outcome(exchange(client(30, {"a"}), held)),
            "invalid_request: a chain has at most 8 actors");
}

TEST(Grants, NothingOutlivesWhatItRestsOn) {
  Held held = person({"a"});
  held.claims.expires_at = to_seconds(in(seconds(100)));
  EXPECT_EQ(exchange(client(5, {"a"}), held).claims.expires_at, to_seconds(in(seconds(100))));
  held.standing.session->expires_at = in(seconds(50));
  EXPECT_EQ(exchange(client(5, {"a"}), held).claims.expires_at, to_seconds(in(seconds(50))));
  AccessClaims actor = grant_to_client(client(5, {"a"}), {}, kRules, kNow).claims;
  actor.token_id = "actor";
  actor.expires_at = to_seconds(in(seconds(20)));
  const Grant made = exchange(client(5, {"a"}), held, {}, &actor);
  EXPECT_EQ(made.claims.expires_at, to_seconds(in(seconds(20))));
  EXPECT_EQ(made.claims.via, (std::vector<std::string>{"api_key/key5", "token/actor"}));
}

TEST(Grants, AnActorsTokenIsTheClientsOwnAndNarrowsToo) {
  const Held held = person({"a", "b"});
  AccessClaims actor = grant_to_client(client(5, {"a"}), {}, kRules, kNow).claims;
  EXPECT_EQ(outcome(exchange(client(5, {"a", "b"}), held, {}, &actor)), "a");
  EXPECT_EQ(outcome(exchange(client(6, {"a", "b"}), held, {}, &actor)),
            "invalid_request: the actor's token is not the client's own");
  actor.actors = {{.subject = id(7)}};
  EXPECT_EQ(outcome(exchange(client(5, {"a", "b"}), held, {}, &actor)),
            "invalid_request: the actor's token is not the client's own");
}

}  // namespace
}  // namespace writ::identity
