#include "ledger/event_types.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"

namespace writ::ledger {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) { return read_file(path, 8 << 20).value(); }

TEST(EventTypes, AreSortedAndUnique) {
  const auto types = event_types();
  EXPECT_TRUE(std::ranges::is_sorted(types, std::ranges::less_equal{}, &EventType::name) &&
              std::ranges::adjacent_find(types, {}, &EventType::name) == types.end());
}

TEST(EventTypes, AreFoundByName) {
  for (const EventType& type : event_types()) {
    ASSERT_NE(find_event_type(type.name), nullptr) << type.name;
    EXPECT_EQ(find_event_type(type.name)->says, type.says);
  }
  EXPECT_EQ(find_event_type("writ.step"), nullptr);
  EXPECT_EQ(find_event_type("zzz"), nullptr);
}

TEST(EventTypes, AreDocumentedAsTheyAre) {
  const std::string page = read(WRIT_SOURCE_DIR "/docs/formats/events.md");
  std::string expected;
  for (const EventType& type : event_types()) {
    expected += "| `" + std::string(type.name) + "` | `" + std::string(type.subject) + "` | " +
                std::string(type.says) + " |\n";
  }
  std::string found;
  const re2::RE2 row(R"((?m)^(\| `writ\..*\|)$)");
  re2::StringPiece rest(page);
  for (std::string line; re2::RE2::FindAndConsume(&rest, row, &line);) found += line + "\n";
  EXPECT_EQ(found, expected);
}

TEST(EventTypes, IncludeEveryTypeThatTheSourcesName) {
  const re2::RE2 literal(R"re("(writ\.[a-z]+\.[a-z]+)")re");
  std::set<std::string> unknown;
  for (const auto& file : fs::recursive_directory_iterator(WRIT_SOURCE_DIR "/src")) {
    const std::string name = file.path().filename();
    if (!name.ends_with(".cc") || name.ends_with("_test.cc")) continue;
    const std::string text = read(file.path());
    re2::StringPiece rest(text);
    for (std::string type; re2::RE2::FindAndConsume(&rest, literal, &type);) {
      if (find_event_type(type) == nullptr) unknown.insert(type + " in " + name);
    }
  }
  EXPECT_EQ(unknown, std::set<std::string>{})
      << "add a row to src/ledger/event_types.cc and to docs/formats/events.md";
}

}  // namespace
}  // namespace writ::ledger
