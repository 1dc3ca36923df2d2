// A whole server under load while its disk is full: it refuses what it cannot keep, so that whoever
// asked knows to ask again, answers what is only read, and goes on by itself when there is room.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>

#include "event_writers.h"
#include "served_project.h"

namespace writ::chaos {
namespace {

constexpr std::uint64_t kSeed = 20'261'122;

// Where a disk reserves room late, it is a sync that finds it full.
class FullDisk : public ServedProject, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string fault_kind() const override { return GetParam(); }

  void expect_told_to_ask_again(const Said& said) {
    EXPECT_EQ(said.status, 507) << said.shown();
    EXPECT_FALSE(said.retry_after.empty()) << said.shown();
  }
  std::string readiness() {
    const Said said = asker_->get("/readyz");
    const Value* const checks = said.body.find("checks");
    const std::string store(checks == nullptr ? "" : checks->string_or("store", ""));
    return std::to_string(said.status) + " " + said.text("status") + ", store " + store;
  }
  std::string access_revision() {
    const Said said = asker_->post("/rbac/check", question(), token_);
    EXPECT_EQ(said.status, 200) << said.shown();
    EXPECT_FALSE(said.body.bool_or("allowed", true)) << said.shown();
    return std::to_string(said.body.integer_or("revision", -1));
  }
  std::string token_;

  static Value question() {
    return Object{{"subject", "ada"}, {"object", "invoice"}, {"action", "read"}};
  }
};

TEST_P(FullDisk, RefusesWhatIsWrittenAnswersWhatIsReadAndComesBackByItself) {
  const Said in = sign_in();
  ASSERT_EQ(in.status, 200) << in.shown();
  token_ = in.text("access_token");
  EXPECT_EQ(readiness(), "200 ok, store ok");
  EventWriters writers(board_, key_, kSeed);
  writers.begin(2);
  const std::string working = start_run();
  ASSERT_TRUE(waits(working, kNote));
  const std::string resting = start_run();
  ASSERT_TRUE(waits(resting, kPause));
  writers.wait_for_more(100);
  const std::string revision = access_revision();
  const auto said_before = std::filesystem::file_size(log());

  disk_is_full_.set(1);
  const std::size_t refusals = board_.refusals();
  ASSERT_TRUE(comes_true([&] { return board_.refusals() >= refusals + 20; }));
  EXPECT_TRUE(comes_true([&] { return readiness() == "200 degraded, store degraded"; }))
      << readiness();
  EXPECT_EQ(asker_->get("/healthz").status, 200);
  for (int i = 0; i < 10; ++i) {
    const Said me = asker_->get("/users/me", token_);
    EXPECT_EQ(me.text("email"), kRoot) << me.shown();
    EXPECT_EQ(access_revision(), revision);
    EXPECT_EQ(step_status(working, kNote), "waiting");
    const Said events = asker_->get("/writ/v1/events?limit=1", key_);
    EXPECT_EQ(events.status, 200) << events.shown();
  }
  // What cannot be written down does not happen: neither a sign-in nor a mistake at one, no change
  // of who may do what.
  expect_told_to_ask_again(sign_in());
  expect_told_to_ask_again(asker_->sign_in(kRoot, "wrong"));
  expect_told_to_ask_again(asker_->post("/rbac/policies", question(), token_));
  EXPECT_EQ(access_revision(), revision);
  const auto said_meanwhile = std::filesystem::file_size(log()) - said_before;
  std::cout << "[      log ] " << said_meanwhile << " bytes while the disk was full\n";
  EXPECT_LT(said_meanwhile, 64u << 10u) << "it says the same again and again";

  disk_is_full_.set(0);
  writers.wait_for_more(100);
  EXPECT_TRUE(comes_true([&] { return readiness() == "200 ok, store ok"; })) << readiness();
  const Said again = sign_in();
  EXPECT_EQ(again.status, 200) << again.shown();
  hand_in_note(working);
  expect_attested(working);
  hand_in_note(resting);
  expect_attested(resting);
  writers.stop();
  expect_each_step_once();
  expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(AtA, FullDisk, ::testing::Values("full", "full_at_sync"),
                         [](const auto& test) {
                           return test.param == std::string("full") ? "Write" : "Sync";
                         });

}  // namespace
}  // namespace writ::chaos
