#include "contract/settings.h"

#include <gtest/gtest.h>

namespace writ::contract {
namespace {

using Environment = std::map<std::string, std::string>;

// What was complained of, a line each.
std::string complaints(const Error& error) {
  std::string out;
  for (const Diagnostic& diagnostic : error.diagnostics) {
    if (diagnostic.at.line > 0) out += std::to_string(diagnostic.at.line) + ": ";
    out += diagnostic.message + "\n";
  }
  return out;
}

Document document_of(std::string text) {
  return parse_document("settings.yaml", std::move(text)).value();
}

TEST(Settings, HaveADefaultAndADescriptionForEachName) {
  const auto settings = Settings::lay("settings", {});
  ASSERT_TRUE(settings.has_value()) << settings.error().text();
  ASSERT_FALSE(settings->all().empty());
  for (const Setting& setting : settings->all()) {
    EXPECT_FALSE(setting.value.is_null()) << setting.name;
    EXPECT_FALSE(setting.summary.empty()) << setting.name;
    EXPECT_EQ(setting.origin, Origin::preset) << setting.name;
  }
  EXPECT_EQ(settings->text("log.level"), "info");
  EXPECT_EQ(settings->texts("server.listen"), std::vector<std::string>{"127.0.0.1:8181"});
  EXPECT_EQ(settings->duration("server.drain"), std::chrono::seconds(10));
}

TEST(Settings, TakeTheNearestLayerAndSayWhichItWas) {
  const Document file =
      document_of("log:\n  level: error\n  files: 3\nserver:\n  listen: ['127.0.0.1:1']\n");
  const Environment environment = {{"WRIT_LOG_FILES", "4"},
                                   {"WRIT_LOG_REQUESTS", "true"},
                                   {"WRIT_SERVER_LISTEN", "127.0.0.1:2,unix:/run/writ.sock"},
                                   {"WRIT_STORE", "sqlite:x"}};
  const auto settings =
      Settings::lay("settings", {&file, &environment, {"log.requests=false", "log.file=a=b"}});
  ASSERT_TRUE(settings.has_value()) << settings.error().text();
  const auto shown = [&](std::string_view name) {
    const Setting* setting = settings->find(name);
    return std::string(kOrigins.name(setting->origin)) + " " + setting->place;
  };
  EXPECT_EQ(shown("log.level"), "file settings.yaml:2");
  EXPECT_EQ(settings->text("log.level"), "error");
  EXPECT_EQ(shown("log.files"), "environment WRIT_LOG_FILES");
  EXPECT_EQ(settings->integer("log.files"), 4);
  EXPECT_EQ(shown("log.requests"), "option log.requests");
  EXPECT_FALSE(settings->flag("log.requests"));
  EXPECT_EQ(settings->text("log.file"), "a=b");
  EXPECT_EQ(settings->texts("server.listen"),
            (std::vector<std::string>{"127.0.0.1:2", "unix:/run/writ.sock"}));
  EXPECT_EQ(shown("telemetry.endpoint"), "default ");
}

TEST(Settings, AreHeldToTheirContractWhereverTheyComeFrom) {
  const Document file = document_of("log:\n  level: loud\n  colour: red\n");
  const auto of_file = Settings::lay("settings", {&file, nullptr, {}});
  ASSERT_FALSE(of_file.has_value());
  EXPECT_NE(complaints(of_file.error()).find("2: "), std::string::npos)
      << complaints(of_file.error());
  EXPECT_NE(complaints(of_file.error()).find("3: "), std::string::npos);

  const Environment environment = {{"WRIT_LOG_FILES", "many"}, {"WRIT_LOG_REQUESTS", "yes"}};
  const auto of_environment = Settings::lay("settings", {nullptr, &environment, {}});
  ASSERT_FALSE(of_environment.has_value());
  EXPECT_EQ(complaints(of_environment.error()),
            "WRIT_LOG_FILES: `many` is no integer\nWRIT_LOG_REQUESTS: `yes` is no boolean\n");

  const Environment beyond = {{"WRIT_LOG_FILES", "0"}};
  const auto of_bounds = Settings::lay("settings", {nullptr, &beyond, {}});
  ASSERT_FALSE(of_bounds.has_value());
  EXPECT_EQ(complaints(of_bounds.error()).find("WRIT_LOG_FILES: "), 0U)
      << complaints(of_bounds.error());
}

TEST(Settings, NameWhatAnUnknownOptionMayHaveMeant) {
  const auto settings = Settings::lay("settings", {nullptr, nullptr, {"log.levl=debug", "x"}});
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(complaints(settings.error()),
            "there is no setting log.levl (did you mean `log.level`?)\n"
            "there is no setting x\n");
}

TEST(Settings, SayWhatHasChanged) {
  const auto older = Settings::lay("settings", {});
  const auto newer =
      Settings::lay("settings", {nullptr, nullptr, {"log.level=debug", "log.files=8"}});
  ASSERT_TRUE(older.has_value());
  ASSERT_TRUE(newer.has_value());
  EXPECT_EQ(newer->changed_since(*older), std::vector<std::string>{"log.level"});
}

}  // namespace
}  // namespace writ::contract
