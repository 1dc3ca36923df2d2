#include "server/runs/drive_log.h"

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "observe/log_sinks.h"

namespace writ::server {
namespace {

class DriveLogTest : public ::testing::Test {
 protected:
  // What the log says of `message`; null where it says nothing.
  Value said_of(Value message) {
    std::vector<std::unique_ptr<observe::LogSink>> sinks;
    std::ostringstream out;
    sinks.push_back(observe::make_json_lines_sink(out));
    observe::Log log(clock_, std::move(sinks));
    log_drive(log, message);
    return out.str().empty() ? Value() : parse_json(out.str()).value();
  }

  SystemClock clock_;
};

TEST_F(DriveLogTest, HasALineForWhatAStepCameTo) {
  const Value said = said_of(Object{{"event", "step_ended"},
                                    {"run", "r"},
                                    {"step", "main/a"},
                                    {"state", Object{{"status", "passed"}, {"attempt", 2}}}});
  EXPECT_EQ(said.string_or("event", ""), "step.ended");
  EXPECT_EQ(said.string_or("component", ""), "runs");
  EXPECT_EQ(said.string_or("run", ""), "r");
  EXPECT_EQ(said.string_or("step", ""), "main/a");
  EXPECT_EQ(said.string_or("status", ""), "passed");
  EXPECT_EQ(said.integer_or("attempt", 0), 2);
}

TEST_F(DriveLogTest, HasOneLineForAStepThatWaits) {
  const Object state{{"status", "waiting"}, {"attempt", 1}};
  const auto told = [&](std::string_view event) {
    return said_of(Object{{"event", event}, {"run", "r"}, {"step", "main/a"}, {"state", state}});
  };
  EXPECT_TRUE(told("step_started").is_null());
  EXPECT_EQ(told("step_ended").string_or("event", ""), "step.waiting");
}

TEST_F(DriveLogTest, HasALineForWhereADriveLeavesARun) {
  const Value said = said_of(Object{{"event", "run_ended"},
                                    {"run", "r"},
                                    {"state", Object{{"status", "active"}}},
                                    {"outcome", "waiting"},
                                    {"step", "main/a"},
                                    {"detail", "waits for somebody"}});
  EXPECT_EQ(said.string_or("event", ""), "run.rested");
  EXPECT_EQ(said.string_or("outcome", ""), "waiting");
}

TEST_F(DriveLogTest, DoesNotSayWhatStepsPrint) {
  EXPECT_TRUE(
      said_of(Object{{"event", "step_output"}, {"run", "r"}, {"bytes", "aHVzaA=="}}).is_null());
}

}  // namespace
}  // namespace writ::server
