#include "writ_shell.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/file.h"
#include "base/json.h"
#include "store/testing/postgres_server.h"

namespace writ::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxOutput = 64u << 20;

std::string read_whole(const fs::path& path) {
  auto text = read_file(path, kMaxOutput);
  EXPECT_TRUE(text) << path;
  return text ? *std::move(text) : "";
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// The same tests with their runs in PostgreSQL, a database for each: how ctest starts them a second
// time.
bool is_on_postgres() {
  const char* const store = ::getenv("WRIT_E2E_STORE");
  return store != nullptr && std::string_view(store) == "postgresql";
}

class PostgresOrSkip final : public testing::Environment {
 public:
  void SetUp() override {
    const std::string why = is_on_postgres() ? store::PostgresServer::missing() : "";
    if (!why.empty()) GTEST_SKIP() << why;
  }
};

const testing::Environment* const kEnvironment =
    testing::AddGlobalTestEnvironment(new PostgresOrSkip);

// Runs `words` with its standard streams in files of `scratch`.
Ran run(const std::vector<std::string>& words, const std::map<std::string, std::string>& variables,
        const fs::path& directory, const fs::path& scratch) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, (scratch / "in").c_str(), O_RDONLY, 0);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, 1, (scratch / "out").c_str(), flags, 0600);
  ::posix_spawn_file_actions_addopen(&actions, 2, (scratch / "err").c_str(), flags, 0600);
  ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, words[0].c_str(), &actions, nullptr,
                                   pointers_to(words).data(), pointers_to(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(failed, 0) << words[0];
  int status = 0;
  if (failed != 0 || ::waitpid(pid, &status, 0) != pid) return {};
  Ran ran;
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.out = read_whole(scratch / "out");
  ran.err = read_whole(scratch / "err");
  return ran;
}

}  // namespace

std::string Ran::text() const {
  return "exit " + std::to_string(exit) + "\n--- out\n" + out + "--- err\n" + err;
}

WritTest::WritTest() {
  const char* path = ::getenv("PATH");
  environment_ = {{"PATH", path == nullptr ? "/usr/bin:/bin" : path},
                  {"HOME", beside("home").string()},
                  {"LANG", "C.UTF-8"},
                  {"GIT_CONFIG_GLOBAL", "/dev/null"},
                  {"GIT_CONFIG_SYSTEM", "/dev/null"}};
  if (is_on_postgres()) {
    store::PostgresServer& server = store::PostgresServer::shared();
    environment_["WRIT_STORE"] = server.url(server.make_database());
  }
  for (const char* name : {"work", "home", "scratch"}) fs::create_directories(beside(name));
  bash("git init -q -b main . && git config user.name t && git config user.email t@t");
}

void WritTest::write(std::string_view path, std::string_view text) const {
  fs::create_directories((root() / path).parent_path());
  const auto written = replace_file(root() / path, text);
  ASSERT_TRUE(written) << written.error().text();
}

std::string WritTest::read(std::string_view path) const { return read_whole(root() / path); }

bool WritTest::has(std::string_view path) const { return fs::exists(root() / path); }

std::string WritTest::listing() const {
  std::vector<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(root() / ".writ")) {
    const std::string size = entry.is_regular_file() ? std::to_string(entry.file_size()) : "";
    lines.push_back(entry.path().string() + " " + size + "\n");
  }
  std::ranges::sort(lines);
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

std::string WritTest::bash(const std::string& script) const {
  const auto empty = replace_file(beside("scratch") / "in", "");
  EXPECT_TRUE(empty);
  const Ran ran = run({"/bin/bash", "-ec", script}, environment_, root(), beside("scratch"));
  EXPECT_EQ(ran.exit, 0) << script << "\n" << ran.text();
  return ran.out;
}

void WritTest::commit(const std::string& message) const {
  bash("git add -A && git commit -q --allow-empty -m '" + message + "'");
}

void WritTest::set_up() const {
  writ_expecting(0, {"init"});
  commit();
}

void WritTest::trust_reviewer() const {
  writ_expecting(0, {"keys", "new", "--out", reviewer()});
  writ_expecting(0, {"trust", "add", "--role", "maintainer", reviewer() + ".pub"});
  commit();
}

Ran WritTest::writ(const std::vector<std::string>& words, std::string_view input) const {
  const auto given = replace_file(beside("scratch") / "in", input);
  EXPECT_TRUE(given);
  std::vector<std::string> all{WRIT_BINARY};
  all.insert(all.end(), words.begin(), words.end());
  return run(all, environment_, root(), beside("scratch"));
}

Ran WritTest::writ_expecting(int exit, const std::vector<std::string>& words) const {
  Ran ran = writ(words);
  std::string line = "writ";
  for (const std::string& word : words) line += " " + word;
  EXPECT_EQ(ran.exit, exit) << line << "\n" << ran.text();
  return ran;
}

Ran WritTest::apply(std::string_view spec) const {
  write("spec.yaml", spec);
  commit("spec");
  return writ({"apply", "spec.yaml"});
}

std::string spec_of(std::string_view steps, std::string_view module) {
  std::string out = "writ: 1\nkind: Spec\nmodule: {" + std::string(module) + "}\n";
  return out.append(steps);
}

Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? *std::move(value) : Value();
}

Value at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* here = &value;
  for (const std::string_view key : path) {
    const Value* next = here->find(key);
    std::size_t index = 0;
    const bool is_index =
        std::from_chars(key.data(), key.data() + key.size(), index).ec == std::errc{};
    if (is_index && here->is_array() && index < here->as_array().size()) {
      next = &here->as_array()[index];
    }
    if (next == nullptr) {
      ADD_FAILURE() << "no " << key << " in " << to_json(*here);
      return {};
    }
    here = next;
  }
  return *here;
}

std::string text_at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value found = at(value, path);
  return found.is_string() ? found.as_string() : to_json(found);
}

std::size_t size_at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value found = at(value, path);
  if (found.is_array()) return found.as_array().size();
  return found.is_object() ? found.as_object().size() : 0;
}

std::vector<Value> json_lines(std::string_view text) {
  std::vector<Value> out;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) out.push_back(json(line));
  return out;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace writ::e2e
