#include "cli/parse_arguments.h"

#include <gtest/gtest.h>

namespace writ::cli {
namespace {

ParsedCommand parsed(const std::vector<std::string>& words) {
  auto result = parse_arguments(words);
  EXPECT_TRUE(result) << result.error().text();
  if (!result || !std::holds_alternative<ParsedCommand>(*result)) return {};
  return std::get<ParsedCommand>(*std::move(result));
}

std::string refusal(const std::vector<std::string>& words) {
  const auto result = parse_arguments(words);
  EXPECT_FALSE(result);
  if (result) return "";
  EXPECT_EQ(result.error().code, Code::usage);
  return result.error().message;
}

TEST(ParseArguments, TakesGlobalOptionsBeforeAndBehindTheCommand) {
  for (const auto& words : {std::vector<std::string>{"--json", "--dir", "x", "status", "r"},
                            std::vector<std::string>{"status", "r", "--dir", "x", "--json"}}) {
    const ParsedCommand command = parsed(words);
    EXPECT_TRUE(command.global.is_json);
    EXPECT_EQ(command.global.directory, "x");
    EXPECT_EQ(command.arguments.positional("RUN"), "r");
  }
}

TEST(ParseArguments, SendsTokensInTheOpenOnlyWhereThatIsSaid) {
  EXPECT_FALSE(parsed({"--server", "http://h", "status"}).global.may_be_plain);
  EXPECT_TRUE(parsed({"--server", "http://h", "--plain-http", "status"}).global.may_be_plain);
}

TEST(ParseArguments, LeavesOutWhatIsOptional) {
  const ParsedCommand command = parsed({"status"});
  EXPECT_EQ(command.arguments.positional("RUN"), "");
  EXPECT_FALSE(command.global.is_json);
  EXPECT_FALSE(command.global.is_quiet);
  EXPECT_TRUE(command.global.has_color);
  EXPECT_FALSE(parsed({"--no-color", "status"}).global.has_color);
}

TEST(ParseArguments, NeverGivesARepeatedOptionThePositionalBehindIt) {
  const ParsedCommand command =
      parsed({"trust", "add", "--role", "maintainer", "--role", "auditor", "key.pub"});
  EXPECT_EQ(command.arguments.values("--role"),
            (std::vector<std::string>{"maintainer", "auditor"}));
  EXPECT_EQ(command.arguments.positional("FILE.pub"), "key.pub");
}

TEST(ParseArguments, TakesSeveralFilesBehindOneOption) {
  const ParsedCommand command =
      parsed({"submit", "latest", "port", "--evidence", "a.xml", "b.xml", "--note", "done"});
  EXPECT_EQ(command.arguments.values("--evidence"), (std::vector<std::string>{"a.xml", "b.xml"}));
  EXPECT_EQ(command.arguments.value("--note"), "done");
}

TEST(ParseArguments, TakesSeveralPositionalsWhereThereMayBeMany) {
  const ParsedCommand command =
      parsed({"contract", "validate", "--schema", "s.json", "a.json", "b.json"});
  EXPECT_EQ(command.arguments.positionals("FILE"), (std::vector<std::string>{"a.json", "b.json"}));
}

TEST(ParseArguments, AnswersVersionAndHelp) {
  for (const auto& words : {std::vector<std::string>{"--version"},
                            {"--help"},
                            {"help"},
                            {"help", "ledger", "verify"},
                            {"ledger", "--help"}}) {
    const auto result = parse_arguments(words);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_TRUE(std::holds_alternative<HelpText>(*result));
  }
}

TEST(ParseArguments, NamesTheNearestCommandAndOption) {
  EXPECT_EQ(refusal({"aply", "spec.yaml"}), "there is no command aply (did you mean `apply`?)");
  EXPECT_EQ(refusal({"--dir", "x", "aply"}), "there is no command aply (did you mean `apply`?)");
  EXPECT_EQ(refusal({"ledger", "verfy"}),
            "there is no command ledger verfy (did you mean `verify`?)");
  EXPECT_EQ(refusal({"identity", "role", "list"}),
            "there is no command identity role (did you mean `roles`?)");
  EXPECT_EQ(refusal({"identity", "roles", "asign"}),
            "there is no command identity roles asign (did you mean `assign`?)");
  EXPECT_NE(refusal({"apply", "s", "--junti", "x"}).find("did you mean `--junit`"),
            std::string::npos);
}

TEST(ParseArguments, RefusesWhatIsMissingOrTooMuch) {
  EXPECT_NE(refusal({}), "");
  EXPECT_NE(refusal({"ledger"}), "");
  EXPECT_NE(refusal({"apply"}).find("SPEC"), std::string::npos);
  EXPECT_NE(refusal({"status", "a", "b"}), "");
  EXPECT_NE(refusal({"export"}).find("--out"), std::string::npos);
  EXPECT_NE(refusal({"export", "--out", "a", "--out", "b"}), "");
}

}  // namespace
}  // namespace writ::cli
