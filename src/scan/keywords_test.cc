#include "scan/keywords.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace writ::scan {
namespace {

constexpr Keyword kSample[] = {{"todo", 1}, {R"(for\s+now)", 2}, {"klu?udge", 4}, {R"(here\b)", 8}};

std::vector<std::size_t> line_numbers(const Keywords& keywords, std::string_view text) {
  std::vector<std::size_t> lines;
  keywords.each_line(text, [&](std::size_t at, std::uint32_t) {
    lines.push_back(static_cast<std::size_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')));
    return true;
  });
  return lines;
}

TEST(Keywords, CallOnceForEachLineThatHoldsAny) {
  const Keywords keywords(kSample);
  const std::string text =
      "nothing\n"
      "a TODO, and a todo\n"
      "\n"
      "for \t now\n"
      "hereafter\n"
      "a kludge HERE";
  EXPECT_EQ(line_numbers(keywords, text), (std::vector<std::size_t>{1, 3, 5}));
  EXPECT_EQ(line_numbers(keywords, ""), std::vector<std::size_t>{});
}

TEST(Keywords, SayWhoOwnsWhatALineHolds) {
  const Keywords keywords(kSample);
  std::vector<std::uint32_t> owners;
  keywords.each_line("a kludge here\ntodo todo\nnothing\n", [&](std::size_t, std::uint32_t of) {
    owners.push_back(of);
    return true;
  });
  EXPECT_EQ(owners, (std::vector<std::uint32_t>{4 | 8, 1}));
}

TEST(Keywords, CountAKeywordOverTwoLinesInItsLast) {
  const Keywords keywords(kSample);
  EXPECT_EQ(line_numbers(keywords, "for\nnow\n"), std::vector<std::size_t>{1});
}

TEST(Keywords, StopWhenTheyAreToldTo) {
  const Keywords keywords(kSample);
  std::vector<std::size_t> places;
  keywords.each_line("todo\ntodo\ntodo\n", [&](std::size_t at, std::uint32_t) {
    places.push_back(at);
    return places.size() < 2;
  });
  EXPECT_EQ(places, (std::vector<std::size_t>{3, 8}));
}

TEST(Keywords, FindNothingWhereThereAreNone) {
  const Keywords none({});
  EXPECT_EQ(line_numbers(none, "todo\n"), std::vector<std::size_t>{});
}

// Whatever lies around a word, and at whatever distance from the ends of the processor's blocks.
TEST(Keywords, AgreeWithALookAtEachLine) {
  const Keyword words[] = {{"todo"}, {"kludge"}};
  const Keywords keywords(words);
  std::minstd_rand random(7);
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    std::vector<std::size_t> expected;
    // Short texts are looked through in a copy, of long ones the end is.
    const std::size_t lines = random() % (round % 10 == 0 ? 800 : 20);
    for (std::size_t i = 0; i < lines; ++i) {
      text.append(random() % 70, static_cast<char>("to\x80 d"[random() % 5]));
      if (random() % 3 == 0) {
        text += random() % 2 == 0 ? "ToDo" : "KLUDGE";
        expected.push_back(i);
      }
      text.append(random() % 40, '-');
      text += '\n';
    }
    ASSERT_EQ(line_numbers(keywords, text), expected) << text;
  }
}

TEST(Keywords, ServeSeveralThreadsAtOnce) {
  const Keywords keywords(kSample);
  const std::string text = "x\ntodo\n" + std::string(10'000, 'y') + "\nhere\n";
  std::vector<std::vector<std::size_t>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& lines : found) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) lines = line_numbers(keywords, text);
      });
    }
  }
  for (const auto& lines : found) EXPECT_EQ(lines, (std::vector<std::size_t>{1, 3}));
}

}  // namespace
}  // namespace writ::scan
