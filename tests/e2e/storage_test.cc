// Values of services over real HTTP.
#include "people.h"

namespace writ::e2e {
namespace {

class StorageTest : public PeopleTest {};

TEST_F(StorageTest, ValuesOfAServiceAreItsOwnAndLastOverARestart) {
  EXPECT_EQ(served(R"(
root=$(login root@example.org "$password" | member access_token)
id=$(send POST /auth/register '' "{\"email\":\"ada@example.org\",\"password\":\"$password\"}" | member id)
ada=$(login ada@example.org "$password" | member access_token)
send POST /storage/billing/rate "$ada" '{"value":7}' | sed "s/$id/ADA/" | member detail
send POST /rbac/policies "$root" "{\"subject\":\"$id\",\"object\":\"storage/billing\",\"action\":\"write\"}"
send POST /storage/billing/rate "$ada" '{"value":{"percent":7.5}}' | sed 's/,"created.*}/ …/'
curl -sS -o /dev/null -w '%{http_code} %header{etag}\n' -X POST $url/storage/billing/rate -H "Authorization: Bearer $ada" \
  -H 'If-None-Match: *' -H 'Content-Type: application/json' -d '{"value":8}'
)"),
            "ADA has no permission write on storage/billing\n"
            R"({"added":true,"revision":1} 201)"
            "\n"
            R"({"namespace":"billing","key":"rate","value":{"percent":7.5},"revision":1 … 201)"
            "\n412 \"1\"\nexit 0\n");
  EXPECT_EQ(served(R"(
root=$(login root@example.org "$password" | member access_token)
curl -sS -o /dev/null -D- $url/storage/billing/rate -H "Authorization: Bearer $root" | tr -d '\r' | grep -i '^etag'
send GET '/storage/billing?prefix=ra' "$root" | grep -o '"key":"rate","value":{"percent":7.5}'
send DELETE /storage/billing/rate "$root"
send GET /storage/billing "$root"
)"),
            "ETag: \"1\"\n"
            R"("key":"rate","value":{"percent":7.5})"
            "\n 204\n"
            R"({"items":[]} 200)"
            "\nexit 0\n");
  const Ran events = writ({"ledger", "list", "--json"});
  EXPECT_TRUE(contains(events.out, "writ.storage.deleted")) << events.text();
  EXPECT_FALSE(contains(events.out, "percent")) << events.text();
}

}  // namespace
}  // namespace writ::e2e
