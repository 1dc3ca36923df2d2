#include "observe/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "observe/log_sinks.h"

namespace writ::observe {
namespace {

class StandingClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime{1'767'225'600'000'000}; }
  std::chrono::steady_clock::time_point steady() const override { return {}; }
};

class LogTest : public testing::Test {
 protected:
  std::unique_ptr<Log> console_log(Level from = Level::info) {
    std::vector<std::unique_ptr<LogSink>> sinks;
    sinks.push_back(make_json_lines_sink(console_));
    return std::make_unique<Log>(clock_, std::move(sinks), from);
  }
  // The one line that was written, without what differs from run to run.
  std::string line() {
    auto value = parse_json(console_.str());
    if (!value) return console_.str();
    value->as_object().erase("thread_id");
    return to_json(*value);
  }

  StandingClock clock_;
  std::ostringstream console_;
};

const TraceContext kTrace =
    *parse_trace_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

TEST_F(LogTest, WritesARecordAsOneLineOfJson) {
  console_log()->write(Level::info, "server", "request.served", "GET /healthz", kTrace,
                       {{"status", 200}, {"elapsed_ms", 0.5}, {"cached", true}});
  EXPECT_EQ(line(), R"({"time":"2026-01-01T00:00:00.000000Z","level":"info","component":"server",)"
                    R"("event":"request.served","message":"GET /healthz",)"
                    R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7",)"
                    R"("status":200,"elapsed_ms":0.5,"cached":true})");
}

TEST_F(LogTest, SaysNothingBelowItsLevel) {
  const auto log = console_log(Level::warning);
  log->write(Level::info, "server", "request.served", "unheard");
  EXPECT_EQ(console_.str(), "");
  log->set_level(Level::debug);
  log->write(Level::debug, "server", "request.served", "heard");
  EXPECT_NE(console_.str().find("heard"), std::string::npos);
}

TEST_F(LogTest, GivesErrorsTheirFields) {
  Error error = fail(Code::unavailable, "the database does not answer").error();
  error = std::move(error).context("reading a session");
  console_log()->write_error("identity", "session.unread", error, kTrace);
  const Value value = parse_json(console_.str()).value();
  EXPECT_EQ(value.string_or("code", ""), "unavailable");
  EXPECT_EQ(value.string_or("cause", ""), "while reading a session");
  EXPECT_TRUE(value.bool_or("retryable", false));
  EXPECT_EQ(value.string_or("correlation_id", ""), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(value.string_or("component", ""), "identity");
}

TEST_F(LogTest, MasksSecretsByNameAndByForm) {
  console_log()->write(Level::info, "server", "login.tried", "with Bearer abcdefgh12345678",
                       {{"password", "hunter2"}, {"note", "eyJhbGciOiJFZERTQSJ9.e30.c2ln"}});
  EXPECT_EQ(console_.str().find("hunter2"), std::string::npos);
  EXPECT_EQ(console_.str().find("abcdefgh"), std::string::npos);
  EXPECT_EQ(console_.str().find("eyJ"), std::string::npos);
}

TEST_F(LogTest, LetsNoAttributeHideAField) {
  console_log()->write(Level::info, "server", "x", "real", {{"message", "forged"}});
  const Value value = parse_json(console_.str()).value();
  EXPECT_EQ(value.string_or("message", ""), "real");
  EXPECT_EQ(value.string_or("attribute.message", ""), "forged");
}

TEST_F(LogTest, KeepsTextInOneLineWhateverItCarries) {
  const Attribute attribute("user", "a\nb");
  const LogRecord record{.time = clock_.wall(),
                         .component = "server",
                         .event = "x",
                         .message = "first\n2026 ERROR forged\x1b[31m",
                         .thread = 7,
                         .attributes = {&attribute, 1}};
  EXPECT_EQ(to_text_line(record),
            "2026-01-01T00:00:00.000000Z INFO server x: first\\n2026 ERROR forged\\x1b[31m "
            "user=\"a\\nb\" thread=7");
}

TEST_F(LogTest, KeepsLinesWholeWhenManyThreadsWrite) {
  const auto log = console_log();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) log->write(Level::info, "server", "x", "y", {{"i", i}});
      });
    }
  }
  std::istringstream lines(console_.str());
  int count = 0;
  for (std::string one; std::getline(lines, one); ++count) {
    ASSERT_TRUE(parse_json(one).has_value()) << one;
  }
  EXPECT_EQ(count, 800);
}

class TextFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("writ-log-" + std::to_string(::getpid()));
};

TEST_F(TextFileTest, RotatesAndKeepsSoManyFilesForTheirOwnerOnly) {
  auto sink = TextFileSink::open({folder_ / "writ.log", 400, 2});
  ASSERT_TRUE(sink.has_value()) << sink.error().text();
  const TextFileSink& kept = **sink;
  const StandingClock clock;
  std::vector<std::unique_ptr<LogSink>> sinks;
  sinks.push_back(std::move(*sink));
  Log log(clock, std::move(sinks));
  for (int i = 0; i < 20; ++i) log.write(Level::info, "server", "x", "line", {{"i", i}});
  EXPECT_EQ(kept.lost_records(), 0U);

  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    names.push_back(entry.path().filename().string());
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    EXPECT_LE(entry.file_size(), 400U);
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"writ.1.log", "writ.2.log", "writ.log"}));
  EXPECT_NE(text_of(folder_ / "writ.log").find("i=19"), std::string::npos);
}

TEST_F(TextFileTest, SaysWhichFileCannotBeOpened) {
  std::ofstream(folder_ / "file") << "x";
  const auto sink = TextFileSink::open({folder_ / "file" / "writ.log", 400, 2});
  ASSERT_FALSE(sink.has_value());
  EXPECT_EQ(sink.error().message,
            "the log " + (folder_ / "file" / "writ.log").string() + " cannot be opened");
}

}  // namespace
}  // namespace writ::observe
