// The command table itself: sorted, unique, documented, and every row parses and has help.
#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <sstream>

#include "cli/command.h"
#include "cli/parse_arguments.h"

namespace writ::cli {
namespace {

std::vector<std::string> words_of(const Command& command) {
  std::istringstream in{std::string(command.words)};
  return {std::istream_iterator<std::string>(in), {}};
}

TEST(CommandTable, IsSortedAndNamesEachCommandOnce) {
  for (std::size_t i = 1; i < command_table().size(); ++i) {
    EXPECT_LT(command_table()[i - 1].words, command_table()[i].words);
  }
}

TEST(CommandTable, SaysWhatEveryCommandOptionAndPositionalIs) {
  for (const Command& command : command_table()) {
    EXPECT_NE(command.run, nullptr) << command.words;
    EXPECT_FALSE(command.summary.empty()) << command.words;
    EXPECT_FALSE(command.summary.ends_with('.')) << command.words;
    std::set<std::string_view> names;
    for (const PositionalRow& row : command.positionals) {
      EXPECT_FALSE(row.help.empty()) << command.words << " " << row.name;
      EXPECT_TRUE(names.insert(row.name).second) << command.words << " " << row.name;
    }
    for (const OptionRow& row : command.options) {
      EXPECT_TRUE(row.name.starts_with("--")) << command.words << " " << row.name;
      EXPECT_FALSE(row.help.empty()) << command.words << " " << row.name;
      EXPECT_TRUE(names.insert(row.name).second) << command.words << " " << row.name;
    }
  }
}

TEST(CommandTable, PutsOptionalAndManyPositionalsLast) {
  for (const Command& command : command_table()) {
    for (std::size_t i = 0; i + 1 < command.positionals.size(); ++i) {
      EXPECT_EQ(command.positionals[i].need, PositionalRow::required) << command.words;
    }
  }
}

TEST(CommandTable, HasASummaryForEveryGroupAndNoOther) {
  std::set<std::string_view> used;
  for (const Command& command : command_table()) {
    for (std::size_t space = command.words.find(' '); space != std::string_view::npos;
         space = command.words.find(' ', space + 1)) {
      used.insert(command.words.substr(0, space));
    }
  }
  std::set<std::string_view> described;
  for (const CommandGroup& group : command_groups()) {
    EXPECT_FALSE(group.summary.empty()) << group.word;
    described.insert(group.word);
  }
  EXPECT_EQ(described, used);
}

TEST(CommandTable, GivesHelpForEveryCommand) {
  for (const Command& command : command_table()) {
    std::vector<std::string> words = words_of(command);
    words.emplace_back("--help");
    const auto parsed = parse_arguments(words);
    ASSERT_TRUE(parsed) << command.words << ": " << parsed.error().text();
    const auto* help = std::get_if<HelpText>(&*parsed);
    ASSERT_NE(help, nullptr) << command.words;
    EXPECT_NE(help->text.find(command.summary), std::string::npos) << help->text;
    for (const OptionRow& row : command.options) {
      EXPECT_NE(help->text.find(row.name), std::string::npos) << help->text;
    }
  }
}

TEST(CommandTable, ParsesEveryCommandWithAllThatItTakes) {
  for (const Command& command : command_table()) {
    std::vector<std::string> words = words_of(command);
    for (const PositionalRow& row : command.positionals)
      words.push_back("p:" + std::string(row.name));
    for (const OptionRow& row : command.options) {
      words.emplace_back(row.name);
      if (!row.value.empty()) words.push_back("v:" + std::string(row.name));
    }
    const auto parsed = parse_arguments(words);
    ASSERT_TRUE(parsed) << command.words << ": " << parsed.error().text();
    const auto& found = std::get<ParsedCommand>(*parsed);
    EXPECT_EQ(found.command->words, command.words);
    for (const PositionalRow& row : command.positionals) {
      EXPECT_EQ(found.arguments.positional(row.name), "p:" + std::string(row.name))
          << command.words;
    }
    for (const OptionRow& row : command.options) {
      EXPECT_TRUE(found.arguments.has(row.name)) << command.words << " " << row.name;
      if (!row.value.empty()) {
        EXPECT_EQ(found.arguments.value(row.name), "v:" + std::string(row.name)) << command.words;
      }
    }
  }
}

}  // namespace
}  // namespace writ::cli
