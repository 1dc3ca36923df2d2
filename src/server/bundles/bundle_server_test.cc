#include "server/bundles/bundle_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/random.h"
#include "base/testing/temporary_directory.h"
#include "net/client.h"
#include "net/testing/served.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/bundle.h"

namespace writ::server {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string packed(const std::string& revision) {
  return rego::write_archive({{".manifest", R"({"revision": ")" + revision + R"("})"}}).value();
}

class Publisher : public ::testing::Test {
 protected:
  Publisher() { bundles_.set_server(&served_.server()); }
  ~Publisher() override { bundles_.set_server(nullptr); }

  net::Response get(const std::string& path, Pairs fields = {}) {
    net::Call call;
    call.url = served_.url(path);
    call.fields = std::move(fields);
    auto response = client_.send(call);
    EXPECT_TRUE(response) << response.error().text();
    return response ? std::move(*response) : net::Response{};
  }
  static std::string revision(const net::Response& response) {
    const auto bundle = rego::read_bundle(response.body);
    return bundle ? bundle->manifest.revision : bundle.error().text();
  }

  SystemClock clock_;
  SystemRandom random_;
  net::Client client_{clock_, random_, {.attempts = 1, .ca_file = {}}};
  TemporaryDirectory directory_;
  BundleServer bundles_{directory_.path(), clock_};
  net::testing::Served served_{{bundles_.route()}};
};

TEST_F(Publisher, HandsOutFilesAndFolders) {
  directory_.write("file.tar.gz", packed("r1"));
  directory_.write("team/folder/.manifest", R"({"revision": "r2", "roots": ["app"]})");
  directory_.write("team/folder/app/data.json", "{\"x\": 1}");
  for (const char* path : {"/bundles/file.tar.gz", "/bundles/file"}) {
    EXPECT_EQ(revision(get(path)), "r1") << path;
  }
  EXPECT_EQ(revision(get("/bundles/team/folder.tar.gz")), "r2");
  EXPECT_EQ(get("/bundles/file").content_type, "application/vnd.openpolicyagent.bundles");
  EXPECT_EQ(get("/bundles/other").status, 404);
  EXPECT_EQ(get("/bundles/%2e%2e%2fetc").status, 400);
}

TEST_F(Publisher, SaysThatNothingIsNew) {
  directory_.write("b.tar.gz", packed("r1"));
  const net::Response first = get("/bundles/b");
  const std::string etag(first.field("ETag"));
  EXPECT_EQ(etag.size(), 66u);
  const net::Response second = get("/bundles/b", {{"If-None-Match", etag}});
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.field("ETag"), etag);
  directory_.write("b.tar.gz", packed("r22"));
  const net::Response third = get("/bundles/b", {{"If-None-Match", etag}});
  EXPECT_EQ(third.status, 200);
  EXPECT_EQ(revision(third), "r22");
}

TEST_F(Publisher, HoldsARequestUntilThereIsSomethingNew) {
  directory_.write("b.tar.gz", packed("r1"));
  const std::string etag(get("/bundles/b").field("ETag"));
  net::Response held;
  std::thread waiting([&] {
    held = get("/bundles/b", {{"If-None-Match", etag}, {"Prefer", "modes=snapshot,delta;wait=60"}});
  });
  directory_.write("b.tar.gz", packed("r22"));
  waiting.join();
  EXPECT_EQ(held.status, 200);
  EXPECT_EQ(revision(held), "r22");
}

TEST_F(Publisher, EndsAWaitWithoutNews) {
  directory_.write("b.tar.gz", packed("r1"));
  const std::string etag(get("/bundles/b").field("ETag"));
  const net::Response held = get("/bundles/b", {{"If-None-Match", etag}, {"Prefer", "wait=1"}});
  EXPECT_EQ(held.status, 304);
  EXPECT_EQ(held.content_type, "application/vnd.openpolicyagent.bundles");
}

TEST_F(Publisher, GoesOnWithTheLastThatCouldBeRead) {
  directory_.write("b.tar.gz", "half of a");
  const net::Response none = get("/bundles/b");
  EXPECT_EQ(none.status, 503);
  EXPECT_TRUE(none.body.contains("bundle b cannot be read")) << none.body;
  directory_.write("b.tar.gz", packed("r1"));
  EXPECT_EQ(revision(get("/bundles/b")), "r1");
  directory_.write("b.tar.gz", packed("r2").substr(0, 40));
  EXPECT_EQ(revision(get("/bundles/b")), "r1");
}

}  // namespace
}  // namespace writ::server
