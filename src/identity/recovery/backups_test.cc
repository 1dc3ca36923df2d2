#include "identity/recovery/backups.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "base/file.h"
#include "identity/kv/entries.h"
#include "identity/recovery/recovered_tables.h"
#include "identity/recovery/recovery_rows.h"
#include "identity/recovery/testing/recovery_room.h"

namespace writ::identity {
namespace {

namespace fs = std::filesystem;

class BackupsTest : public testing::Test {
 protected:
  BackupsTest() { room_.add_user(1, "root@example.org", true); }

  std::vector<fs::path> files_of(const Manifest& manifest) {
    std::vector<fs::path> out;
    for (const auto& one : fs::directory_iterator(room_.place() / manifest.id.text())) {
      out.push_back(one.path());
    }
    return out;
  }
  std::string opening(const RecoveryParts& parts, BackupId id) {
    const auto opened = open_backup(parts, id);
    return opened ? "ok" : opened.error().message;
  }

  RecoveryRoom room_;
};

TEST(RecoveredTables, SayWhatBecomesOfEachTableThatThereIs) {
  std::set<std::string> there;
  for (const store::Migration& one : identity_migrations()) {
    for (const store::Table& table : one.creates) there.emplace(table.name);
  }
  std::set<std::string> ruled;
  for (const RecoveredTable& table : recovered_tables()) {
    EXPECT_TRUE(ruled.emplace(table.name).second) << table.name << " has two rules";
    EXPECT_NE(table.settle, nullptr) << table.name;
  }
  EXPECT_EQ(ruled, there) << "src/identity/recovery/recovered_tables.cc";
}

TEST_F(BackupsTest, SayWhatTheyHoldAndHoldNothingInTheClear) {
  room_.add_user(2, "ada@example.org");
  EXPECT_EQ(room_.attempt([](store::Tx& tx, const Deed& by) -> Result<void> {
    WRIT_CHECK(put_entry(tx, {"app", "footer"}, "in confidence", {}, by));
    return {};
  }),
            "ok");
  ASSERT_TRUE(room_.ledger->sequence());
  const Manifest made = room_.back_up();
  EXPECT_EQ(made.rows_of("identity_users"), 2u);
  EXPECT_EQ(made.rows_of("identity_user_emails"), 2u);
  EXPECT_EQ(made.rows_of("storage_entries"), 1u);
  EXPECT_EQ(made.keks, std::vector<std::string>{"test"});
  EXPECT_EQ(made.storage_revision, 1u);
  EXPECT_EQ(made.ledger_size, 3u);
  EXPECT_EQ(made.schema.at("identity_api_keys"), 2u);
  const auto files = files_of(made);
  EXPECT_GT(files.size(), 4u);
  for (const fs::path& file : files) {
    struct stat status = {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u) << file;
    const std::string text = read_file(file, 1 << 20).value();
    for (const char* secret : {"example.org", "violet", "confidence", "hashed:"}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in " << file;
    }
  }
  EXPECT_EQ(room_.last_event(), "writ.recovery.backed_up backup/" + made.id.text() +
                                    R"( {"ledger_size":3,"reason":"asked","removed":0,"rows":)" +
                                    std::to_string(made.rows()) + R"(,"users":2})");
}

TEST_F(BackupsTest, AChangedByteIsNoticedInWhicheverFile) {
  const Manifest made = room_.back_up();
  const auto files = files_of(made);
  for (const fs::path& file : files) {
    const std::string text = read_file(file, 1 << 20).value();
    std::string changed = text;
    changed[text.size() / 2] = changed[text.size() / 2] == 'A' ? 'B' : 'A';
    ASSERT_TRUE(replace_file(file, changed, 0600));
    const auto opened = open_backup(room_.parts(), made.id);
    ASSERT_FALSE(opened) << file;
    const Code code = opened.error().code;
    EXPECT_TRUE(code == Code::tampered || code == Code::signature_bad ||
                code == Code::invalid_input)
        << file << ": " << opened.error().text();
    ASSERT_TRUE(replace_file(file, text, 0600));
  }
  EXPECT_EQ(opening(room_.parts(), made.id), "ok");
  const fs::path part = room_.place() / made.id.text() / "identity_users-1";
  const std::string text = read_file(part, 1 << 20).value();
  ASSERT_TRUE(replace_file(part, text + text, 0600));
  EXPECT_EQ(opening(room_.parts(), made.id),
            "table identity_users of the backup is damaged: the file identity_users-1 was changed");
}

TEST_F(BackupsTest, NeedTheKeysOfTheirTime) {
  const Manifest made = room_.back_up();
  const ServerSecrets others = RecoveryRoom::secrets_named("test", 'x');
  RecoveryParts parts{*room_.store, *room_.journal, room_.clock,
                      room_.random, others,         room_.place()};
  EXPECT_EQ(opening(parts, made.id),
            "the manifest of the backup is not signed by a key that this server has");
  Manifest needy = made;
  needy.peppers = {"pepper-7"};
  ASSERT_TRUE(replace_file(room_.place() / made.id.text() / "manifest.json",
                           sign_manifest(needy, room_.secrets.keks.front()).value(), 0600));
  EXPECT_EQ(opening(room_.parts(), made.id),
            "the backup needs the key pepper-7, which is not here");
}

TEST_F(BackupsTest, OfANewerSchemaAreRefused) {
  Manifest made = room_.back_up();
  made.schema["identity_users"] = 99;
  ASSERT_TRUE(replace_file(room_.place() / made.id.text() / "manifest.json",
                           sign_manifest(made, room_.secrets.keks.front()).value(), 0600));
  EXPECT_EQ(opening(room_.parts(), made.id),
            "the backup holds version 99 of module \"identity_users\", which this Writ does not "
            "know");
}

TEST_F(BackupsTest, TheOldestGoBeyondThoseToBeKept) {
  EXPECT_EQ(room_.attempt([](store::Tx& tx, const Deed& by) {
    return change_recovery_config(tx, Object{{"keep", 2}}, by);
  }),
            "ok");
  const Manifest first = room_.back_up();
  const Manifest second = room_.back_up();
  const Manifest third = room_.back_up();
  const auto listed = list_backups(room_.parts());
  ASSERT_TRUE(listed) << listed.error().text();
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].id, third.id);
  EXPECT_EQ((*listed)[1].id, second.id);
  EXPECT_EQ(opening(room_.parts(), first.id), "there is no backup " + first.id.text());
}

TEST_F(BackupsTest, ThatCouldNotBeRestoredAreNone) {
  RecoveryRoom empty;
  empty.add_user(1, "ada@example.org");
  const auto made = make_backup(empty.parts(), BackupReason::asked, empty.deed());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "nobody would be there to administer the server");
  EXPECT_EQ(list_backups(empty.parts())->size(), 0u);
  EXPECT_TRUE(fs::is_empty(empty.place()));
}

TEST_F(BackupsTest, GoToAPlaceThatNobodyElseMayEnter) {
  const auto set = [&](const std::string& place) {
    const auto done = room_.store->write([&](store::Tx& tx) {
      return change_recovery_config(tx, Object{{"place", place}}, room_.deed());
    });
    return done ? done->place : done.error().message;
  };
  const std::string no_directory = "the place of backups is no absolute path of a directory";
  EXPECT_EQ(set("backups"), no_directory);
  EXPECT_EQ(set((room_.directory.path() / "missing").string()), no_directory);
  EXPECT_EQ(set(room_.directory.path().string() + "/a/.."), no_directory);
  const fs::path open = room_.directory.path() / "open";
  ASSERT_TRUE(make_directory(open, 0755));
  fs::permissions(open, fs::perms(0755));
  EXPECT_NE(set(open.string()).find("open"), std::string::npos);
  const fs::path own = room_.directory.path() / "own";
  ASSERT_TRUE(make_directory(own, 0700));
  EXPECT_EQ(set(own.string()), own.string());
  const Manifest made = room_.back_up();
  EXPECT_TRUE(fs::exists(own / made.id.text() / "manifest.json"));
}

}  // namespace
}  // namespace writ::identity
