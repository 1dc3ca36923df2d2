#include "server/project_side.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "observe/log.h"
#include "store/moved.h"
#include "store/open.h"
#include "store/testing/temporary_directory.h"

namespace writ::server {
namespace {

using store::Moved;
using store::MoveStage;

// Keeps what is said.
class Heard final : public observe::LogSink {
 public:
  explicit Heard(std::vector<std::string>& said) : said_(said) {}
  void take(const observe::LogRecord& record) override {
    said_.push_back(std::string(record.event) + ": " + std::string(record.message));
  }

 private:
  std::vector<std::string>& said_;
};

TEST(ProjectSide, IsNotWellWhereItCannotFollowItsStore) {
  FakeClock clock;
  FakeRandom random;
  const store::TemporaryDirectory directory;
  const std::string url = "sqlite:" + directory.file("writ.db");
  std::vector<std::string> said;
  std::vector<std::unique_ptr<observe::LogSink>> sinks;
  sinks.push_back(std::make_unique<Heard>(said));
  observe::Log log(clock, std::move(sinks));
  ProjectOptions options;
  options.store_url = url;
  options.directory = directory.path();
  options.log = &log;
  auto side = ProjectSide::open(options, clock, random).value();
  ASSERT_TRUE(side->check());
  const auto mover = store::open(url, {.fence = store::Fence::passes}).value();
  const auto mark = [&](MoveStage stage) {
    return mover->write(
        [&](store::Tx& tx) { return store::mark_moved(tx, Moved{"elsewhere", "a move", stage}); });
  };
  // As long as the old store is the one that counts, it is no worse for not knowing the new one.
  ASSERT_TRUE(mark(MoveStage::closing));
  EXPECT_TRUE(side->check());
  ASSERT_TRUE(mark(MoveStage::gone));
  auto checked = side->check();
  for (; checked; checked = side->check()) std::this_thread::yield();
  EXPECT_EQ(checked.error().code, Code::not_found);
  EXPECT_TRUE(checked.error().text().contains("following the store to elsewhere"))
      << checked.error().text();
  EXPECT_TRUE(checked.error().text().contains("there is no store named elsewhere"))
      << checked.error().text();
  // The mark is taken away: it goes on where it is.
  ASSERT_TRUE(mover->write([](store::Tx& tx) { return store::clear_mark(tx); }));
  EXPECT_TRUE(side->check());
  EXPECT_TRUE(side->store().write([](store::Tx& tx) { return tx.now(); }));
  side.reset();
  EXPECT_EQ(said,
            std::vector<std::string>{"store.not_followed: there is no store named elsewhere"});
}

}  // namespace
}  // namespace writ::server
