#include <gtest/gtest.h>

#include "base/document.h"
#include "base/json.h"
#include "contract/validate_document.h"
#include "ledger/leaf.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

Event sample_event(std::string payload) {
  Event event;
  event.entry = sample_entry(4);
  event.entry.payload = std::move(payload);
  event.entry.causation = event_id(3).text();
  event.entry.context = {.fidelity = "degraded",
                         .inputs = "sha256:" + std::string(64, '1'),
                         .revision = "4b825dc",
                         .schema = "https://example.org/v1",
                         .tags = "eu pii",
                         .thread = "talk",
                         .tool = "test/1"};
  event.index = 17;
  event.salt = "0123456789abcdef";
  event.payload_digest = payload_digest(event.salt, event.entry.payload);
  return event;
}

Document document(const std::string& text) {
  auto parsed = parse_document("event.json", text);
  EXPECT_TRUE(parsed) << parsed.error().text();
  return *std::move(parsed);
}

TEST(CloudEvent, ReadsBackWhatItWroteToTheSameLeaf) {
  for (const char* payload :
       {R"({"a":[1,2.5,"x"],"b":null})", "", "not JSON", R"({"b":1, "a":2})"}) {
    const Event event = sample_event(payload);
    const auto read = from_cloud_event(to_cloud_event(event));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(leaf_bytes(*read), leaf_bytes(event)) << payload;
    EXPECT_EQ(read->entry.payload, payload);
    EXPECT_EQ(read->index, event.index);
    EXPECT_EQ(read->payload_state, Event::Payload::intact);
  }
}

TEST(CloudEvent, SaysWhatBecameOfThePayload) {
  Event erased = sample_event("");
  erased.salt.clear();
  erased.payload_state = Event::Payload::erased;
  erased.erased_by = event_id(9);
  const auto read = from_cloud_event(to_cloud_event(erased));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->payload_state, Event::Payload::erased);
  EXPECT_EQ(read->erased_by, event_id(9));

  Value forged = to_cloud_event(sample_event(R"({"passed":false})"));
  forged.as_object().set("data", Object{{"passed", true}});
  const auto unmasked = from_cloud_event(forged);
  ASSERT_TRUE(unmasked) << unmasked.error().text();
  EXPECT_EQ(unmasked->payload_state, Event::Payload::missing);
}

TEST(CloudEvent, HoldsToItsContract) {
  const Event event = sample_event(R"({"a":1})");
  const Document written = document(to_json(to_cloud_event(event)));
  const auto valid = contract::validate_document("event", written);
  EXPECT_TRUE(valid) << valid.error().text();
  EXPECT_EQ(written.root.string_or("type", ""), event.entry.type);
  EXPECT_EQ(to_json(*written.root.find("data")), event.entry.payload);
}

TEST(CloudEvent, TakesAForeignEventOnceOnlyByItsOwnId) {
  const std::string text = R"({"specversion":"1.0","id":"A 1","source":"/shop","type":"sold",)"
                           R"("subject":null,"data":{"z":1,"a":2}})";
  ASSERT_TRUE(contract::validate_document("event", document(text)));
  const auto first = from_cloud_event(document(text).root);
  const auto second = from_cloud_event(document(text).root);
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(first->entry.id, second->entry.id);
  EXPECT_EQ(first->entry.payload, R"({"a":2,"z":1})");
  EXPECT_EQ(first->entry.subject, "");
}

TEST(CloudEvent, RefusesWhatTheContractRefusesAndSaysWhy) {
  const struct {
    std::string text;
    std::string_view why;
  } cases[] = {
      {"[]", "a JSON object"},
      {R"({"id":"1","source":"s","type":"t"})", "specversion"},
      {R"({"specversion":"0.3","id":"1","source":"s","type":"t"})", "1.0"},
      {R"({"specversion":"1.0","id":"","source":"s","type":"t"})", "`id`"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":7})", "`type`"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","traceparent":"0"})",
       "traceparent"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","data":1,"data_base64":"AA=="})",
       "exclude"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","writseq":"1"})", "writrun"},
  };
  for (const auto& c : cases) {
    EXPECT_FALSE(contract::validate_document("event", document(c.text))) << c.text;
    const auto read = from_cloud_event(document(c.text).root);
    ASSERT_FALSE(read) << c.text;
    EXPECT_EQ(read.error().code, Code::invalid_input);
    EXPECT_NE(read.error().message.find(c.why), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace writ::ledger
