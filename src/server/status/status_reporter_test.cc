#include "server/status/status_reporter.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/testing/fake_clock.h"
#include "net/testing/served.h"

namespace writ::server {
namespace {

// Takes statuses, after it has refused the first ones.
class StatusService {
 public:
  explicit StatusService(int refusals)
      : refusals_(refusals),
        served_({net::testing::route(
            net::Method::POST, "/{path...}", net::Runs::on_pool,
            [this](const net::Request& request, net::Context&) { return take(request); })}) {}

  std::string url() const { return served_.url("/control"); }
  // Until there are so many, for at most ten seconds: "path token body" of each.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    wakes_.wait_for(lock, std::chrono::seconds(10), [&] { return taken_.size() >= count; });
    return taken_;
  }

 private:
  Result<net::Answer> take(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    net::Response response = net::testing::text_response("");
    if (refusals_-- > 0) {
      response.status = 503;
      return response;
    }
    taken_.push_back(std::string(request.path) + " " +
                     std::string(request.fields.value_or("Authorization", "none")) + " " +
                     std::string(request.body));
    wakes_.notify_all();
    return response;
  }

  std::mutex mutex_;
  std::condition_variable wakes_;
  int refusals_;
  std::vector<std::string> taken_;
  net::testing::Served served_;
};

struct Reported {
  explicit Reported(StatusOptions options)
      : reporter(
            std::move(options),
            [this] {
              const std::lock_guard lock(mutex);
              return status;
            },
            clock, random, &console) {}
  void set(std::string text, std::string news) {
    const std::lock_guard lock(mutex);
    status = {std::move(text), std::move(news)};
  }

  std::mutex mutex;
  StatusReporter::Status status{R"({"n":1})", "1"};
  FakeClock clock;
  SystemRandom random;
  std::ostringstream console;
  StatusReporter reporter;
};

StatusOptions options_for(const std::string& url) {
  StatusOptions options;
  options.service = "control";
  options.resource = "/status/eu";
  options.destination.url = url;
  options.destination.token = "abc";
  options.console = true;
  options.look = std::chrono::milliseconds(1);
  return options;
}

TEST(StatusReporter, TellsTheServiceAtTheStartAndWhenThereIsNews) {
  StatusService service(0);
  Reported reported(options_for(service.url()));
  reported.reporter.start();
  EXPECT_EQ(service.wait_for(1).at(0), R"(/control/status/eu Bearer abc {"n":1})");
  reported.set(R"({"n":2})", "1");
  reported.set(R"({"n":3})", "3");
  const std::vector<std::string> told = service.wait_for(2);
  EXPECT_EQ(told.at(1), R"(/control/status/eu Bearer abc {"n":3})");
}

TEST(StatusReporter, TriesAgainUntilTheServiceTakesIt) {
  StatusService service(3);
  Reported reported(options_for(service.url()));
  reported.reporter.start();
  EXPECT_EQ(service.wait_for(1).at(0), R"(/control/status/eu Bearer abc {"n":1})");
}

TEST(StatusReporter, PrintsEachStatusOnce) {
  StatusService service(2);
  {
    Reported reported(options_for(service.url()));
    reported.reporter.start();
    service.wait_for(1);
    reported.set(R"({"n":2})", "2");
    service.wait_for(2);
    // Its thread prints no more once it has ended.
    reported.reporter.stop();
    const std::string head =
        R"({"level":"info","msg":"Status Log","type":"openpolicyagent.org/status",)"
        R"("time":"2026-01-01T00:00:00.000000Z",)";
    EXPECT_EQ(reported.console.str(), head + "\"n\":1}\n" + head + "\"n\":2}\n");
  }
}

TEST(StatusReporter, SaysWhyNobodyWasTold) {
  Reported reported(options_for("http://127.0.0.1:1"));
  reported.reporter.start();
  std::optional<Error> problem;
  for (int i = 0; i < 1000 && !problem; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    problem = reported.reporter.problem();
  }
  ASSERT_TRUE(problem.has_value());
  EXPECT_TRUE(problem->message.contains("127.0.0.1:1")) << problem->message;
}

}  // namespace
}  // namespace writ::server
