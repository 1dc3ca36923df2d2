// What a server would be told and by whom (config show), and whether all is well here (doctor).
#include <algorithm>

#include "writ_shell.h"

namespace writ::e2e {
namespace {

class DoctorTest : public WritTest {
 protected:
  // Name → what `of` holds of the entry, out of a list of objects with names.
  static std::map<std::string, std::string> column(const Value& list, std::string_view of) {
    std::map<std::string, std::string> out;
    for (const Value& row : list.as_array()) {
      out[std::string(row.string_or("name", ""))] = row.string_or(of, "");
    }
    return out;
  }
};

TEST_F(DoctorTest, ShowsWhereEachSettingComesFrom) {
  set_up();
  write(".writ/settings.yaml", "log:\n  level: warning\n  files: 3\n");
  environment_["WRIT_LOG_FILES"] = "4";
  const Value shown = json(writ_expecting(0, {"config", "show", "--json"}).out);
  const auto places = column(at(shown, {"settings"}), "place");
  EXPECT_TRUE(contains(places.at("log.level"), ".writ/settings.yaml:2")) << places.at("log.level");
  EXPECT_EQ(places.at("log.files"), "WRIT_LOG_FILES");
  EXPECT_EQ(places.at("log.file"), "");
  EXPECT_EQ(column(at(shown, {"settings"}), "value").at("log.level"), "warning");
  EXPECT_EQ(text_at(shown, {"kind"}), "Config");
  const Ran for_people = writ_expecting(0, {"config", "show"});
  EXPECT_TRUE(contains(for_people.out, "log.files")) << for_people.out;
  EXPECT_TRUE(contains(for_people.out, "(WRIT_LOG_FILES)")) << for_people.out;
}

TEST_F(DoctorTest, RefusesSettingsThatBreakTheContract) {
  set_up();
  write(".writ/settings.yaml", "log:\n  level: loud\n");
  const Ran ran = writ_expecting(2, {"config", "check"});
  EXPECT_TRUE(contains(ran.err, ".writ/settings.yaml:2:10")) << ran.text();
}

TEST_F(DoctorTest, FindsEverythingWellInARepositoryThatIsSetUp) {
  set_up();
  const Value found = json(writ_expecting(0, {"doctor", "--json"}).out);
  const auto health = column(at(found, {"findings"}), "health");
  for (const std::string name : {"repository", "config", "settings", "store", "ledger", "keys"}) {
    EXPECT_EQ(health.at(name), "good") << name;
  }
  EXPECT_EQ(column(at(found, {"findings"}), "text").at("ledger"), "0 events, 0 pending");
}

TEST_F(DoctorTest, SaysWhatIsWrongAndWhatToDo) {
  set_up();
  write(".writ/settings.yaml", "log: {level: loud}\n");
  std::filesystem::remove_all(root() / ".writ/keys");
  const Ran ran = writ_expecting(1, {"doctor", "--json", "--bundle", "findings.json"});
  const Value found = json(ran.out);
  EXPECT_EQ(text_at(found, {"health"}), "bad");
  const auto health = column(at(found, {"findings"}), "health");
  EXPECT_EQ(health.at("settings"), "bad");
  EXPECT_EQ(health.at("keys"), "bad");
  EXPECT_EQ(health.at("store"), "good");
  EXPECT_FALSE(column(at(found, {"findings"}), "remedy").at("keys").empty());
  EXPECT_EQ(json(read("findings.json")), found);
}

TEST_F(DoctorTest, LooksOutsideARepositoryToo) {
  std::filesystem::remove_all(root() / ".git");
  const Value found = json(writ_expecting(1, {"doctor", "--json"}).out);
  EXPECT_EQ(column(at(found, {"findings"}), "health").at("repository"), "bad");
}

}  // namespace
}  // namespace writ::e2e
