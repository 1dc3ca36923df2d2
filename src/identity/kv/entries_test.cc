#include "identity/kv/entries.h"

#include <gtest/gtest.h>

#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

class EntriesTest : public testing::Test {
 protected:
  EntriesTest() {
    const auto done = room_.store->migrate(entry_migrations(), store::DryRun::no);
    EXPECT_TRUE(done) << done.error().text();
  }

  // "made 1", "unmet", or the error's message.
  std::string put(const EntryName& name, const Value& value, const EntryCondition& when = {}) {
    const auto done = room_.store->write(
        [&](store::Tx& tx) { return put_entry(tx, name, value, when, room_.deed()); });
    return done ? said(*done) : done.error().message;
  }
  std::string remove(const EntryName& name, const EntryCondition& when = {}) {
    const auto done = room_.store->write(
        [&](store::Tx& tx) { return remove_entry(tx, name, when, room_.deed()); });
    return done ? said(*done) : done.error().message;
  }
  std::optional<Entry> find(const EntryName& name) {
    return room_.look([&](store::Tx& tx) { return find_entry(tx, name); });
  }
  std::string keys(std::string_view prefix, std::string_view after, std::size_t limit) {
    std::string out;
    for (const Entry& entry :
         room_.look([&](store::Tx& tx) { return list_entries(tx, "app", prefix, after, limit); })) {
      out += entry.key + ' ';
    }
    return out;
  }

  AccountRoom room_;

 private:
  static std::string said(const EntryChange& change) {
    constexpr std::string_view kSaid[] = {"made", "replaced", "removed", "absent", "unmet"};
    std::string out(kSaid[static_cast<std::size_t>(change.outcome)]);
    if (change.entry) out += ' ' + std::to_string(change.entry->revision);
    return out;
  }
};

TEST_F(EntriesTest, KeepValuesAndTellThemApartByRevision) {
  const EntryName name{"app", "mail:footer"};
  EXPECT_EQ(put(name, Object{{"text", "Regards"}}), "made 1");
  room_.clock.pass(std::chrono::seconds(5));
  EXPECT_EQ(put(name, "short"), "replaced 2");
  const auto found = find(name);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, Value("short"));
  EXPECT_EQ(found->revision, 2u);
  EXPECT_EQ(found->changed_at.micros - found->created_at.micros, 5'000'000);
  EXPECT_EQ(remove(name), "removed");
  EXPECT_EQ(find(name), std::nullopt);
  EXPECT_EQ(remove(name), "absent");
  EXPECT_EQ(put(name, nullptr), "made 4");  // 3 was its end
}

TEST_F(EntriesTest, ChangeOnlyWhatTheConditionMeans) {
  const EntryName name{"app", "flag"};
  EXPECT_EQ(put(name, 1, {.must_exist = true}), "unmet");
  EXPECT_EQ(put(name, 1, {.must_be_absent = true}), "made 1");
  EXPECT_EQ(put(name, 2, {.must_be_absent = true}), "unmet 1");
  EXPECT_EQ(put(name, 2, {.one_of = std::vector<std::uint64_t>{7, 1}}), "replaced 2");
  EXPECT_EQ(put(name, 3, {.one_of = std::vector<std::uint64_t>{1}}), "unmet 2");
  EXPECT_EQ(put(name, 3, {.one_of = std::vector<std::uint64_t>{}}), "unmet 2");
  EXPECT_EQ(put(name, 3, {.none_of = {2}}), "unmet 2");
  EXPECT_EQ(remove(name, {.one_of = std::vector<std::uint64_t>{1}}), "unmet 2");
  EXPECT_EQ(remove(name, {.one_of = std::vector<std::uint64_t>{2}}), "removed");
}

TEST_F(EntriesTest, AreListedByPrefixPageByPage) {
  for (const char* key : {"a:1", "a:2", "a:3", "b:1", "a"}) {
    EXPECT_TRUE(put({"app", key}, 1).starts_with("made")) << key;
  }
  EXPECT_EQ(put({"other", "a:9"}, 1), "made 6");
  EXPECT_EQ(keys("", "", 10), "a a:1 a:2 a:3 b:1 ");
  EXPECT_EQ(keys("a:", "", 2), "a:1 a:2 ");
  EXPECT_EQ(keys("a:", "a:2", 2), "a:3 ");
  EXPECT_EQ(keys("b", "a", 5), "b:1 ");
}

TEST_F(EntriesTest, RefuseNamesAndSizesOutOfBounds) {
  const std::string space =
      "a namespace is named by 1 to 63 of a-z, 0-9 and `-`, the first none of them `-`";
  for (const std::string& bad : {std::string(), std::string("-a"), std::string("A"),
                                 std::string("a/b"), std::string(64, 'a')}) {
    EXPECT_EQ(put({bad, "k"}, 1), space) << bad;
  }
  EXPECT_EQ(put({"switch", "k"}, 1), "no namespace is named `switch`: the API has the word");
  const std::string key =
      "a key is 1 to 256 of A-Z, a-z, 0-9 and `-._~:@`, and neither `.` nor `..`";
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."),
                                 std::string("a/b"), std::string(257, 'a')}) {
    EXPECT_EQ(put({"app", bad}, 1), key) << bad;
  }
  EXPECT_EQ(put({"app", "k"}, std::string(kMaxEntryBytes - 2, 'x')), "made 1");
  EXPECT_EQ(put({"app", "k"}, std::string(kMaxEntryBytes - 1, 'x')),
            "the value has more than 65,536 bytes as JSON");
}

TEST_F(EntriesTest, ANamespaceIsFullAtItsBoundAndHasRoomAgainAfterwards) {
  const std::string large(kMaxEntryBytes - 2, 'x');
  const auto fill = room_.store->write([&](store::Tx& tx) -> Result<void> {
    for (std::uint64_t i = 0; i < kMaxSpaceBytes / kMaxEntryBytes; ++i) {
      WRIT_CHECK(put_entry(tx, {"app", std::to_string(i)}, large, {}, room_.deed()));
    }
    return {};
  });
  ASSERT_TRUE(fill) << fill.error().text();
  EXPECT_EQ(put({"app", "more"}, 1),
            "the namespace app holds as much as one may: 100,000 entries, or 64 MiB of values");
  EXPECT_EQ(put({"other", "more"}, 1), "made 1025");
  EXPECT_EQ(put({"app", "7"}, 1), "replaced 1026");
  EXPECT_EQ(put({"app", "more"}, 1), "made 1027");
}

TEST_F(EntriesTest, TellOfEachChangeWithoutTheValue) {
  EXPECT_EQ(put({"app", "key"}, "do not repeat this"), "made 1");
  EXPECT_EQ(room_.last_event(),
            R"(writ.storage.changed storage/app/key {"bytes":20,"revision":1})");
  EXPECT_EQ(put({"app", "key"}, "x", {.must_be_absent = true}), "unmet 1");
  EXPECT_EQ(room_.last_event(),
            R"(writ.storage.changed storage/app/key {"bytes":20,"revision":1})");
  EXPECT_EQ(remove({"app", "key"}), "removed");
  EXPECT_EQ(room_.last_event(),
            R"(writ.storage.deleted storage/app/key {"bytes":20,"revision":2})");
}

}  // namespace
}  // namespace writ::identity
