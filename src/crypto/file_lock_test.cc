#include "crypto/file_lock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "base/testing/temporary_directory.h"

namespace writ::crypto {
namespace {

using std::chrono::milliseconds;

TEST(FileLock, GivesUpOnSomebodyWhoKeepsIt) {
  const TemporaryDirectory dir;
  const auto path = dir.path() / "lock";
  const auto held = FileLock::acquire(path);
  ASSERT_TRUE(held);
  const auto refused = FileLock::acquire(path, milliseconds(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(refused.error().message, "another process holds " + path.string());
}

TEST(FileLock, WaitsForSomebodyWhoLetsGo) {
  const TemporaryDirectory dir;
  const auto path = dir.path() / "lock";
  std::optional<FileLock> held;
  {
    auto acquired = FileLock::acquire(path);
    ASSERT_TRUE(acquired);
    held.emplace(*std::move(acquired));
  }
  auto second = std::async(std::launch::async, [&] {
    return FileLock::acquire(path, std::chrono::minutes(1)).has_value();
  });
  EXPECT_EQ(second.wait_for(milliseconds(0)), std::future_status::timeout);
  held.reset();
  EXPECT_TRUE(second.get());
}

TEST(FileLock, SaysWhereThereCanBeNone) {
  const TemporaryDirectory dir;
  const auto refused = FileLock::acquire(dir.path() / "none" / "lock");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::storage_failed);
}

}  // namespace
}  // namespace writ::crypto
