#include "evidence/bundle.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "evidence/testing/reports.h"
#include "evidence/ustar.h"

namespace writ::evidence {
namespace {

BundleWriter sample_writer() {
  BundleWriter writer;
  for (const BundleMember& member : bundle_members()) {
    if (member.need == Need::optional) continue;
    EXPECT_TRUE(writer.add(member.name, "content of " + std::string(member.name)));
  }
  EXPECT_TRUE(writer.add("trust.yaml", "version: 1\n"));
  writer.add_blob("a blob");
  writer.add_blob("");
  return writer;
}

std::string sample_bundle() {
  auto bytes = sample_writer().finish();
  EXPECT_TRUE(bytes) << bytes.error().text();
  return *std::move(bytes);
}

std::string refusal(std::string bytes) {
  const auto bundle = parse_bundle(std::move(bytes));
  if (bundle) return "accepted";
  EXPECT_EQ(bundle.error().code, Code::tampered);
  return bundle.error().message;
}

TEST(Bundle, GivesBackEveryMember) {
  const std::string bytes = sample_bundle();
  auto parsed = parse_bundle(bytes);
  ASSERT_TRUE(parsed) << parsed.error().text();
  const Bundle bundle = *std::move(parsed);
  EXPECT_EQ(bundle.get("plan.json").value(), "content of plan.json");
  EXPECT_EQ(bundle.get("trust.yaml").value(), "version: 1\n");
  EXPECT_EQ(bundle.blob(crypto::sha256("a blob")).value(), "a blob");
  EXPECT_EQ(bundle.blob(crypto::sha256("")).value(), "");
  EXPECT_EQ(bundle.get("keys.json").error().code, Code::not_found);
  EXPECT_EQ(bundle.names().size(), 8u);
}

TEST(Bundle, IsTheSameForTheSameMembers) {
  BundleWriter other;
  other.add_blob("");
  other.add_blob("a blob");
  other.add_blob("a blob");
  ASSERT_TRUE(other.add("trust.yaml", "version: 1\n"));
  for (const BundleMember& member : bundle_members()) {
    if (member.need == Need::optional) continue;
    ASSERT_TRUE(other.add(member.name, "content of " + std::string(member.name)));
  }
  EXPECT_EQ(other.finish().value(), sample_bundle());
}

TEST(Bundle, FindsAChangeOfAnyByte) {
  const std::string good = sample_bundle();
  ASSERT_TRUE(parse_bundle(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << i % 8));
    const auto bundle = parse_bundle(std::move(bad));
    ASSERT_FALSE(bundle) << "byte " << i;
    ASSERT_EQ(bundle.error().code, Code::tampered) << "byte " << i;
  }
}

TEST(Bundle, FindsBytesThatAreMissingOrTooMany) {
  const std::string good = sample_bundle();
  for (std::size_t size = 0; size < good.size(); size += size % 512 == 511 ? 1 : 73) {
    ASSERT_NE(refusal(good.substr(0, size)), "accepted") << size;
  }
  EXPECT_EQ(refusal("").substr(0, 31), "the archive is broken at byte 0");
  for (const std::string& more : {std::string(1, '\0'), std::string(512, '\0'), good}) {
    EXPECT_NE(refusal(good + more).find("it does not end with two empty blocks"),
              std::string::npos);
  }
}

// The members of a good bundle after `change`, packed again.
std::string repacked(const std::function<void(std::vector<TarMember>&)>& change) {
  static const std::string good = sample_bundle();
  auto members = read_tar(good, 100).value();
  change(members);
  return write_tar(members);
}

TEST(Bundle, RefusesMembersThatDoNotBelong) {
  const auto rename = [](std::string_view name) {
    return repacked([&](auto& members) { members.back().name = name; });
  };
  for (const std::string_view name : {"../trust.yaml", "/trust.yaml", "unknown", "trust.yaml/",
                                      "blobs/..", "blobs/00", "blobs/", "./trust.yaml"}) {
    EXPECT_EQ(refusal(rename(name)), "a bundle has no member `" + std::string(name) + "`");
  }
  EXPECT_EQ(refusal(repacked([](auto& m) { m.push_back(m.back()); })),
            "member `trust.yaml` comes twice or out of order");
  EXPECT_EQ(refusal(repacked([](auto& m) { std::swap(m[m.size() - 1], m[m.size() - 2]); })),
            "member `run.json` comes twice or out of order");
  EXPECT_EQ(refusal(repacked([](auto& m) { m.pop_back(); })),
            "the manifest and the members disagree");
  EXPECT_EQ(refusal(repacked([](auto& m) {
              std::erase_if(m, [](const TarMember& t) { return t.name == "plan.json"; });
            })),
            "the bundle lacks `plan.json`");
  EXPECT_EQ(refusal(repacked([](auto& m) { m.erase(m.begin()); })),
            "the file does not begin with a manifest");
  EXPECT_EQ(refusal(repacked([](auto& m) { m.clear(); })),
            "the file does not begin with a manifest");
}

TEST(Bundle, NamesTheMemberThatWasEdited) {
  EXPECT_EQ(refusal(repacked([](auto& members) {
              for (TarMember& m : members) {
                if (m.name == "events.jsonl") m.bytes = "{}\n";
              }
            })),
            "`events.jsonl` is not what the manifest says");
}

TEST(Bundle, RefusesABlobUnderAnotherName) {
  const std::string name = "blobs/" + crypto::sha256("another").hex();
  const std::string message = refusal(repacked([&](auto& members) {
    for (TarMember& m : members) {
      if (m.bytes == "a blob") m.name = name;
    }
  }));
  EXPECT_TRUE(message.find("does not have the digest") != std::string::npos ||
              message.find("out of order") != std::string::npos)
      << message;
}

TEST(Bundle, IsBounded) {
  const std::string good = sample_bundle();
  EXPECT_EQ(parse_bundle(good, {.max_bytes = good.size() - 1}).error().code, Code::invalid_input);
  EXPECT_EQ(parse_bundle(good, {.max_members = 3}).error().code, Code::tampered);
}

TEST(BundleWriter, RefusesWhatABundleDoesNotHave) {
  BundleWriter writer;
  EXPECT_EQ(writer.add("notes.txt", "").error().code, Code::invalid_input);
  EXPECT_EQ(writer.add("manifest.json", "").error().code, Code::invalid_input);
  EXPECT_EQ(writer.add("blobs/" + crypto::sha256("").hex(), "x").error().code, Code::invalid_input);
  ASSERT_TRUE(writer.add("plan.json", "1"));
  EXPECT_EQ(writer.add("plan.json", "2").error().code, Code::conflict);
  EXPECT_EQ(writer.finish().error().message, "the bundle lacks `decisions.jsonl`");
}

TEST(Bundle, IsAnArchiveThatTarReads) {
  const TemporaryDirectory dir;
  const auto file = dir.write("run.bundle", sample_bundle());
  const auto listed = output_of("tar", "--list --file " + file.string() + " 2>&1");
  if (!listed) GTEST_SKIP() << "tar is not installed";
  EXPECT_TRUE(listed->starts_with("manifest.json\nblobs/")) << *listed;
  EXPECT_TRUE(listed->ends_with("\nrun.json\ntrust.yaml\n")) << *listed;
  const auto plan =
      output_of("tar", "--extract --to-stdout --file " + file.string() + " plan.json");
  EXPECT_EQ(plan.value_or(""), "content of plan.json");
  EXPECT_TRUE(read_bundle(file));
}

TEST(Bundle, NamesEveryMemberInItsDocumentation) {
  const auto page = read_file(WRIT_SOURCE_DIR "/docs/formats/bundle.md", 1 << 20);
  ASSERT_TRUE(page);
  std::string_view last;
  for (const BundleMember& member : bundle_members()) {
    EXPECT_LT(last, member.name);
    last = member.name;
    const std::string row = "| `" + std::string(member.name) + "` | " +
                            (member.need == Need::required ? "yes" : "no") + " | " +
                            std::string(member.meaning) + " |";
    EXPECT_NE(page->find(row), std::string::npos) << row;
  }
}

TEST(JsonLines, ReadBackWhatTheyWrite) {
  const std::vector<Value> rows{Object{{"b", 1}, {"a", "x\ny"}}, 2, nullptr};
  const auto text = to_json_lines(rows);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "{\"a\":\"x\\ny\",\"b\":1}\n2\nnull\n");
  EXPECT_EQ(parse_json_lines(*text, "x.jsonl").value(), rows);
  EXPECT_TRUE(parse_json_lines("", "x.jsonl").value().empty());
}

TEST(JsonLines, RefuseOtherSpellings) {
  EXPECT_EQ(parse_json_lines("1\n{\"a\": 1}\n", "x.jsonl").error().message,
            "x.jsonl line 2 is not canonical JSON");
  EXPECT_EQ(parse_json_lines("1\n2", "x.jsonl").error().message, "x.jsonl line 2 is cut off");
  EXPECT_FALSE(parse_json_lines("1\n\n2\n", "x.jsonl"));
  EXPECT_FALSE(parse_json_lines("{\n", "x.jsonl"));
}

}  // namespace
}  // namespace writ::evidence
