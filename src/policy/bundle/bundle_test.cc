#include "policy/bundle/bundle.h"

#include <gtest/gtest.h>

#include "policy/term/json.h"

namespace writ::rego {
namespace {

using Files = std::vector<ArchiveFile>;

std::string refusal_of(Files files) {
  const auto bundle = make_bundle(std::move(files));
  return bundle ? "none" : bundle.error().message;
}

TEST(Bundle, PutsDataWhereItsFilesLie) {
  const auto bundle = make_bundle({{"data.json", R"({"a":{"x":1},"top":true})"},
                                   {"a/b/data.yaml", "y: [1, 2]\n"},
                                   {"a/data.json", R"({"z":1.50})"},
                                   {"a/other.json", "ignored"},
                                   {"a/p.rego", "package a.p"}});
  ASSERT_TRUE(bundle) << bundle.error().text();
  EXPECT_EQ(to_json(bundle->data), R"({"a":{"b":{"y":[1,2]},"x":1,"z":1.50},"top":true})");
  ASSERT_EQ(bundle->modules.size(), 1u);
  EXPECT_EQ(bundle->modules[0].path, "a/p.rego");
  EXPECT_EQ(bundle->modules[0].rego_version, 1);
}

TEST(Bundle, RefusesTwoValuesForOnePlace) {
  EXPECT_EQ(refusal_of({{"data.json", R"({"a":1})"}, {"a/data.json", R"({"b":2})"}}),
            "two files of the bundle have data at /a");
  EXPECT_EQ(refusal_of({{"a/data.json", "[1]"}, {"data.json", R"({"a":{"b":2}})"}}),
            "two files of the bundle have data at /a");
  EXPECT_EQ(refusal_of({{"data.json", "[1]"}}), "data.json at the top must hold an object");
}

TEST(Bundle, HoldsDataToItsRoots) {
  const std::string manifest = R"({"revision":"r1","roots":["/a/b/","c"]})";
  EXPECT_EQ(refusal_of({{".manifest", manifest}, {"data.json", R"({"a":{"b":1},"c":{"d":2}})"}}),
            "none");
  EXPECT_EQ(
      refusal_of({{".manifest", manifest}, {"data.json", R"({"a":{"bb":1}})"}}),
      "manifest roots [a/b, c] do not permit data at path '/a/bb' (hint: check bundle directory "
      "structure)");
  EXPECT_EQ(refusal_of({{".manifest", manifest}, {"a/data.json", "7"}}),
            "manifest roots [a/b, c] do not permit data at path '/a' (hint: check bundle directory "
            "structure)");
  const Manifest owns = parse_manifest(manifest).value();
  EXPECT_TRUE(expect_owned_package(owns, "a/b/x", "m.rego"));
  EXPECT_EQ(expect_owned_package(owns, "a/x", "m.rego").error().message,
            "manifest roots [a/b, c] do not permit 'package a.x' in module 'm.rego'");
}

TEST(Manifest, IsReadWithWhatOthersWroteIntoIt) {
  const Manifest manifest =
      parse_manifest(R"({"revision":"r","rego_version":0,"file_rego_versions":{"/a/*.rego":1},
                         "metadata":{"m":1.0},"unknown":[]})")
          .value();
  EXPECT_EQ(manifest.revision, "r");
  EXPECT_EQ(manifest.rego_version, 0);
  EXPECT_EQ(manifest.file_rego_versions.at("a/*.rego"), 1);
  EXPECT_EQ(manifest.metadata, R"({"m":1.0})");
  EXPECT_EQ(manifest.roots, std::vector<std::string>{""});
  EXPECT_EQ(parse_manifest(to_json(manifest)).value().metadata, manifest.metadata);
}

TEST(Manifest, IsRefusedWithTheMemberThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "object"},
      {R"({"revision":1})", "revision"},
      {R"({"roots":"a"})", "roots"},
      {R"({"roots":[1]})", "root"},
      {R"({"rego_version":2})", "rego_version"},
      {R"({"roots":["a","a/b"]})", "overlapped roots: 'a' and 'a/b'"},
      {R"({"roots":["","a"]})", "overlapped roots"},
      {R"({"metadata":[]})", "metadata"},
  };
  for (const auto& [text, word] : cases) {
    const auto manifest = parse_manifest(text);
    ASSERT_FALSE(manifest) << text;
    EXPECT_NE(manifest.error().message.find(word), std::string::npos) << manifest.error().message;
  }
}

TEST(Roots, OverlapByWholeSegments) {
  const struct {
    std::string_view one;
    std::string_view other;
    bool overlap;
  } cases[] = {{"a", "a", true},
               {"a", "a/b", true},
               {"", "x", true},
               {"a", "ab", false},
               {"a/b", "a/c", false}};
  for (const auto& [one, other, overlap] : cases) {
    EXPECT_EQ(roots_overlap(one, other), overlap) << one << " and " << other;
  }
}

TEST(Roots, OfTwoBundlesAreNamedWhereTheyOverlap) {
  Manifest one;
  one.roots = {"a", "b"};
  Manifest two;
  two.roots = {"c", "a/b"};
  EXPECT_EQ(expect_disjoint({{"b1", &one}, {"b2", &two}}).error().message,
            "detected overlapping roots in manifests for these bundles: [b1, b2] (a overlaps a/b)");
  two.roots = {"c"};
  EXPECT_TRUE(expect_disjoint({{"b1", &one}, {"b2", &two}}));
}

TEST(DeltaBundle, HoldsChangesOfDataAndNothingElse) {
  const std::string patch = R"({"data":[{"op":"upsert","path":"/a/v","value":7},
                                        {"op":"remove","path":"a/z"}]})";
  const auto bundle = make_bundle({{".manifest", R"({"roots":["a"]})"}, {"patch.json", patch}});
  ASSERT_TRUE(bundle) << bundle.error().text();
  EXPECT_TRUE(bundle->is_delta);
  ASSERT_EQ(bundle->patch.size(), 2u);
  EXPECT_EQ(bundle->patch[1].path, (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(refusal_of({{"patch.json", patch}, {"p.rego", "package p"}}),
            "a delta bundle holds a patch of data and nothing else");
  EXPECT_NE(refusal_of({{".manifest", R"({"roots":["b"]})"}, {"patch.json", patch}}).find("/a/v"),
            std::string::npos);
  EXPECT_EQ(refusal_of({{"patch.json", R"({"data":[{"op":"zz","path":"/a"}]})"}}),
            "patch.json: bad patch operation: zz");
}

TEST(Bundle, IsTheSameAfterPacking) {
  const auto bundle = make_bundle({{".manifest", R"({"revision":"r1","roots":["a"]})"},
                                   {"a/data.json", R"({"n":1e2})"},
                                   {"a/p.rego", "package a\n"}})
                          .value();
  const std::string bytes = write_archive(to_files(bundle)).value();
  const auto back = read_bundle(bytes);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(to_json(back->data), R"({"a":{"n":1e2}})");
  EXPECT_EQ(back->manifest.revision, "r1");
  EXPECT_EQ(back->size, bytes.size());
  EXPECT_EQ(back->modules.at(0).text, "package a\n");
}

}  // namespace
}  // namespace writ::rego
