#include "crypto/keyring.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/testing/fake_clock.h"
#include "base/testing/temporary_directory.h"

namespace writ::crypto {
namespace {

using namespace std::chrono_literals;

// While it lives, no file of this process grows beyond `limit`: a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t limit) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{limit, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &tight);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

class KeyringTest : public testing::Test {
 protected:
  Keyring open() const {
    auto ring = Keyring::open(dir(), clock_);
    EXPECT_TRUE(ring) << ring.error().text();
    return *std::move(ring);
  }
  std::filesystem::path dir() const { return temporary_.path() / ".writ" / "keys"; }

  static unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777u;
  }

  TemporaryDirectory temporary_;
  FakeClock clock_;
};

TEST_F(KeyringTest, StartsEmptyAndPrivate) {
  const Keyring ring = open();
  EXPECT_TRUE(ring.list().empty());
  EXPECT_EQ(ring.active(), nullptr);
  EXPECT_EQ(ring.load_active(std::nullopt).error().code, Code::not_found);
  EXPECT_EQ(mode_of(dir()), 0700u);
}

TEST_F(KeyringTest, RotatesAndKeepsTheOldKeyRetired) {
  Keyring ring = open();
  const KeyInfo first = ring.rotate("runner", std::nullopt).value();
  clock_.advance(1h);
  const KeyInfo second = ring.rotate("runner-2", std::nullopt).value();
  const Keyring reopened = open();
  for (const Keyring* keys : {&std::as_const(ring), &reopened}) {
    ASSERT_EQ(keys->list().size(), 2u);
    EXPECT_EQ(keys->list()[0].id, first.id);
    EXPECT_EQ(keys->list()[0].state, KeyState::retired);
    EXPECT_EQ(keys->list()[0].ended, clock_.wall());
    EXPECT_EQ(keys->list()[1].state, KeyState::active);
    EXPECT_EQ(keys->list()[1].name, "runner-2");
    EXPECT_EQ(keys->list()[1].created, clock_.wall());
    EXPECT_FALSE(keys->list()[1].ended);
    ASSERT_NE(keys->active(), nullptr);
    EXPECT_EQ(keys->active()->id, second.id);
    EXPECT_EQ(keys->load_active(std::nullopt)->id(), second.id);
  }
}

TEST_F(KeyringTest, LetsNobodyElseReadItsFiles) {
  Keyring ring = open();
  ASSERT_TRUE(ring.rotate("runner", std::nullopt));
  for (const auto& entry : std::filesystem::directory_iterator(dir())) {
    if (entry.path().extension() == ".pub") continue;
    EXPECT_EQ(mode_of(entry.path()), 0600u) << entry.path();
  }
}

TEST_F(KeyringTest, RefusesADirectoryOrIndexOpenToOthers) {
  {
    Keyring ring = open();
    ASSERT_TRUE(ring.rotate("runner", std::nullopt));
  }
  ASSERT_EQ(::chmod(dir().c_str(), 0755), 0);
  const auto open_dir = Keyring::open(dir(), clock_);
  EXPECT_EQ(open_dir.error().code, Code::invalid_input);
  EXPECT_NE(open_dir.error().remedy().find("chmod 700"), std::string::npos);
  ASSERT_EQ(::chmod(dir().c_str(), 0700), 0);
  ASSERT_EQ(::chmod((dir() / "keyring.json").c_str(), 0644), 0);
  EXPECT_EQ(Keyring::open(dir(), clock_).error().code, Code::invalid_input);
}

TEST_F(KeyringTest, WantsThePassphraseOfTheActiveKey) {
  Keyring ring = open();
  const KeyInfo info = ring.rotate("runner", "open sesame").value();
  EXPECT_EQ(ring.load_active("open sesame")->id(), info.id);
  EXPECT_EQ(ring.load_active("wrong").error().code, Code::not_permitted);
  EXPECT_EQ(ring.load_active(std::nullopt).error().code, Code::not_permitted);
}

TEST_F(KeyringTest, RevokesOnceAndForAll) {
  Keyring ring = open();
  const KeyInfo info = ring.rotate("runner", std::nullopt).value();
  const WallTime revoked_at = clock_.wall();
  ASSERT_TRUE(ring.revoke(info.id, "laptop lost"));
  clock_.advance(24h);
  ASSERT_TRUE(ring.revoke(info.id, "again"));
  const Keyring reopened = open();
  ASSERT_EQ(reopened.list().size(), 1u);
  EXPECT_EQ(reopened.list()[0].state, KeyState::revoked);
  EXPECT_EQ(reopened.list()[0].ended, revoked_at);
  EXPECT_EQ(reopened.list()[0].reason, "laptop lost");
  EXPECT_EQ(reopened.active(), nullptr);
  EXPECT_EQ(reopened.load_active(std::nullopt).error().code, Code::not_found);
}

TEST_F(KeyringTest, KeepsARevokedKeyRevokedWhenItRotates) {
  Keyring ring = open();
  const KeyInfo bad = ring.rotate("runner", std::nullopt).value();
  ASSERT_TRUE(ring.revoke(bad.id, "lost"));
  ASSERT_TRUE(ring.rotate("runner", std::nullopt));
  EXPECT_EQ(ring.list()[0].state, KeyState::revoked);
  EXPECT_EQ(ring.list()[0].reason, "lost");
}

TEST_F(KeyringTest, DoesNotKnowForeignKeys) {
  Keyring ring = open();
  EXPECT_EQ(ring.revoke(SecretKey::generate().id(), "x").error().code, Code::not_found);
}

TEST_F(KeyringTest, LosesNoKeyWhenTwoRingsWrite) {
  Keyring one = open();
  Keyring two = open();
  ASSERT_TRUE(one.rotate("from one", std::nullopt));
  ASSERT_TRUE(two.rotate("from two", std::nullopt));
  EXPECT_EQ(two.list().size(), 2u);
  EXPECT_EQ(open().list().size(), 2u);
  EXPECT_EQ(open().active()->name, "from two");
}

TEST_F(KeyringTest, StaysAsItWasWhenTheNewKeyCannotBeWritten) {
  Keyring ring = open();
  const KeyInfo old = ring.rotate("runner", std::nullopt).value();
  {
    const FullDisk full(100);
    EXPECT_EQ(ring.rotate("new", std::nullopt).error().code, Code::storage_failed);
  }
  EXPECT_EQ(ring.active()->id, old.id);
  EXPECT_EQ(open().load_active(std::nullopt)->id(), old.id);
  EXPECT_EQ(open().list().size(), 1u);
}

TEST_F(KeyringTest, StaysAsItWasWhenTheIndexCannotBeWritten) {
  Keyring ring = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ring.rotate("runner", std::nullopt));
  const KeyId old = ring.active()->id;
  const std::string before = read_file(dir() / "keyring.json", 1 << 20).value();
  {
    // Room for a key file, but not for the index of four keys.
    const FullDisk full(600);
    EXPECT_EQ(ring.rotate("new", std::nullopt).error().code, Code::storage_failed);
    EXPECT_EQ(ring.revoke(old, "x").error().code, Code::storage_failed);
  }
  EXPECT_EQ(read_file(dir() / "keyring.json", 1 << 20).value(), before);
  EXPECT_EQ(ring.active()->id, old);
  EXPECT_EQ(open().load_active(std::nullopt)->id(), old);
  EXPECT_EQ(ring.rotate("new", std::nullopt)->name, "new") << "and goes on once there is room";
}

// SIGXFSZ ends the process in the middle of a write, at every size that a file of the keyring has.
TEST_F(KeyringTest, StaysAsItWasWhenTheProcessEndsWhileItWrites) {
  Keyring ring = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ring.rotate("runner", std::nullopt));
  const KeyId old = ring.active()->id;
  const std::string before = read_file(dir() / "keyring.json", 1 << 20).value();
  for (rlim_t limit = 0; limit < before.size(); limit += 100) {
    const auto rotate_until_killed = [&] {
      const rlimit tight{limit, RLIM_INFINITY};
      ::setrlimit(RLIMIT_FSIZE, &tight);
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      if (ring.rotate("new", std::nullopt)) ::_exit(0);
      ::_exit(1);
    };
    EXPECT_EXIT(rotate_until_killed(), testing::KilledBySignal(SIGXFSZ), "") << limit;
    EXPECT_EQ(read_file(dir() / "keyring.json", 1 << 20).value(), before) << limit;
    EXPECT_EQ(open().load_active(std::nullopt)->id(), old) << limit;
  }
  EXPECT_TRUE(ring.rotate("new", std::nullopt)) << "the lock went with the process";
}

TEST_F(KeyringTest, NoticesAKeyFileThatWasExchanged) {
  Keyring ring = open();
  const KeyInfo first = ring.rotate("one", std::nullopt).value();
  const KeyInfo second = ring.rotate("two", std::nullopt).value();
  std::filesystem::rename(dir() / (first.id.hex + ".key"), dir() / (second.id.hex + ".key"));
  EXPECT_EQ(ring.load_active(std::nullopt).error().code, Code::tampered);
}

TEST_F(KeyringTest, RefusesAnIndexThatWasChanged) {
  Keyring ring = open();
  ASSERT_TRUE(ring.rotate("one", std::nullopt));
  ASSERT_TRUE(ring.rotate("two", std::nullopt));
  const auto index = dir() / "keyring.json";
  const Value good = parse_json(read_file(index, 1 << 20).value()).value();
  const auto refuses = [&](auto change) {
    Value changed = good;
    change(changed.as_object().find("keys")->as_array());
    EXPECT_TRUE(replace_file(index, to_json(changed), 0600));
    const auto opened = Keyring::open(dir(), clock_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::invalid_input);
  };
  refuses([](Array& keys) { keys[0].as_object().set("state", "active"); });
  refuses([](Array& keys) { keys[0].as_object().set("state", "trusted"); });
  refuses([](Array& keys) { keys[0].as_object().set("id", std::string(64, 'a')); });
  refuses([](Array& keys) { keys[0].as_object().erase("ended"); });
  refuses([](Array& keys) { keys.push_back(keys[0]); });
  refuses([](Array& keys) { keys[0] = 7; });
  ASSERT_TRUE(replace_file(index, "{", 0600));
  EXPECT_EQ(Keyring::open(dir(), clock_).error().code, Code::invalid_input);
  Value later = good;
  later.as_object().set("v", 2);
  ASSERT_TRUE(replace_file(index, to_json(later), 0600));
  EXPECT_EQ(Keyring::open(dir(), clock_).error().code, Code::unsupported);
}

TEST_F(KeyringTest, ExportsAKeyUnderAnotherPassphrase) {
  Keyring ring = open();
  const KeyInfo info = ring.rotate("runner", std::nullopt).value();
  const auto out = temporary_.path() / "exported.key";
  ASSERT_TRUE(ring.export_key(info.id, out, std::nullopt, "travel"));
  EXPECT_EQ(load_key_file(out, "travel")->id(), info.id);
  EXPECT_EQ(load_public_key_file(out.string() + ".pub")->name, "runner");
  EXPECT_EQ(ring.export_key(info.id, out, std::nullopt, "travel").error().code, Code::conflict);
  EXPECT_EQ(ring.export_key(SecretKey::generate().id(), out, {}, {}).error().code, Code::not_found);
}

TEST_F(KeyringTest, ExportsPublicKeysWithoutAnySecret) {
  Keyring ring = open();
  ASSERT_TRUE(ring.rotate("one", std::nullopt));
  ASSERT_TRUE(ring.rotate("two", std::nullopt));
  const std::string text = ring.export_public();
  EXPECT_EQ(text.find(to_base64(ring.load_active(std::nullopt)->seed())), std::string::npos);
  const auto keys = parse_public_keyring(text, "export").value();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].key, ring.list()[0].key);
  EXPECT_EQ(keys[0].state, KeyState::retired);
  EXPECT_EQ(keys[1].state, KeyState::active);
}

}  // namespace
}  // namespace writ::crypto
