#include "policy/load/build_bundle.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

class BuildBundle : public testing::Test {
 protected:
  std::filesystem::path put(const std::string& path, std::string_view text) {
    const std::filesystem::path full = directory_.path() / path;
    EXPECT_TRUE(make_directory(full.parent_path()));
    EXPECT_TRUE(replace_file(full, text));
    return full;
  }
  BuildOptions options() { return {.base = directory_.path()}; }

  TemporaryDirectory directory_;
};

std::string content(const BuiltBundle& built) {
  std::string out;
  const auto files = read_archive(built.bytes).value();
  for (const ArchiveFile& file : files) {
    out += file.path + ": " + file.bytes + "\n";
  }
  return out;
}

TEST_F(BuildBundle, PutsDataTogetherAndKeepsModulesAsTheyAre) {
  put("src/p.rego", "package a\np := data.x");
  put("src/x/data.json", R"({"y": 1.0})");
  put("src/p_test.rego", "package a_test");
  BuildOptions how = options();
  how.revision = "r1";
  how.load.ignored = {"*_test.rego"};
  how.entrypoints = {"a/p", "data.a"};
  const auto built = build_bundle({directory_.path() / "src"}, how);
  ASSERT_TRUE(built) << built.error().text();
  EXPECT_EQ(content(*built),
            "data.json: {\"x\":{\"y\":1.0}}\nsrc/p.rego: package a\np := data.x\n"
            ".manifest: {\"rego_version\":1,\"revision\":\"r1\",\"roots\":[\"\"]}\n");
}

TEST_F(BuildBundle, JoinsBundlesWithRootsOfTheirOwn) {
  put("one/.manifest", R"({"revision":"r1","roots":["a"]})");
  put("one/a/data.json", "[1]");
  put("two/.manifest", R"({"revision":"r2","roots":["b"],"rego_version":0})");
  put("two/b.rego", "package b\np { true }");
  BuildOptions how = options();
  how.from_bundles = true;
  const auto built = build_bundle({directory_.path() / "one", directory_.path() / "two"}, how);
  ASSERT_TRUE(built) << built.error().text();
  EXPECT_EQ(content(*built),
            "data.json: {\"a\":[1]}\nb.rego: package b\np { true }\n"
            ".manifest: {\"file_rego_versions\":{\"b.rego\":0},\"rego_version\":1,"
            "\"revision\":\"r1\",\"roots\":[\"a\",\"b\"]}\n");
  const auto again = build_bundle({directory_.path() / "one", directory_.path() / "one"}, how);
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().message.starts_with(
      "detected overlapping roots in manifests for these bundles: ["))
      << again.error().message;
}

TEST_F(BuildBundle, RefusesWhatWouldNotLoad) {
  BuildOptions how = options();
  const auto broken = build_bundle({put("a.rego", "package a\np := q")}, how);
  ASSERT_TRUE(broken) << broken.error().text();
  EXPECT_EQ(broken->bytes, "");
  EXPECT_EQ(to_text(broken->errors),
            "1 error occurred: a.rego:2: rego_unsafe_var_error: var q is unsafe");
  how.entrypoints = {"b/p"};
  EXPECT_EQ(build_bundle({put("b.rego", "package b")}, how).error().message,
            "entrypoint b/p is no rule and no package");
  how.from_bundles = true;
  put("c/.manifest", R"({"roots":["c"]})");
  put("c/d.rego", "package d");
  EXPECT_EQ(build_bundle({directory_.path() / "c"}, how).error().message,
            "manifest roots [c] do not permit 'package d' in module 'd.rego'");
}

TEST_F(BuildBundle, SignsWhatItBuildsAndVerifiesWhatItReads) {
  BuildOptions how = options();
  how.signing = BundleSigning{.algorithm = "HS256", .key = "secret"};
  const auto built = build_bundle({put("p.rego", "package p")}, how);
  ASSERT_TRUE(built) << built.error().text();
  const auto file = put("b.tar.gz", built->bytes);
  BuildOptions again = options();
  again.from_bundles = true;
  EXPECT_EQ(build_bundle({file}, again).error().message, "verification key not provided");
  again.load.verification.emplace().keys["default"] = {"HS256", "secret", {}};
  const auto unsigned_one = build_bundle({file}, again);
  ASSERT_TRUE(unsigned_one) << unsigned_one.error().text();
  EXPECT_EQ(content(*unsigned_one),
            "data.json: {}\np.rego: package p\n"
            ".manifest: {\"rego_version\":1,\"revision\":\"\",\"roots\":[\"\"]}\n");
}

}  // namespace
}  // namespace writ::rego
