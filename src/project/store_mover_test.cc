#include "project/store_mover.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "ledger/ledger.h"
#include "project/migrations.h"
#include "store/change_notes.h"
#include "store/key.h"
#include "store/open.h"
#include "store/testing/postgres_server.h"
#include "store/testing/temporary_directory.h"

namespace writ::project {
namespace {

using store::Moved;
using store::MoveStage;

constexpr store::Table kRows{"driven_run"};  // one of those that a project's store has

// A store in use, with what a server has around it.
struct Place {
  OpenedStore at;
  std::unique_ptr<store::BlobStore> blobs;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<identity::Journal> journal;

  UsedStore used() const { return {at.backend, at.url, *at.store, *blobs}; }
  identity::Deed deed() const { return {.journal = *journal, .actor = "principal:root"}; }
};

// From SQLite to the adapter named, and back.
class StoreMoverTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "postgresql") {
      if (const std::string why = store::PostgresServer::missing(); !why.empty()) {
        GTEST_SKIP() << why;
      }
      store::PostgresServer& server = store::PostgresServer::shared();
      other_url_ = server.url(server.make_database());
    }
    mover_ = make_mover();
    auto opened = store::open(own_url_).value();
    ASSERT_TRUE(opened->migrate(project_migrations(), store::DryRun::no));
    place_ = place_of({"sqlite", own_url_, std::move(opened)});
  }
  std::unique_ptr<StoreMover> make_mover(const std::string& blobs = "blobs") {
    return std::make_unique<StoreMover>(
        MoverNeeds{.clock = clock_,
                   .random = random_,
                   .backends = Backends::parse({"other=" + other_url_}, own_url_).value(),
                   .blobs = directory_.file(blobs),
                   .source = "writ:project/test",
                   .lease = lease_});
  }
  Place place_of(OpenedStore opened) {
    Place out{std::move(opened), nullptr, nullptr, nullptr};
    out.blobs =
        store::open_blobs(out.at.url, *out.at.store, directory_.file("blobs"), clock_, random_)
            .value();
    ledger::LedgerOptions log;
    log.origin = "writ.local/test";
    out.ledger = ledger::Ledger::open(*out.at.store, clock_, random_, log).value();
    out.journal =
        std::make_unique<identity::Journal>(*out.ledger, "writ:project/test", clock_, random_);
    return out;
  }
  static std::string put(store::Store& store, const std::string& key) {
    const auto done = store.write([&](store::Tx& tx) { return tx.put(kRows, key, "value"); });
    return done ? "" : done.error().message;
  }
  static std::string put(const Place& place, const std::string& key) {
    return put(*place.at.store, key);
  }
  static std::size_t rows(store::Store& store) {
    return store.read([](store::Tx& tx) { return tx.scan(kRows, {}, 10'000); }).value().size();
  }
  static std::string state(store::Store& store) {
    const auto last = last_switch(store).value();
    return last ? std::string(kSwitchStates.name(last->state)) : "none";
  }
  // "writ.store_switch.begun by principal:root", …
  static std::vector<std::string> told(const Place& place) {
    EXPECT_TRUE(place.ledger->sequence());
    std::vector<std::string> out;
    const auto events = place.ledger->list({}).value();
    for (const ledger::Event& event : events) {
      if (event.entry.type.starts_with("writ.store_switch.")) {
        out.push_back(event.entry.type.substr(18) + " by " + event.entry.actor);
      }
    }
    return out;
  }
  // Who has the turn of the copy under way in `to`.
  static std::string mover_holder(store::Store& to) {
    const auto row = to.read([](store::Tx& tx) { return tx.get(store::Table{"writ_copy"}, {}); });
    return store::KeyReader(row.value().value()).text().value();
  }
  // Until the store in use is marked.
  void close(const std::string& to) {
    const auto change = mover_->begin(place_.used(), to, place_.deed());
    ASSERT_TRUE(change) << change.error().text();
    const auto done = mover_->copy_over(place_.used(), *change, *place_.journal, {});
    ASSERT_TRUE(done) << done.error().text();
  }
  // And on.
  void arrive() {
    auto next = open_moved(*mover_, place_.at.url);
    ASSERT_TRUE(next) << next.error().text();
    place_ = place_of(*std::move(next));
  }

  const SystemClock clock_;
  SystemRandom random_;
  store::TemporaryDirectory directory_;
  const std::string own_url_ = "sqlite:" + directory_.file("own.db");
  std::string other_url_ = "sqlite:" + directory_.file("other.db");
  std::chrono::milliseconds lease_{30'000};
  std::unique_ptr<StoreMover> mover_;
  Place place_;
};

TEST_P(StoreMoverTest, GoesThereAndBackWithAllThatWasWritten) {
  ASSERT_EQ(put(place_, "first"), "");
  const store::BlobRef blob = place_.blobs->put("a large thing").value();
  ASSERT_TRUE(
      place_.at.store->write([&](store::Tx& tx) { return place_.blobs->add_reference(tx, blob); }));
  const auto rehearsal = mover_->rehearse(place_.used(), "other").value();
  EXPECT_EQ(rehearsal.target, Target::empty);
  EXPECT_EQ(rehearsal.blobs, 1u);
  EXPECT_EQ(state(*place_.at.store), "none");
  close("other");
  EXPECT_EQ(put(place_, "too late"), "the store has moved");
  EXPECT_EQ(state(*place_.at.store), "closing");
  arrive();
  EXPECT_EQ(place_.at.backend, "other");
  EXPECT_EQ(put(place_, "second"), "");
  EXPECT_EQ(place_.blobs->read(blob.digest, 100).value(), "a large thing");
  EXPECT_EQ(state(*place_.at.store), "done");

  EXPECT_EQ(mover_->rehearse(place_.used(), "sqlite").value().target, Target::left_before);
  close("sqlite");
  arrive();
  EXPECT_EQ(place_.at.url, own_url_);
  EXPECT_EQ(put(place_, "third"), "");
  EXPECT_EQ(rows(*place_.at.store), 3u);
  EXPECT_EQ(place_.blobs->read(blob.digest, 100).value(), "a large thing");
  const std::string by = " by principal:root";
  EXPECT_EQ(told(place_), (std::vector<std::string>{"begun" + by, "closed" + by, "done" + by,
                                                    "begun" + by, "closed" + by, "done" + by}));
  const auto verified = place_.ledger->verify({});
  EXPECT_TRUE(verified) << verified.error().text();
}

TEST_P(StoreMoverTest, WhoeverOpensTheOldStoreEndsInTheNewOne) {
  ASSERT_EQ(put(place_, "first"), "");
  close("other");
  // Two meet the mark; each has its own part in it, and both arrive.
  const auto another = make_mover();
  const auto one = open_moved(*mover_, own_url_).value();
  const auto two = open_moved(*another, own_url_).value();
  EXPECT_EQ(one.backend, "other");
  EXPECT_EQ(two.backend, "other");
  EXPECT_EQ(put(*one.store, "second"), "");
  EXPECT_EQ(put(*two.store, "third"), "");
  EXPECT_EQ(rows(*one.store), 3u);
  const Moved gone = store::moved_to(*place_.at.store).value().value();
  EXPECT_EQ(gone.stage, MoveStage::gone);
}

TEST_P(StoreMoverTest, IsTakenBackUntilTheNewStoreIsWhole) {
  const auto nothing = mover_->take_back(place_.used(), place_.deed());
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().message, "the store is not being changed");
  ASSERT_TRUE(mover_->begin(place_.used(), "other", place_.deed()));
  EXPECT_EQ(mover_->begin(place_.used(), "other", place_.deed()).error().message,
            "the store is being changed for other already");
  ASSERT_TRUE(mover_->take_back(place_.used(), place_.deed()));
  EXPECT_EQ(state(*place_.at.store), "taken_back");

  close("other");
  ASSERT_EQ(put(place_, "first"), "the store has moved");
  ASSERT_TRUE(mover_->take_back(place_.used(), place_.deed()));
  EXPECT_EQ(put(place_, "first"), "");
  EXPECT_EQ(store::moved_to(*place_.at.store).value(), std::nullopt);
  EXPECT_EQ(open_moved(*mover_, own_url_).value().url, own_url_);
  const auto copy = open_moved(*mover_, other_url_);
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().message, "the store is a copy that has not been finished");

  // What it left is gone on from.
  EXPECT_EQ(mover_->rehearse(place_.used(), "other").value().target, Target::unfinished_copy);
  close("other");
  const std::string old = place_.at.url;
  const Place left = std::move(place_);
  place_ = place_of(open_moved(*mover_, old).value());
  EXPECT_EQ(rows(*place_.at.store), 1u);
  EXPECT_EQ(mover_->take_back(left.used(), left.deed()).error().message,
            "the new store is whole, and takes the place of the old one");
  EXPECT_EQ(told(place_).size(), 2u + 3u + 3u);
}

TEST_P(StoreMoverTest, WhatWasTakenBackIsNotCopiedOn) {
  const auto change = mover_->begin(place_.used(), "other", place_.deed()).value();
  ASSERT_TRUE(mover_->take_back(place_.used(), place_.deed()));
  const auto done = mover_->copy_over(place_.used(), change, *place_.journal, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the change of the store is taken_back already");
  EXPECT_EQ(put(place_, "first"), "");
}

TEST_P(StoreMoverTest, GoesOnlyWhereNothingIsLost) {
  const auto refused = [&](const std::string& to) {
    const auto begun = mover_->begin(place_.used(), to, place_.deed());
    return begun ? "begun" : begun.error().message;
  };
  EXPECT_EQ(refused("mysql"), "there is no store named mysql");
  EXPECT_EQ(refused("sqlite"), "the store sqlite is the one in use");
  const auto others = store::open(other_url_).value();
  ASSERT_TRUE(others->migrate(project_migrations(), store::DryRun::no));
  ASSERT_EQ(put(*others, "of somebody else"), "");
  EXPECT_EQ(refused("other"), "the other store holds something that is not of this one");
  EXPECT_EQ(rows(*others), 1u);
  EXPECT_EQ(state(*place_.at.store), "none");
}

TEST_P(StoreMoverTest, AnotherStoreThanTheOneMovedToIsNotTaken) {
  close("other");
  arrive();
  // The name now means an empty store.
  const std::string there = other_url_;
  other_url_ = "sqlite:" + directory_.file("empty.db");
  const auto astray = make_mover();
  const auto opened = open_moved(*astray, own_url_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::tampered);
  EXPECT_TRUE(opened.error().text().contains("is not the one that was moved to"))
      << opened.error().text();
}

// The same name is a file of each host.
TEST_P(StoreMoverTest, WhatWasBegunElsewhereIsNotGoneOnWithHere) {
  const auto change = mover_->begin(place_.used(), "other", place_.deed()).value();
  const std::string there = std::exchange(other_url_, "sqlite:" + directory_.file("here.db"));
  const auto astray = make_mover();
  const auto expect_refused = [&](const Result<void>& done) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::tampered) << done.error().text();
    EXPECT_EQ(done.error().message, "the store other is not the one that the change was begun for");
  };
  const auto astray_copies = [&]() -> Result<void> {
    return astray->copy_over(place_.used(), change, *place_.journal, {});
  };
  const auto astray_follows = [&]() -> Result<void> {
    WRIT_TRY(const auto moved, store::moved_to(*place_.at.store));
    WRIT_TRY([[maybe_unused]] const auto opened, astray->follow(own_url_, moved.value()));
    return {};
  };
  expect_refused(astray_copies());
  // Neither where a copy of something else is under way.
  ASSERT_TRUE(store::begin_copy(*store::open(other_url_).value(), project_migrations(), "of else"));
  expect_refused(astray_copies());
  ASSERT_TRUE(mover_->copy_over(place_.used(), change, *place_.journal, {}));
  expect_refused(astray_follows());
  EXPECT_EQ(store::moved_to(*place_.at.store).value().value().stage, MoveStage::closing);
  const auto here =
      store::open(other_url_, {.unfinished_copy = store::UnfinishedCopy::open}).value();
  EXPECT_EQ(here->migrate(project_migrations(), store::DryRun::yes).value().size(), 0u);
  EXPECT_EQ(rows(*here), 0u);
  arrive();
  EXPECT_EQ(place_.at.url, there);
}

// Blobs that are asked for one, at which moment something is done.
class Meanwhile final : public store::BlobStore {
 public:
  using Call = std::function<Result<void>(const store::BlobSink&)>;
  Meanwhile(store::BlobStore& blobs, Call call) : blobs_(blobs), call_(std::move(call)) {}
  Result<std::unique_ptr<store::BlobWriter>> create() override { return blobs_.create(); }
  Result<std::string> read(const crypto::Digest& digest, std::uint64_t max) override {
    return blobs_.read(digest, max);
  }
  Result<void> stream(const crypto::Digest& digest, const store::BlobSink& sink) override {
    WRIT_CHECK(call_(sink));
    return blobs_.stream(digest, sink);
  }
  Result<bool> contains(const crypto::Digest& digest) override { return blobs_.contains(digest); }
  Result<void> add_reference(store::Tx& tx, const store::BlobRef& ref) override {
    return blobs_.add_reference(tx, ref);
  }
  Result<void> drop_reference(store::Tx& tx, const store::BlobRef& ref) override {
    return blobs_.drop_reference(tx, ref);
  }
  Result<std::uint64_t> collect_garbage(store::Store& store) override {
    return blobs_.collect_garbage(store);
  }

 private:
  store::BlobStore& blobs_;
  const Call call_;
};

TEST_P(StoreMoverTest, OneProcessMakesOneCopyAtATime) {
  lease_ = std::chrono::milliseconds(30);
  const auto mover = make_mover("blobs there");
  const store::BlobRef blob = place_.blobs->put("a large thing").value();
  ASSERT_TRUE(
      place_.at.store->write([&](store::Tx& tx) { return place_.blobs->add_reference(tx, blob); }));
  const auto change = mover->begin(place_.used(), "other", place_.deed()).value();
  const auto there = store::open(other_url_, {.unfinished_copy = store::UnfinishedCopy::open,
                                              .fence = store::Fence::passes})
                         .value();
  const auto turn = [&] {
    return there->read([](store::Tx& tx) { return tx.get(store::Table{"writ_copy"}, {}); }).value();
  };
  bool was_called = false;
  Meanwhile blobs(*place_.blobs, [&](const store::BlobSink&) -> Result<void> {
    was_called = true;
    const auto again = mover->copy_over(place_.used(), change, *place_.journal, {});
    EXPECT_EQ(again ? "made" : again.error().message, "this process makes the copy already");
    // A large blob is on its way, and the turn is kept.
    for (int renewals = 0; renewals < 2; ++renewals) {
      const auto before = turn();
      while (turn() == before) std::this_thread::yield();
    }
    return {};
  });
  const UsedStore used{place_.at.backend, place_.at.url, *place_.at.store, blobs};
  const auto done = mover->copy_over(used, change, *place_.journal, {});
  EXPECT_TRUE(done) << done.error().text();
  EXPECT_TRUE(was_called);
}

// However long it reads: here without an end.
TEST_P(StoreMoverTest, WhoLosesTheTurnOrIsToEndDoesSoWithinABlob) {
  lease_ = std::chrono::milliseconds(30);
  const auto mover = make_mover("blobs there");
  const store::BlobRef blob = place_.blobs->put("a large thing").value();
  ASSERT_TRUE(
      place_.at.store->write([&](store::Tx& tx) { return place_.blobs->add_reference(tx, blob); }));
  auto change = mover->begin(place_.used(), "other", place_.deed()).value();
  const auto copied_when = [&](const std::function<void()>& meanwhile,
                               const std::stop_token& stop) {
    Meanwhile blobs(*place_.blobs, [&](const store::BlobSink& sink) -> Result<void> {
      meanwhile();
      for (;;) WRIT_CHECK(sink({}));
    });
    const UsedStore used{place_.at.backend, place_.at.url, *place_.at.store, blobs};
    const auto done = mover->copy_over(used, change, *place_.journal, stop);
    return done ? "copied" : done.error().message;
  };
  std::stop_source stop;
  EXPECT_EQ(copied_when([&] { stop.request_stop(); }, stop.get_token()),
            "the copy was interrupted");
  EXPECT_EQ(copied_when([&] { ASSERT_TRUE(mover->take_back(place_.used(), place_.deed())); }, {}),
            "the change of the store is taken_back already");
  change = mover->begin(place_.used(), "other", place_.deed()).value();
  const auto there = store::open(other_url_, {.unfinished_copy = store::UnfinishedCopy::open,
                                              .fence = store::Fence::passes})
                         .value();
  const auto another_takes_it = [&] {
    // As if this process had been away for longer than its lease.
    while (
        !store::claim_copy(*there, {"another", change.id, std::chrono::hours(1), change.target})) {
      const store::CopyClaim over{mover_holder(*there), change.id, std::chrono::milliseconds(-1),
                                  change.target};
      static_cast<void>(store::claim_copy(*there, over));
    }
  };
  EXPECT_EQ(copied_when(another_takes_it, {}), "another process makes this copy");
}

TEST_P(StoreMoverTest, WhatChangesWhileItIsCopiedIsTakenOverByItself) {
  for (int i = 0; i < 50; ++i) ASSERT_EQ(put(place_, "row " + std::to_string(i)), "");
  const store::BlobRef blob = place_.blobs->put("a large thing").value();
  ASSERT_TRUE(
      place_.at.store->write([&](store::Tx& tx) { return place_.blobs->add_reference(tx, blob); }));
  const auto change = mover_->begin(place_.used(), "other", place_.deed()).value();
  // All has been copied but for the blobs, and somebody writes.
  Meanwhile blobs(*place_.blobs, [&](const store::BlobSink&) -> Result<void> {
    EXPECT_EQ(put(place_, "row 7"), "");
    EXPECT_EQ(put(place_, "late"), "");
    return {};
  });
  const auto mover = make_mover("blobs there");
  const UsedStore used{place_.at.backend, place_.at.url, *place_.at.store, blobs};
  const auto done = mover->copy_over(used, change, *place_.journal, {});
  ASSERT_TRUE(done) << done.error().text();
  const StoreSwitch noted = last_switch(*place_.at.store).value().value();
  EXPECT_EQ(noted.passes, 2u) << "one of all, and one of what had changed";
  // Two rows that were put, and that of the change itself.
  EXPECT_EQ(noted.changes, 3u);
  EXPECT_GE(noted.rows, 50u);
  arrive();
  EXPECT_EQ(rows(*place_.at.store), 51u);
}

TEST_P(StoreMoverTest, WhatIsLeftOfAChangeThatWasTakenBackIsTidiedUp) {
  const auto has_notes = [&] { return place_.at.store->read(&store::makes_notes).value(); };
  ASSERT_TRUE(mover_->tidy(place_.used()));
  close("other");
  ASSERT_TRUE(has_notes());
  ASSERT_FALSE(mover_->tidy(place_.used())) << "the change needs them";
  EXPECT_TRUE(has_notes());
  ASSERT_TRUE(mover_->take_back(place_.used(), place_.deed()));
  ASSERT_TRUE(mover_->tidy(place_.used()));
  EXPECT_FALSE(has_notes());
  EXPECT_EQ(put(place_, "first"), "");
  close("other");
  arrive();
  EXPECT_EQ(rows(*place_.at.store), 1u);
  EXPECT_FALSE(has_notes()) << "the new store is no source";
}

TEST_P(StoreMoverTest, TheLastCopyIsStoppedAndGoneOnWith) {
  ASSERT_EQ(put(place_, "first"), "");
  close("other");
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = open_moved(*mover_, own_url_, stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::cancelled) << stopped.error().text();
  EXPECT_EQ(store::moved_to(*place_.at.store).value().value().stage, MoveStage::closing);
  arrive();
  EXPECT_EQ(rows(*place_.at.store), 1u);
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreMoverTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace writ::project
