#include "ledger/log_check.h"

#include <gtest/gtest.h>

#include "ledger/erase.h"
#include "ledger/event_types.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

// A log of six events, one of them erased, and what it hands over.
class LogCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    const Entry entries[] = {sample_entry(0), sample_entry(1), sample_entry(2), sample_entry(3),
                             sample_entry(4)};
    ASSERT_TRUE(
        log_.store->write([&](store::Tx& tx) { return log_.ledger->append_all(tx, entries); }));
    ASSERT_TRUE(log_.ledger->sequence());
    Entry because = sample_entry(1000);
    because.run = {};
    because.seq = 0;
    because.type = kPayloadErased;
    because.subject = erased_subject(event_id(2));
    const auto erased = log_.store->write(
        [&](store::Tx& tx) { return erase_payload(*log_.ledger, tx, event_id(2), because); });
    ASSERT_TRUE(erased) << erased.error().text();
    const auto head = log_.ledger->checkpoint(log_.key);
    ASSERT_TRUE(head) << head.error().text();
    head_ = *head;
    events_ = log_.ledger->list({}).value();
    ASSERT_EQ(events_.size(), 6u);
  }

  // What is found wrong; empty: nothing.
  std::string found(const std::vector<Event>& events) const {
    auto check = LogCheck::begin(head_, {log_.key.public_key()});
    if (!check) return check.error().text();
    for (const Event& event : events) {
      if (const auto taken = check->take(event); !taken) return taken.error().text();
    }
    const auto report = check->finish();
    return report ? "" : report.error().text();
  }

  SampleLog log_;
  Checkpoint head_;
  std::vector<Event> events_;
};

TEST_F(LogCheckTest, HoldsTheEventsThatAreThereToTheHeadThatWasSigned) {
  auto check = LogCheck::begin(head_, {log_.key.public_key()});
  ASSERT_TRUE(check) << check.error().text();
  for (const Event& event : events_) {
    EXPECT_FALSE(check->is_complete());
    EXPECT_EQ(check->next(), event.index.value());
    ASSERT_TRUE(check->take(event));
  }
  EXPECT_TRUE(check->is_complete());
  const auto report = check->finish();
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->events, 6u);
  EXPECT_EQ(report->erased, 1u);
  EXPECT_EQ(report->newest->root, head_.root);
}

TEST_F(LogCheckTest, BelievesNoHeadThatAnotherKeySigned) {
  const auto other = crypto::SecretKey::from_seed(std::string(32, 'x')).value();
  const auto check = LogCheck::begin(head_, {other.public_key()});
  ASSERT_FALSE(check);
  EXPECT_EQ(check.error().code, Code::signature_bad) << check.error().text();
  Checkpoint larger = head_;
  larger.size += 1;
  EXPECT_EQ(LogCheck::begin(larger, {log_.key.public_key()}).error().code, Code::tampered);
}

// Whoever has the key can sign a log that was written anew; who remembers a head finds it out.
TEST_F(LogCheckTest, HoldsTheLogToAHeadThatWasSeenBefore) {
  const auto found_after = [&](const Checkpoint& seen) {
    auto check = LogCheck::begin(head_, {log_.key.public_key()}, seen);
    if (!check) return check.error().text();
    for (const Event& event : events_) {
      if (const auto taken = check->take(event); !taken) return taken.error().text();
    }
    return std::string(check->finish() ? "" : "unfinished");
  };
  Checkpoint seen = head_;
  EXPECT_EQ(found_after(seen), "");
  Frontier tree;
  for (std::size_t i = 0; i < 3; ++i) tree.append(leaf_hash(leaf_bytes(events_[i])));
  seen.size = 3;
  seen.root = tree.root();
  EXPECT_EQ(found_after(seen), "");
  seen.root = head_.root;
  EXPECT_TRUE(found_after(seen).contains("the first 3 events are not those under the head"));
  seen.size = 7;
  EXPECT_TRUE(found_after(seen).contains("of 6 events, and one of 7 was seen before"));
  seen = head_;
  seen.origin = "another.example/log";
  EXPECT_TRUE(found_after(seen).contains("the one seen before is another.example/log"));
}

TEST_F(LogCheckTest, FindsWhatIsNotAsItWasLogged) {
  struct Case {
    std::string_view what;
    std::function<void(std::vector<Event>&)> change;
    std::string_view found;
  };
  const Case cases[] = {
      {"as it is", [](auto&) {}, ""},
      {"withheld at the end", [](auto& e) { e.pop_back(); }, "of 6 events, and there are 5"},
      {"withheld in between", [](auto& e) { e.erase(e.begin() + 1); }, "event 1: another one"},
      {"swapped", [](auto& e) { std::swap(e[0], e[1]); }, "event 0: another one"},
      {"another payload", [](auto& e) { e[0].entry.payload = "{}"; },
       "event 0: its payload is not"},
      {"another type", [](auto& e) { e[3].entry.type = "x.y"; }, "are not those that were signed"},
      {"erased by nobody",
       [](auto& e) {
         e[1].payload_state = Event::Payload::erased;
         e[1].erased_by = event_id(4);
       },
       "event 1: its payload is missing, and no event says"},
      {"erased for another",
       [](auto& e) {
         e[1].payload_state = Event::Payload::erased;
         e[1].erased_by = e[5].entry.id;
       },
       "event 1: its payload is missing, and no event says"},
      {"missing", [](auto& e) { e[1].payload_state = Event::Payload::missing; },
       "event 1: its payload is missing"},
  };
  for (const Case& c : cases) {
    std::vector<Event> events = events_;
    c.change(events);
    const std::string text = found(events);
    EXPECT_TRUE(c.found.empty() ? text.empty() : text.contains(c.found)) << c.what << ": " << text;
  }
}

}  // namespace
}  // namespace writ::ledger
