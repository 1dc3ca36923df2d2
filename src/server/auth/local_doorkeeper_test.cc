// Who counts as local, and who does not.
#include "server/auth/local_doorkeeper.h"

#include <gtest/gtest.h>

#include "server/api/testing/known_callers.h"

namespace writ::server {
namespace {

Result<std::optional<identity::Caller>> asks(
    Doorkeeper& door, std::string_view peer,
    const std::vector<std::pair<std::string, std::string>>& fields = {}) {
  net::Request request;
  for (const auto& [name, value] : fields) request.fields.add(name, value);
  net::Context context;
  context.peer = peer;
  return door.who_asks(request, context);
}

std::unique_ptr<Doorkeeper> known() {
  auto others = std::make_unique<testing::KnownCallers>();
  identity::Caller caller;
  caller.credential = "api_key/1";
  others->add("token", caller);
  return others;
}

TEST(LocalDoorkeeper, LetsTheSocketInWithEveryScope) {
  LocalDoorkeeper door(nullptr, {"events:read", "events:write"});
  const auto caller = asks(door, "unix");
  ASSERT_TRUE(caller && *caller);
  EXPECT_EQ((*caller)->credential, "local");
  EXPECT_TRUE((*caller)->has_scope("events:write"));
  EXPECT_FALSE((*caller)->is_superuser);
}

TEST(LocalDoorkeeper, KnowsNobodyElseOfItsOwn) {
  LocalDoorkeeper door(nullptr, {"events:read"});
  const auto stranger = asks(door, "127.0.0.1:4711");
  ASSERT_TRUE(stranger) << stranger.error().text();
  EXPECT_EQ(*stranger, std::nullopt);
  const auto shown = asks(door, "127.0.0.1:4711", {{"Authorization", "Bearer token"}});
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().code, Code::unauthenticated);
}

TEST(LocalDoorkeeper, TakesWhoComesThroughAProxyForSomebodyElse) {
  LocalDoorkeeper door(known(), {"events:read"});
  for (const char* field : {"X-Forwarded-For", "Forwarded", "Via"}) {
    const auto caller = asks(door, "unix", {{field, "1.1 proxy"}});
    ASSERT_TRUE(caller) << caller.error().text();
    EXPECT_EQ(*caller, std::nullopt) << field;
  }
}

TEST(LocalDoorkeeper, LooksAtACredentialThatIsShownOnTheSocket) {
  LocalDoorkeeper door(known(), {"events:read"});
  const auto caller = asks(door, "unix", {{"Authorization", "Bearer token"}});
  ASSERT_TRUE(caller && *caller);
  EXPECT_EQ((*caller)->credential, "api_key/1");
  EXPECT_FALSE((*caller)->has_scope("events:read"));
}

TEST(LocalDoorkeeper, KnowsEveryScopeOfTheContract) {
  const auto description = contract::Description::own();
  ASSERT_TRUE(description) << description.error().text();
  const std::vector<std::string> scopes = scopes_of(*description);
  EXPECT_TRUE(std::ranges::is_sorted(scopes));
  EXPECT_NE(std::ranges::find(scopes, "events:write"), scopes.end());
}

}  // namespace
}  // namespace writ::server
