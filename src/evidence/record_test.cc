#include "evidence/record.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/json.h"
#include "contract/validate_document.h"
#include "evidence/testing/sample_record.h"

namespace writ::evidence {
namespace {

TEST(EvidenceId, RestsOnEveryPartOfTheKeyAndOnNothingElse) {
  const Record record = sample_record();
  const EvidenceId id = record.id;
  EXPECT_EQ(make_evidence_id(record.run, "test/unit", 1, Kind::tests, "build/junit.xml"), id);
  EXPECT_NE(make_evidence_id(record.run, "test/unit", 2, Kind::tests, "build/junit.xml"), id);
  EXPECT_NE(make_evidence_id(record.run, "test/unit", 1, Kind::file, "build/junit.xml"), id);
  EXPECT_NE(make_evidence_id(record.run, "test", 1, Kind::tests, "unit/build/junit.xml"), id);
  EXPECT_NE(make_evidence_id(RunId{}, "test/unit", 1, Kind::tests, "build/junit.xml"), id);
  // Version 5, so that other programs can derive it too.
  EXPECT_EQ(id.text()[14], '5');
}

TEST(EvidenceKinds, HaveOneNameEach) {
  for (std::size_t i = 0; i < kind_names().size(); ++i) {
    const auto kind = parse_kind(kind_names()[i]);
    ASSERT_TRUE(kind);
    EXPECT_EQ(static_cast<std::size_t>(*kind), i);
    EXPECT_EQ(kind_name(*kind), kind_names()[i]);
  }
  EXPECT_EQ(kind_name(Kind::deferral), "deferral");
  EXPECT_NE(parse_kind("test").error().message.find("did you mean `tests`"), std::string::npos);
}

TEST(Record, ReadsBackWhatItWrites) {
  const Record record = sample_record();
  const auto again = Record::from_value(record.to_value());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->to_value(), record.to_value());
  EXPECT_EQ(again->digest(), record.digest());
  EXPECT_EQ(again->at, record.at);
  EXPECT_EQ(again->blobs, record.blobs);
}

TEST(Record, KeepsItsContract) {
  const auto schema = contract::load_contract("evidence");
  ASSERT_TRUE(schema) << schema.error().text();
  for (const std::string_view name : kind_names()) {
    const Record record = sample_record("a", "b", 1, parse_kind(name).value());
    const auto result = schema->validate(record.to_value());
    EXPECT_TRUE(result.is_valid()) << name << ": " << result.violations.front().message;
  }
  Value broken = sample_record().to_value();
  broken.as_object().set("kind", "feeling");
  const auto result = schema->validate(broken);
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].instance, "/kind");
}

TEST(Record, DigestsDifferWithEveryMember) {
  const Record record = sample_record();
  for (const auto& change : std::vector<std::function<void(Record&)>>{
           [](Record& r) { r.at.micros += 1; }, [](Record& r) { r.tree.bytes[31] ^= 1; },
           [](Record& r) { r.data.as_object().set("total", 4); },
           [](Record& r) { r.facts["tests.failed"] = 1; },
           [](Record& r) { r.blobs[0].size += 1; }}) {
    Record other = record;
    change(other);
    EXPECT_NE(other.digest(), record.digest());
  }
}

TEST(Record, RefusesWhatIsNotExactlyARecord) {
  const Value good = sample_record().to_value();
  for (const Member& member : good.as_object()) {
    Value value = good;
    value.as_object().erase(member.key);
    const auto record = Record::from_value(value);
    ASSERT_FALSE(record) << member.key;
    EXPECT_EQ(record.error().message, "evidence record: `" + member.key + "` is missing");
  }
  Value extra = good;
  extra.as_object().set("more", 1);
  EXPECT_EQ(Record::from_value(extra).error().message, "evidence record: unknown member `more`");
  Value forged = good;
  forged.as_object().set("step", "test/other");
  EXPECT_EQ(Record::from_value(forged).error().message,
            "evidence record: `id` is not the one its key gives");
  Value upper = good;
  upper.as_object().set("tree", "sha256:" + std::string(64, 'A'));
  EXPECT_EQ(Record::from_value(upper).error().message,
            "evidence record: `tree` is not a SHA-256 digest");
}

TEST(Record, KeepsSizesThatJsonNumbersCannotHold) {
  Record record = sample_record();
  record.blobs[0].size = std::numeric_limits<std::uint64_t>::max();
  const auto again = Record::from_value(record.to_value());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->blobs[0].size, record.blobs[0].size);
}

TEST(Record, IsBounded) {
  Record large = sample_record();
  large.data = Object{{"text", std::string(kMaxDataBytes, 'x')}};
  EXPECT_NE(large.check().error().message.find("more than 16384"), std::string::npos);
  Record nested = sample_record();
  nested.facts["tests.passed"] = Array{1};
  EXPECT_EQ(nested.check().error().message,
            "evidence record: fact `tests.passed` is no plain value");
  Record unnamed = sample_record();
  unnamed.name = "a\nb";
  unnamed.id = make_evidence_id(unnamed.run, unnamed.step, 1, unnamed.kind, unnamed.name);
  EXPECT_EQ(unnamed.check().error().code, Code::invalid_input);
  Record bytes = sample_record();
  bytes.data = Object{{"text", "\xFF"}};
  EXPECT_FALSE(bytes.check()) << "text that is no UTF-8 has no canonical form";
}

}  // namespace
}  // namespace writ::evidence
