#pragma once
// A ledger over a store for tests, and entries to put into it.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "ledger/ledger.h"
#include "store/open.h"

namespace writ::ledger {

inline EventId event_id(std::uint64_t number) {
  return {Uuid::v5(kWritNamespace, "event " + std::to_string(number))};
}
inline RunId run_id(std::uint64_t number) {
  return {Uuid::v5(kWritNamespace, "run " + std::to_string(number))};
}

// The numbered step event of run 1.
inline Entry sample_entry(std::uint64_t number) {
  Entry entry;
  entry.id = event_id(number);
  entry.type = number % 2 == 0 ? "writ.step.started" : "writ.step.completed";
  entry.source = "writ:project/sample";
  entry.subject = "run/" + run_id(1).text() + "/step/build";
  entry.time = {1'767'225'600'000'000 + static_cast<std::int64_t>(number)};
  entry.run = run_id(1);
  entry.seq = number + 1;
  entry.actor = "key:0123";
  entry.correlation = run_id(1).text();
  entry.payload = R"({"number":)" + std::to_string(number) + "}";
  return entry;
}

inline std::unique_ptr<store::Store> open_store(const std::string& url) {
  auto opened = store::open(url);
  EXPECT_TRUE(opened) << opened.error().text();
  std::unique_ptr<store::Store> store = *std::move(opened);
  const auto migrated = store->migrate(ledger_migrations(), store::DryRun::no);
  EXPECT_TRUE(migrated) << migrated.error().text();
  return store;
}

// A log in a store of its own, in memory unless said otherwise.
struct SampleLog {
  explicit SampleLog(const std::string& url = "memory:", LedgerOptions options = {})
      : store(open_store(url)) {
    options.origin = "example.org/log";
    auto opened = Ledger::open(*store, clock, random, options);
    EXPECT_TRUE(opened) << opened.error().text();
    ledger = *std::move(opened);
  }

  Result<EventId> append(const Entry& entry) {
    return store->write([&](store::Tx& tx) { return ledger->append(tx, entry); });
  }
  // Numbered events [first, last), one transaction each.
  void append_numbered(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t i = first; i < last; ++i) {
      const auto id = append(sample_entry(i));
      ASSERT_TRUE(id) << id.error().text();
    }
  }
  Result<LedgerReport> verify() const { return ledger->verify({&key.public_key(), 1}); }

  FakeClock clock;
  FakeRandom random;
  crypto::SecretKey key = crypto::SecretKey::from_seed(std::string(32, 'k')).value();
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Ledger> ledger;
};

}  // namespace writ::ledger
