#include "project/backends.h"

#include <gtest/gtest.h>

#include <fstream>

#include "store/testing/temporary_directory.h"

namespace writ::project {
namespace {

using Names = std::vector<std::string>;

TEST(BackendsTest, AreNamedByTheSettingsAndTheProjectsOwnFileIsOne) {
  const store::TemporaryDirectory directory;
  std::ofstream(directory.file("url")) << "postgresql://writ:secret@db/writ\n";
  const auto backends =
      Backends::parse({"pg=file:" + directory.file("url"), "spare=sqlite:/srv/spare.db"},
                      "sqlite:/srv/own.db")
          .value();
  EXPECT_EQ(backends.names(), (Names{"pg", "spare", "sqlite"}));
  EXPECT_EQ(backends.url("pg").value(), "postgresql://writ:secret@db/writ");
  EXPECT_EQ(backends.url("sqlite").value(), "sqlite:/srv/own.db");
  EXPECT_EQ(backends.name_of("sqlite:/srv/spare.db"), "spare");
  EXPECT_EQ(backends.name_of("sqlite:/srv/other.db"), "");
  EXPECT_EQ(Backends::parse({}, "").value().names(), Names{});
}

TEST(BackendsTest, RefuseWhatCannotBeMeantAndNameNoSecret) {
  const auto backends =
      Backends::parse({"pg=postgresql://writ:secret@db/writ", "lost=file:/nowhere/url"}, "")
          .value();
  const auto unknown = backends.url("mysql");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::not_found);
  EXPECT_EQ(unknown.error().message, "there is no store named mysql");
  EXPECT_TRUE(unknown.error().remediation.contains("lost, pg")) << unknown.error().remediation;
  EXPECT_FALSE(unknown.error().remediation.contains("secret"));
  EXPECT_TRUE(backends.url("lost").error().text().contains("the store lost"));
  for (const Names& listed : {Names{"sqlite=sqlite:/a"}, Names{"=sqlite:/a"}, Names{"nothing"},
                              Names{"a=sqlite:/a", "a=postgresql://writ:secret@db/a"}}) {
    const auto refused = Backends::parse(listed, "sqlite:/srv/own.db");
    ASSERT_FALSE(refused) << listed.front();
    EXPECT_EQ(refused.error().code, Code::invalid_input);
    EXPECT_FALSE(refused.error().text().contains("secret")) << refused.error().text();
  }
}

TEST(BackendsTest, AreReadFromTheFileAndTheEnvironment) {
  const store::TemporaryDirectory directory;
  const std::string file = directory.file("settings.yaml");
  EXPECT_EQ(Backends::load(file, {}, "").value().names(), Names{});
  std::ofstream(file) << "storage:\n  backends: [\"pg=postgresql://db/writ\"]\n";
  EXPECT_EQ(Backends::load(file, {}, "sqlite:/own").value().names(), (Names{"pg", "sqlite"}));
  EXPECT_EQ(Backends::load(file, {{"WRIT_STORAGE_BACKENDS", "spare=sqlite:/srv/spare.db"}}, "")
                .value()
                .names(),
            Names{"spare"});
  std::ofstream(file) << "storage:\n  backends: [\"PG postgresql://db/writ\"]\n";
  EXPECT_EQ(Backends::load(file, {}, "").error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ::project
