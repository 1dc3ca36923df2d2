// Words that are said to a drive that waits for them in the same process.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stop_token>
#include <thread>
#include <utility>

#include "execution/acts.h"
#include "execution/lease.h"
#include "execution/run_news.h"
#include "execution/testing/engine_drives.h"
#include "execution/testing/engine_room.h"
#include "identity/testing/people.h"

namespace writ::execution {
namespace {

using namespace std::chrono_literals;
using identity::key_named;
using identity::StatementKind;

protocol::PlanStep step_for_agents(std::string path) {
  protocol::PlanStep step = step_named(std::move(path));
  step.kind = protocol::StepKind::external;
  step.writes_tree = false;
  step.with = Object{{"by", "role:agent"}};
  step.evidence = {{"file", "notes.txt", true}};
  return step;
}

// A run of two steps for agents, one after the other, and a drive that stays with it.
class HandedWordTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* path : {"port", "check"}) {
      room_.executor.scripts[path] = [this](const StepContext& context) { return work(context); };
    }
    ASSERT_TRUE(room_.blobs->put("notes"));
    room_.options.patience = 60s;
    room_.options.news = &news_;
    Engine engine = room_.engine();
    const auto run = engine.start(plan_of({step_for_agents("port"), step_for_agents("check")}),
                                  {crypto::sha256("base").hex(), "", false, "", {}});
    ASSERT_TRUE(run) << run.error().text();
    run_ = *run;
    drive_ = std::async(std::launch::async,
                        [this] { return room_.engine().drive(run_, stop_.get_token()); });
  }
  void TearDown() override { stop_.request_stop(); }

  Result<StepResult> work(const StepContext& context) {
    StepResult result;
    result.verdict = context.words.empty() ? Verdict::waiting : Verdict::passed;
    if (!context.words.empty() && on_word_) on_word_();
    return result;
  }
  void wait_until_it_waits() {
    while (!news_.is_awaited(run_)) std::this_thread::yield();
  }
  ActDeps deps() { return {room_.journal_deps(), room_.workspace, authority_, &news_}; }
  static Intent about(std::string path) {
    Intent intent{StatementKind::submission, std::move(path)};
    intent.evidence = {{"file", "notes.txt", crypto::sha256("notes")}};
    return intent;
  }
  Result<TakenWord> submit(std::string path, std::string_view who = "agent") {
    WRIT_TRY(const Draft draft, draft_word(deps(), run_, about(std::move(path))));
    WRIT_TRY(const auto word, identity::make_statement(draft.statement, key_named(who)));
    return take_word(deps(), run_, word);
  }
  // Of the newest event of `type`.
  std::string actor_of(std::string_view type) {
    std::string actor;
    const auto events = room_.ledger->of_run(run_);
    for (const ledger::Event& event : events.value()) {
      if (event.entry.type == type) actor = event.entry.actor;
    }
    return actor;
  }
  StepStatus status_of(std::size_t step) { return room_.state_of(run_).steps[step].status; }

  EngineRoom room_;
  RunNews news_{*room_.store};
  identity::Trust trust_ = identity::sample_trust();
  identity::Authority authority_{trust_, key_named("runner").public_key()};
  RunId run_;
  std::function<void()> on_word_;
  std::stop_source stop_;
  std::future<Result<Standing>> drive_;
};

TEST_F(HandedWordTest, IsDurableTogetherWithWhatComesOfIt) {
  wait_until_it_waits();
  const auto taken = submit("port");
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(status_of(0), StepStatus::passed) << "as soon as the word is answered";
  EXPECT_EQ(status_of(1), StepStatus::waiting);
  EXPECT_EQ(actor_of("writ.submission.accepted"), "key:" + key_named("agent").id().hex);
  EXPECT_EQ(actor_of("writ.step.completed"), "key:test") << "that was the drive";
  wait_until_it_waits();
  ASSERT_TRUE(submit("check"));
  const auto standing = drive_.get();
  ASSERT_TRUE(standing) << standing.error().text();
  EXPECT_EQ(standing->outcome, Outcome::attested);
  const auto rows = Journal::open(room_.journal_deps(), run_)->statements();
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 2u);
}

TEST_F(HandedWordTest, ThatIsRefusedLeavesItsRefusalAndNothingElse) {
  wait_until_it_waits();
  const auto refused = submit("port", "mallory");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("is not in the trust of this run"))
      << refused.error().text();
  EXPECT_EQ(status_of(0), StepStatus::waiting);
  EXPECT_EQ(actor_of("writ.approval.refused"), "key:test") << "nobody's signature is known";
  EXPECT_EQ(Journal::open(room_.journal_deps(), run_)->statements()->size(), 0u);
  wait_until_it_waits();
  EXPECT_TRUE(submit("port"));
  EXPECT_EQ(status_of(0), StepStatus::passed);
}

TEST_F(HandedWordTest, ThatCannotBeSaidNowLeavesNothing) {
  wait_until_it_waits();
  const auto draft = draft_word(deps(), run_, about("port"));
  ASSERT_TRUE(draft);
  identity::Statement early = draft->statement;
  early.step = "check";
  const std::uint64_t before = room_.state_of(run_).run.next_seq;
  const auto word = identity::make_statement(early, key_named("agent")).value();
  const auto refused = take_word(deps(), run_, word);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), "conflict: step check is pending, not waiting");
  EXPECT_EQ(room_.state_of(run_).run.next_seq, before);
  wait_until_it_waits();
  EXPECT_TRUE(submit("port"));
  EXPECT_EQ(Journal::open(room_.journal_deps(), run_)->statements()->size(), 1u);
}

// Whoever takes the run's lease away has the drive's flush fail.
TEST_F(HandedWordTest, StandsWhereTheDriveComesToNothing) {
  wait_until_it_waits();
  on_word_ = [this] {
    room_.clock.advance(2 * kLeaseTime);
    EXPECT_TRUE(acquire_lease(*room_.store, run_, {"elsewhere", 1, 1}));
  };
  const auto taken = submit("port");
  ASSERT_TRUE(taken) << taken.error().text();
  const auto standing = drive_.get();
  ASSERT_FALSE(standing);
  EXPECT_EQ(standing.error().code, Code::lease_lost);
  EXPECT_EQ(status_of(0), StepStatus::waiting) << "the next drive judges it";
  EXPECT_EQ(Journal::open(room_.journal_deps(), run_)->statements()->size(), 1u);
}

TEST_F(HandedWordTest, OfAnotherProcessWhichCameFirstIsSeenToo) {
  wait_until_it_waits();
  // While the drive judges one word, somebody else writes another of the same step.
  on_word_ = [this, is_first = true]() mutable {
    if (std::exchange(is_first, false)) hand_in(room_, run_);
  };
  ASSERT_TRUE(submit("port"));
  EXPECT_EQ(status_of(0), StepStatus::passed);
  EXPECT_EQ(Journal::open(room_.journal_deps(), run_)->statements()->size(), 2u);
  wait_until_it_waits();
  ASSERT_TRUE(submit("check"));
  const auto standing = drive_.get();
  ASSERT_TRUE(standing) << standing.error().text();
  EXPECT_EQ(standing->outcome, Outcome::attested);
}

TEST_F(HandedWordTest, IsTakenByNobodyWhereTheDriveHasEnded) {
  wait_until_it_waits();
  stop_.request_stop();
  const auto stopped = drive_.get();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::cancelled);
  int said = 0;
  EXPECT_FALSE(news_.hand(run_, {"port", [&](Journal&, const Tree&) { ++said; }}));
  EXPECT_EQ(said, 0);
  ASSERT_TRUE(submit("port"));
  EXPECT_EQ(status_of(0), StepStatus::waiting) << "it stands, and the next drive judges it";
  EXPECT_EQ(Journal::open(room_.journal_deps(), run_)->statements()->size(), 1u);
}

}  // namespace
}  // namespace writ::execution
