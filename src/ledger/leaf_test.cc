#include "ledger/leaf.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/testing/json_generator.h"
#include "contract/canonical.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

// The leaf by the general code for RFC 8785.
std::string reference_leaf(const Event& event) {
  const Entry& entry = event.entry;
  Object out;
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) out.append(name, text);
  };
  add("type", entry.type);
  add("source", entry.source);
  add("subject", entry.subject);
  add("actor", entry.actor);
  add("correlation", entry.correlation);
  add("causation", entry.causation);
  add("id", entry.id.text());
  add("time", to_rfc3339(entry.time));
  add("payload_digest", event.payload_digest.hex());
  add("fidelity", entry.context.fidelity);
  add("inputs", entry.context.inputs);
  add("revision", entry.context.revision);
  add("schema", entry.context.schema);
  add("tags", entry.context.tags);
  add("thread", entry.context.thread);
  add("tool", entry.context.tool);
  if (!entry.run.uuid.is_nil()) {
    add("run", entry.run.text());
    add("seq", std::to_string(entry.seq));
  }
  return contract::canonical_json(out).value();
}

Event event_of(Entry entry) {
  Event event;
  event.entry = std::move(entry);
  event.payload_digest = payload_digest("salt", event.entry.payload);
  return event;
}

TEST(Leaf, IsTheDigestRecordOfAnEvent) {
  Entry entry = sample_entry(1);
  entry.actor = "key:\"a\"";
  const Event event = event_of(entry);
  EXPECT_EQ(
      leaf_bytes(event),
      R"({"actor":"key:\"a\"","correlation":")" + run_id(1).text() + R"(","id":")" +
          event_id(1).text() + R"(","payload_digest":")" + event.payload_digest.hex() +
          R"(","run":")" + run_id(1).text() + R"(","seq":"2","source":)" +
          R"("writ:project/sample","subject":"run/)" + run_id(1).text() +
          R"(/step/build","time":"2026-01-01T00:00:00.000001Z","type":"writ.step.completed"})");
}

TEST(Leaf, LeavesOutWhatIsEmpty) {
  Event event;
  event.entry.id = event_id(1);
  event.entry.type = "t";
  event.entry.source = "s";
  EXPECT_EQ(leaf_bytes(event),
            R"({"id":")" + event_id(1).text() + R"(","payload_digest":")" + std::string(64, '0') +
                R"(","source":"s","time":"1970-01-01T00:00:00.000000Z",)" + R"("type":"t"})");
}

TEST(Leaf, SaysNothingOfThePayloadButItsSaltedDigest) {
  Event event = event_of(sample_entry(1));
  const std::string leaf = leaf_bytes(event);
  event.entry.payload = "{}";
  event.salt.clear();
  EXPECT_EQ(leaf_bytes(event), leaf);
  EXPECT_NE(payload_digest("one salt", "{}"), payload_digest("another one", "{}"));
}

RC_GTEST_PROP(LeafProperty, IsCanonicalWhateverTheTextsHold, ()) {
  Event event = event_of(sample_entry(*rc::gen::inRange<std::uint64_t>(0, 100)));
  for (std::string* text :
       {&event.entry.subject, &event.entry.actor, &event.entry.correlation, &event.entry.causation,
        &event.entry.context.fidelity, &event.entry.context.inputs, &event.entry.context.revision,
        &event.entry.context.schema, &event.entry.context.tags, &event.entry.context.thread,
        &event.entry.context.tool}) {
    *text = *json_text();
  }
  RC_ASSERT(leaf_bytes(event) == reference_leaf(event));
}

}  // namespace
}  // namespace writ::ledger
