#include "policy/fabric/fabric.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "policy/fabric/session.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

using Path = std::vector<std::string>;

struct Room {
  Room() {
    services.clock = &clock;
    services.random = &random;
  }
  Result<void> put(const std::string& pointer, const std::string& json) {
    Arena arena;
    return fabric.put_data(parse_pointer(pointer).value(), parse_json(arena, json).value());
  }
  // The document as JSON; "undefined", or the code of an error.
  std::string decide(const Path& path, const std::string& input = "null") {
    Term term = parse_json(session.begin(), input).value();
    const auto decision = session.decide(path, term);
    if (!decision) return decision.error().text();
    if (decision->error != nullptr) return decision->error->code;
    return decision->result.is_defined() ? to_json(decision->result) : "undefined";
  }

  SystemClock clock;
  SystemRandom random;
  Services services;
  Fabric fabric;
  Session session{fabric, services};
};

Bundle bundle_of(std::vector<ArchiveFile> files) {
  auto bundle = make_bundle(std::move(files));
  EXPECT_TRUE(bundle) << bundle.error().text();
  return std::move(*bundle);
}

const char* const kAllow = "package app\n\nallow if input.user == data.owners[_]\n";

TEST(Fabric, DecidesFromPoliciesAndData) {
  Room room;
  EXPECT_EQ(room.decide({"app", "allow"}), "undefined");
  ASSERT_TRUE(room.fabric.put_policy("app.rego", kAllow));
  ASSERT_TRUE(room.put("/owners", R"(["ada", "bob"])"));
  EXPECT_EQ(room.decide({"app", "allow"}, R"({"user": "bob"})"), "true");
  EXPECT_EQ(room.decide({"app", "allow"}, R"({"user": "eve"})"), "undefined");
  ASSERT_TRUE(room.put("/owners/0", R"("eve")"));
  EXPECT_EQ(room.decide({"app", "allow"}, R"({"user": "eve"})"), "true");
  EXPECT_EQ(room.decide({}), R"({"app":{},"owners":["eve","ada","bob"]})");
}

TEST(Fabric, KeepsWhatItHadWhenAChangeIsRefused) {
  Room room;
  ASSERT_TRUE(room.fabric.put_policy("app.rego", kAllow));
  ASSERT_TRUE(room.put("/owners", R"(["ada"])"));
  const std::uint64_t version = room.fabric.version();
  const auto broken = room.fabric.put_policy("app.rego", "package app\n\nallow if x\n");
  ASSERT_FALSE(broken);
  ASSERT_EQ(broken.error().diagnostics.size(), 1u);
  EXPECT_EQ(broken.error().diagnostics[0].file, "app.rego");
  EXPECT_EQ(broken.error().diagnostics[0].at.line, 3u);
  std::vector<Patch> patches(2);
  patches[0].path = {"owners"};
  patches[0].operation = Patch::Operation::remove;
  patches[1].path = {"none", "x"};
  patches[1].operation = Patch::Operation::replace;
  patches[1].value = Term::null();
  EXPECT_EQ(room.fabric.patch_data(patches).error().code, Code::not_found);
  EXPECT_EQ(room.fabric.delete_policy("other.rego").error().code, Code::not_found);
  EXPECT_EQ(room.fabric.put_data({}, Term::integer(1)).error().code, Code::invalid_input);
  EXPECT_EQ(room.fabric.version(), version);
  EXPECT_EQ(room.decide({"app", "allow"}, R"({"user": "ada"})"), "true");
}

TEST(Fabric, ReplacesWhatABundleHeldAndNothingElse) {
  Room room;
  ASSERT_TRUE(room.put("/other", "1"));
  ASSERT_TRUE(room.fabric.activate(
      "b", bundle_of({{".manifest", R"({"revision":"r1","roots":["app","x"]})"},
                      {"x/data.json", R"({"old":1,"v":1})"},
                      {"app.rego", "package app\nv := data.x.v"}})));
  EXPECT_EQ(room.decide({"app", "v"}), "1");
  ASSERT_TRUE(room.fabric.activate(
      "b", bundle_of({{".manifest", R"({"revision":"r2","roots":["app","x"]})"},
                      {"x/data.json", R"({"v":2})"},
                      {"new.rego", "package app\nv := data.x.v * 10"}})));
  EXPECT_EQ(room.decide({"app", "v"}), "20");
  EXPECT_EQ(room.decide({"x"}), R"({"v":2})");
  EXPECT_EQ(room.decide({"other"}), "1");
  EXPECT_EQ(room.session.snapshot().bundles.at("b").manifest.revision, "r2");
  ASSERT_TRUE(room.fabric.deactivate("b"));
  EXPECT_EQ(room.decide({}), R"({"other":1})");
}

TEST(Fabric, RefusesABundleThatDoesNotFitAndStaysAsItWas) {
  Room room;
  ASSERT_TRUE(
      room.fabric.activate("b1", bundle_of({{".manifest", R"({"revision":"r1","roots":["a"]})"},
                                            {"a/data.json", R"({"v":1})"}})));
  const auto overlaps = room.fabric.activate(
      "b2", bundle_of({{".manifest", R"({"roots":["a/b"]})"}, {"a/b/data.json", "2"}}));
  ASSERT_FALSE(overlaps);
  EXPECT_EQ(overlaps.error().message,
            "detected overlapping roots in manifests for these bundles: [b1, b2] (a overlaps a/b)");
  const auto outside = room.fabric.activate(
      "b1",
      bundle_of({{".manifest", R"({"revision":"r2","roots":["a"]})"}, {"p.rego", "package c"}}));
  ASSERT_FALSE(outside);
  EXPECT_NE(outside.error().message.find("do not permit 'package c'"), std::string::npos);
  EXPECT_FALSE(room.fabric.activate(
      "b1", bundle_of({{".manifest", R"({"roots":["a"]})"}, {"p.rego", "package a\np if q"}})));
  EXPECT_EQ(room.decide({"a"}), R"({"v":1})");
  EXPECT_EQ(room.session.snapshot().bundles.at("b1").manifest.revision, "r1");
}

TEST(Fabric, LetsABundleAloneChangeWhatItOwns) {
  Room room;
  ASSERT_TRUE(room.fabric.activate(
      "b1", bundle_of({{".manifest", R"({"roots":["a"]})"}, {"a/p.rego", "package a\np := 1"}})));
  EXPECT_EQ(room.put("/a/v", "1").error().message, "path a/v is owned by bundle \"b1\"");
  EXPECT_EQ(room.put("/", "{}").error().message,
            "can't write to document root with bundle roots configured");
  EXPECT_EQ(room.fabric.put_policy("x", "package a.b").error().code, Code::conflict);
  EXPECT_EQ(room.fabric.delete_policy("b1/a/p.rego").error().code, Code::conflict);
  EXPECT_TRUE(room.put("/b", "1"));
}

TEST(Fabric, AppliesADeltaToItsBundle) {
  Room room;
  const Bundle delta =
      bundle_of({{".manifest", R"({"revision":"r2","roots":["a"]})"},
                 {"patch.json", R"({"data":[{"op":"upsert","path":"/a/n/m","value":7}]})"}});
  EXPECT_EQ(room.fabric.activate("b", delta).error().code, Code::not_found);
  ASSERT_TRUE(
      room.fabric.activate("b", bundle_of({{".manifest", R"({"revision":"r1","roots":["a"]})"},
                                           {"a/data.json", R"({"v":1})"}})));
  ASSERT_TRUE(room.fabric.activate("b", delta, "etag"));
  EXPECT_EQ(room.decide({"a"}), R"({"n":{"m":7},"v":1})");
  const ActiveBundle& active = room.session.snapshot().bundles.at("b");
  EXPECT_EQ(active.manifest.revision, "r2");
  EXPECT_TRUE(active.is_delta);
  EXPECT_EQ(active.etag, "etag");
}

TEST(Fabric, ActivatesBundlesTogetherThatNeedEachOther) {
  Room room;
  const Bundle uses =
      bundle_of({{".manifest", R"({"roots":["a"]})"}, {"p.rego", "package a\np := data.b.f(2)"}});
  const Bundle gives =
      bundle_of({{".manifest", R"({"roots":["b"]})"}, {"p.rego", "package b\nf(x) := x * 2"}});
  EXPECT_FALSE(room.fabric.activate("uses", uses));
  const NamedBundle both[] = {{"uses", &uses, ""}, {"gives", &gives, ""}};
  ASSERT_TRUE(room.fabric.activate(both));
  EXPECT_EQ(room.decide({"a", "p"}), "4");
}

TEST(Fabric, KeepsItsMemoryTogetherHoweverOftenDataChanges) {
  Room room;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(room.put("/k" + std::to_string(i % 10), std::to_string(i)));
  }
  EXPECT_LE(room.fabric.snapshot()->arenas.size(), 65u);
  EXPECT_EQ(room.decide({"k7"}), "997");
}

TEST(Fabric, LetsGoOfWhatABundleHeldWhenItIsReplaced) {
  Room room;
  ASSERT_TRUE(room.put("/mine", "[1]"));
  for (int i = 0; i < 20; ++i) {
    const std::string text = "{\"v\":\"" + std::string(200'000, 'x') + std::to_string(i) + "\"}";
    ASSERT_TRUE(room.fabric.activate(
        "b", bundle_of({{".manifest", R"({"roots":["a"]})"}, {"a/data.json", text}})));
  }
  std::size_t held = 0;
  for (const HeldArena& arena : room.fabric.snapshot()->arenas) held += arena.arena->reserved();
  EXPECT_LT(held, 1'500'000u);
  EXPECT_EQ(room.decide({"mine"}), "[1]");
  EXPECT_EQ(room.decide({"a", "v"}).size(), 200'004u);
}

TEST(Fabric, GivesABundleItsRootsWhoeverHadPutSomethingThere) {
  Room room;
  ASSERT_TRUE(room.put("/a", R"({"old":1})"));
  ASSERT_TRUE(room.put("/b", "2"));
  ASSERT_TRUE(room.fabric.put_policy("old.rego", "package a.sub\np := 1"));
  ASSERT_TRUE(room.fabric.put_policy("other.rego", "package c\np := 1"));
  ASSERT_TRUE(room.fabric.activate(
      "b", bundle_of({{".manifest", R"({"roots":["a"]})"}, {"p.rego", "package a\nq := 3"}})));
  EXPECT_EQ(room.decide({}), R"({"a":{"q":3},"b":2,"c":{"p":1}})");
}

TEST(Fabric, RefusesRulesAndDataInOnePlace) {
  Room room;
  ASSERT_TRUE(room.fabric.put_policy("p.rego", "package app\n\nallow := true"));
  const auto over = room.put("/app/allow", "1");
  ASSERT_FALSE(over);
  ASSERT_EQ(over.error().diagnostics.size(), 1u);
  EXPECT_EQ(over.error().diagnostics[0].message,
            "rego_compile_error: conflicting rule for data path app/allow found");
  EXPECT_EQ(over.error().diagnostics[0].file, "p.rego");
  EXPECT_EQ(over.error().diagnostics[0].at.line, 3u);
  EXPECT_FALSE(room.put("/app", "1")) << "a number on the way to the rule";
  ASSERT_TRUE(room.put("/app/other", "1"));
  ASSERT_TRUE(room.put("/x", "1"));
  EXPECT_FALSE(room.fabric.put_policy("x.rego", "package x\np := 1"));
  EXPECT_EQ(room.decide({}), R"({"app":{"allow":true,"other":1},"x":1})");
}

TEST(Fabric, BeginsWithASeedWhoseDataIsNotCopied) {
  Room room;
  auto arena = std::make_shared<Arena>();
  Seed seed;
  seed.data = parse_json(*arena, R"({"owners":["ada, a name that needs memory"]})").value();
  seed.arenas.push_back(arena);
  seed.policies["app.rego"] = {"package app\nn := count(data.owners)", 1, {}, {}};
  const Term kept = seed.data;
  ASSERT_TRUE(room.fabric.seed(std::move(seed)));
  EXPECT_EQ(room.decide({"app", "n"}), "1");
  EXPECT_TRUE(room.fabric.snapshot()->data.is_same(kept));
  EXPECT_EQ(room.fabric.snapshot()->policies.at("app.rego").package, "app");
}

TEST(Fabric, KeepsADeltaBelowTheRootsOfItsBundle) {
  Room room;
  ASSERT_TRUE(room.fabric.activate(
      "b", bundle_of({{".manifest", R"({"roots":["a"]})"}, {"a/data.json", R"({"v":1})"}})));
  const Bundle delta =
      bundle_of({{".manifest", R"({"revision":"r2","roots":["c"]})"},
                 {"patch.json", R"({"data":[{"op":"upsert","path":"/c/v","value":7}]})"}});
  EXPECT_EQ(room.fabric.activate("b", delta).error().message,
            "the delta of bundle \"b\" changes c/v, which is not below its roots");
  EXPECT_EQ(room.decide({}), R"({"a":{"v":1}})");
}

TEST(Session, SeesOneVersionThroughoutADecisionAndTheNextOneAfterIt) {
  Room room;
  ASSERT_TRUE(room.put("/v", "1"));
  room.session.begin();
  ASSERT_TRUE(room.put("/v", "2"));
  const auto held = room.session.decide(Path{"v"}, Term()).value();
  EXPECT_EQ(to_json(held.result), "1");
  EXPECT_EQ(room.decide({"v"}), "2");
}

TEST(Session, TakesASegmentThatIsSpelledLikeAnIndexForOne) {
  Room room;
  ASSERT_TRUE(room.put("/list", R"(["a","b"])"));
  ASSERT_TRUE(room.put("/object", R"({"1":"one","01":"text"})"));
  ASSERT_TRUE(room.fabric.put_policy("p", "package p\nxs := [5, 6]\nys[1] := 2"));
  EXPECT_EQ(room.decide({"list", "1"}), "\"b\"");
  EXPECT_EQ(room.decide({"object", "1"}), "\"one\"");
  EXPECT_EQ(room.decide({"object", "01"}), "\"text\"");
  EXPECT_EQ(room.decide({"p", "xs", "0"}), "5");
  EXPECT_EQ(room.decide({"p", "ys", "1"}), "2");
  EXPECT_EQ(room.decide({"list", "01"}), "undefined");
}

TEST(Session, DecidesInManyThreadsWhileVersionsChange) {
  Room room;
  ASSERT_TRUE(room.fabric.put_policy("p", "package p\nsame if data.pair.a == data.pair.b"));
  ASSERT_TRUE(room.put("/pair", R"({"a":0,"b":0})"));
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&](const std::stop_token& stop) {
      Session session(room.fabric, room.services);
      while (!stop.stop_requested()) {
        session.begin();
        const auto decision = session.decide(Path{"p", "same"}, Term());
        if (!decision || !decision->result.is_true()) ++wrong;
      }
    });
  }
  for (int i = 1; i <= 300; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_TRUE(room.put("/pair", "{\"a\":" + number + ",\"b\":" + number + "}"));
  }
  readers.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace writ::rego
