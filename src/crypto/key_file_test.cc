#include "crypto/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/testing/fake_clock.h"
#include "base/testing/temporary_directory.h"

namespace writ::crypto {
namespace {

using namespace std::string_view_literals;

class KeyFile : public testing::Test {
 protected:
  std::filesystem::path path_of(std::string_view name) const { return dir_.path() / name; }

  static unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777u;
  }

  // The key file with one member of its `secret` replaced.
  void change_secret(const std::filesystem::path& path, const char* member, Value value) const {
    Value document = parse_json(read_file(path, 1 << 16).value()).value();
    document.as_object().find("secret")->as_object().set(member, std::move(value));
    ASSERT_TRUE(replace_file(path, to_json(document), 0600));
  }

  TemporaryDirectory dir_;
  FakeClock clock_;
};

TEST_F(KeyFile, KeepsAKeyWithoutPassphrase) {
  const auto made = create_key_file(path_of("k"), "alice", std::nullopt, clock_);
  ASSERT_TRUE(made) << made.error().text();
  const auto key = load_key_file(path_of("k"), std::nullopt);
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->public_key(), made->key);
  EXPECT_TRUE(made->key.verifies("m", key->sign("m").value()));
  EXPECT_EQ(mode_of(path_of("k")), 0600u);
  EXPECT_EQ(mode_of(path_of("k.pub")), 0644u);
}

TEST_F(KeyFile, WritesThePublicHalfWithoutTheSecret) {
  const auto made = create_key_file(path_of("k"), "alice", std::nullopt, clock_).value();
  const auto read = load_public_key_file(path_of("k.pub")).value();
  EXPECT_EQ(read.key, made.key);
  EXPECT_EQ(read.name, "alice");
  EXPECT_EQ(read.created, clock_.wall());
  const std::string text = read_file(path_of("k.pub"), 1 << 16).value();
  const std::string seed = to_base64(load_key_file(path_of("k"), std::nullopt)->seed());
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_EQ(text.find(seed), std::string::npos);
  EXPECT_NE(read_file(path_of("k"), 1 << 16)->find(seed), std::string::npos);
}

TEST_F(KeyFile, OpensUnderItsPassphraseOnly) {
  const auto made = create_key_file(path_of("k"), "alice", "correct horse", clock_);
  ASSERT_TRUE(made) << made.error().text();
  const auto key = load_key_file(path_of("k"), "correct horse");
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->public_key(), made->key);
  const auto wrong = load_key_file(path_of("k"), "battery staple");
  EXPECT_EQ(wrong.error().code, Code::not_permitted);
  EXPECT_EQ(wrong.error().text().find("battery"), std::string::npos);
  EXPECT_EQ(load_key_file(path_of("k"), std::nullopt).error().code, Code::not_permitted);
  const std::string text = read_file(path_of("k"), 1 << 16).value();
  EXPECT_EQ(text.find(to_base64(key->seed())), std::string::npos);
  EXPECT_EQ(text.find("correct horse"), std::string::npos);
}

TEST_F(KeyFile, BindsTheBoxToItsPublicKey) {
  ASSERT_TRUE(create_key_file(path_of("a"), "a", "pass", clock_));
  ASSERT_TRUE(create_key_file(path_of("b"), "b", "pass", clock_));
  Value a = parse_json(read_file(path_of("a"), 1 << 16).value()).value();
  const Value b = parse_json(read_file(path_of("b"), 1 << 16).value()).value();
  a.as_object().set("secret", *b.find("secret"));
  ASSERT_TRUE(replace_file(path_of("a"), to_json(a), 0600));
  EXPECT_EQ(load_key_file(path_of("a"), "pass").error().code, Code::not_permitted);
}

TEST_F(KeyFile, RefusesASecretOfAnotherKey) {
  ASSERT_TRUE(create_key_file(path_of("k"), "alice", std::nullopt, clock_));
  change_secret(path_of("k"), "seed", to_base64(std::string(32, 's')));
  const auto key = load_key_file(path_of("k"), std::nullopt);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Code::invalid_input);
  EXPECT_EQ(key.error().text().find(to_base64(std::string(32, 's'))), std::string::npos);
}

TEST_F(KeyFile, RefusesMoreWorkThanItWouldEverAsk) {
  ASSERT_TRUE(create_key_file(path_of("k"), "alice", "pass", clock_));
  const std::pair<const char*, std::int64_t> cases[] = {{"memory_kib", 1 << 30},
                                                        {"memory_kib", 0},
                                                        {"memory_kib", -1},
                                                        {"passes", 1000},
                                                        {"passes", 0}};
  const std::string good = read_file(path_of("k"), 1 << 16).value();
  for (const auto& [member, value] : cases) {
    ASSERT_TRUE(replace_file(path_of("k"), good, 0600));
    change_secret(path_of("k"), member, value);
    EXPECT_EQ(load_key_file(path_of("k"), "pass").error().code, Code::invalid_input) << value;
  }
}

TEST_F(KeyFile, NeverOverwrites) {
  ASSERT_TRUE(create_key_file(path_of("k"), "alice", std::nullopt, clock_));
  const std::string before = read_file(path_of("k"), 1 << 16).value();
  const std::string before_public = read_file(path_of("k.pub"), 1 << 16).value();
  EXPECT_EQ(create_key_file(path_of("k"), "bob", std::nullopt, clock_).error().code,
            Code::conflict);
  EXPECT_EQ(read_file(path_of("k"), 1 << 16).value(), before);
  EXPECT_EQ(read_file(path_of("k.pub"), 1 << 16).value(), before_public);
}

TEST_F(KeyFile, MendsAKeyWhosePublicHalfACrashLeftOut) {
  for (const auto passphrase : {std::optional<std::string_view>(), std::optional{"pass"sv}}) {
    const auto path = path_of(passphrase ? "sealed" : "plain");
    ASSERT_TRUE(create_key_file(path, "alice", passphrase, clock_));
    const std::string secret = read_file(path, 1 << 16).value();
    const std::string open_half = read_file(path.string() + ".pub", 1 << 16).value();
    std::filesystem::remove(path.string() + ".pub");
    const auto again = create_key_file(path, "bob", std::nullopt, clock_);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::conflict);
    EXPECT_NE(again.error().message.find("its public half was missing and is there again"),
              std::string::npos)
        << again.error().text();
    EXPECT_EQ(read_file(path, 1 << 16).value(), secret);
    EXPECT_EQ(read_file(path.string() + ".pub", 1 << 16).value(), open_half);
  }
}

TEST_F(KeyFile, MakesNoSecretBesideAPublicFileOfAnotherKey) {
  ASSERT_TRUE(create_key_file(path_of("k"), "alice", std::nullopt, clock_));
  std::filesystem::remove(path_of("k"));
  const std::string before = read_file(path_of("k.pub"), 1 << 16).value();
  const auto refused = create_key_file(path_of("k"), "bob", std::nullopt, clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_NE(refused.error().message.find("without its secret"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path_of("k")));
  EXPECT_EQ(read_file(path_of("k.pub"), 1 << 16).value(), before);
}

TEST_F(KeyFile, LeavesNothingBesideASecretThatIsInTheWay) {
  dir_.write("k", "something else");
  EXPECT_EQ(create_key_file(path_of("k"), "bob", std::nullopt, clock_).error().code,
            Code::conflict);
  EXPECT_EQ(read_file(path_of("k"), 100).value(), "something else");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
}

TEST_F(KeyFile, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(create_key_file(path_of("k"), "alice", std::nullopt, clock_));
  for (const unsigned mode : {0640u, 0604u, 0620u, 0601u, 0666u}) {
    ASSERT_EQ(::chmod(path_of("k").c_str(), mode), 0);
    const auto key = load_key_file(path_of("k"), std::nullopt);
    ASSERT_FALSE(key) << mode;
    EXPECT_EQ(key.error().code, Code::invalid_input);
    EXPECT_NE(key.error().remedy().find("chmod 600"), std::string::npos);
  }
  ASSERT_EQ(::chmod(path_of("k").c_str(), 0400), 0);
  EXPECT_TRUE(load_key_file(path_of("k"), std::nullopt));
}

TEST_F(KeyFile, RefusesWhatIsNoKeyFileWithoutQuotingIt) {
  const std::string cases[] = {"",
                               "TOPSECRET",
                               "{\"seed\": \"TOPSECRET\", }",
                               "[\"TOPSECRET\"]",
                               "{\"kind\": \"TOPSECRET\"}",
                               "{\"kind\": \"WritSecretKey\", \"v\": 1, \"public\": \"TOPSECRET\"}",
                               std::string(20'000, ' ') + "TOPSECRET"};
  for (const std::string& text : cases) {
    ASSERT_TRUE(replace_file(path_of("k"), text, 0600));
    const auto key = load_key_file(path_of("k"), "TOPSECRET");
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code, Code::invalid_input) << key.error().text();
    EXPECT_EQ(key.error().text().find("TOPSECRET"), std::string::npos);
    EXPECT_TRUE(key.error().diagnostics.empty());
  }
  ASSERT_TRUE(std::filesystem::create_directory(path_of("d")));
  EXPECT_EQ(load_key_file(path_of("d"), std::nullopt).error().code, Code::invalid_input);
  EXPECT_EQ(load_key_file(path_of("absent"), std::nullopt).error().code, Code::not_found);
  EXPECT_EQ(load_public_key_file(path_of("absent")).error().code, Code::not_found);
}

TEST_F(KeyFile, SaysWhenAnotherVersionWroteIt) {
  ASSERT_TRUE(create_key_file(path_of("k"), "alice", std::nullopt, clock_));
  Value document = parse_json(read_file(path_of("k.pub"), 1 << 16).value()).value();
  document.as_object().set("v", 2);
  ASSERT_TRUE(replace_file(path_of("k.pub"), to_json(document)));
  EXPECT_EQ(load_public_key_file(path_of("k.pub")).error().code, Code::unsupported);
}

TEST_F(KeyFile, RefusesAPublicFileWhoseIdIsNotTheKeys) {
  ASSERT_TRUE(create_key_file(path_of("k"), "alice", std::nullopt, clock_));
  Value document = parse_json(read_file(path_of("k.pub"), 1 << 16).value()).value();
  document.as_object().set("id", std::string(64, '0'));
  ASSERT_TRUE(replace_file(path_of("k.pub"), to_json(document)));
  EXPECT_EQ(load_public_key_file(path_of("k.pub")).error().code, Code::invalid_input);
}

TEST_F(KeyFile, RefusesNamesAndPassphrasesThatCannotWork) {
  const std::string names[] = {"two\nlines", "bell\a", std::string(129, 'n'), "\xff"};
  for (const std::string& name : names) {
    EXPECT_EQ(create_key_file(path_of("k"), name, std::nullopt, clock_).error().code,
              Code::invalid_input);
  }
  EXPECT_EQ(create_key_file(path_of("k"), "alice", "", clock_).error().code, Code::invalid_input);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

}  // namespace
}  // namespace writ::crypto
