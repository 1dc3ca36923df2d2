#pragma once
// Test doubles among C++ test sources (LAW-14): classes named Fake…, Mock…, Stub…, Spy… or Dummy…,
// and those with GoogleMock methods. Each stands in for something real, and what it promises is
// only worth what the contract behind it says.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evidence/gtest_sources.h"

namespace writ::evidence {

struct TestDouble {
  std::string name;
  std::string path;
  std::uint32_t line = 0;
};

// Definitions only, in the order of the sources. Never fails. Linear in their size.
std::vector<TestDouble> find_test_doubles(std::span<const TestSource> sources);

}  // namespace writ::evidence
