// npm, pnpm and yarn: the package manager by its lock file, the report by the test runner that the
// script `test` names.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "cli/spec_draft.h"

namespace writ::cli {
namespace {

namespace fs = std::filesystem;

struct Manager {
  std::string_view lock;
  std::string_view name;
  std::string_view install;
  std::string_view test;  // words that arguments of the test script may follow
};
constexpr Manager kManagers[] = {
    {"pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile --ignore-scripts",
     "pnpm --silent test"},
    {"yarn.lock", "yarn", "yarn install --frozen-lockfile --ignore-scripts", "yarn --silent test"},
    {"package-lock.json", "npm", "npm ci --ignore-scripts", "npm test --silent --"},
    {"npm-shrinkwrap.json", "npm", "npm ci --ignore-scripts", "npm test --silent --"},
    {"package.json", "npm", "npm install --ignore-scripts --no-package-lock",
     "npm test --silent --"},
};

// How a test runner is made to print TAP.
struct Runner {
  std::string_view word;
  std::string_view arguments;  // behind the script's own
  std::string_view env;
};
constexpr Runner kRunners[] = {
    {"--test", "", "NODE_OPTIONS: --test-reporter=tap"},  // node --test
    {"ava", "--tap", ""},
    {"mocha", "--reporter tap", ""},
    {"tap", "--reporter=tap", ""},
    {"tape", "", ""},
    {"vitest", "--run --reporter=tap-flat", ""},
};

// What `npm init` writes where there are no tests: a script that always fails.
constexpr std::string_view kNoTests = "no test specified";

const Manager& manager_of(const fs::path& root) {
  return *std::ranges::find_if(kManagers, [&](const Manager& m) { return has_file(root, m.lock); });
}

std::string script_of(const Value& manifest, std::string_view name) {
  const Value* script = manifest.at_path({"scripts", name});
  return script != nullptr && script->is_string() ? script->as_string() : "";
}

// The runner whose arguments can be added at the end of the script: that of its last command.
const Runner* runner_of(std::string_view script) {
  if (script.find_first_of("|;>") != std::string_view::npos) return nullptr;
  if (const std::size_t last = script.rfind("&&"); last != std::string_view::npos) {
    script.remove_prefix(last + 2);
  }
  while (!script.empty()) {
    const std::string_view word = script.substr(0, script.find(' '));
    script.remove_prefix(std::min(script.size(), word.size() + 1));
    const auto row = std::ranges::find(kRunners, word, &Runner::word);
    if (row != std::end(kRunners)) return row;
  }
  return nullptr;
}

void add_tests(SpecDraft& draft, const Manager& manager, const std::string& script) {
  const std::string plain = fmt::format("{} test", manager.name);
  if (script.empty() || script.find(kNoTests) != std::string::npos) {
    draft.notes.emplace_back(
        "package.json has no script `test`: the step main/test fails until there is one");
    draft.add_unreported_tests(plain);
    return;
  }
  const Runner* runner = runner_of(script);
  if (runner == nullptr) {
    draft.notes.push_back(
        fmt::format("`{}` leaves no report that Writ is sure of, so only its exit code opens the "
                    "gate; JUnit or TAP would prove more",
                    script));
    draft.add_unreported_tests(plain);
    return;
  }
  std::string command(manager.test);
  if (!runner->arguments.empty()) {
    command += " " + std::string(runner->arguments);
  } else if (command.ends_with(" --")) {
    command.resize(command.size() - 3);
  }
  draft.add_tests(command, "stdout", runner->env);
}

}  // namespace

SpecDraft npm_draft(const fs::path& root) {
  SpecDraft draft;
  const auto parsed = parse_json(text_of(root, "package.json"), "package.json");
  const Value manifest = parsed ? *parsed : Value(Object{});
  if (!parsed) draft.notes.emplace_back("package.json cannot be read as JSON");
  const Manager& manager = manager_of(root);
  draft.outputs = {"node_modules/**"};
  draft.add_step("install", manager.install);
  draft.notes.emplace_back("installs without running the packages' own scripts");
  if (!script_of(manifest, "build").empty()) {
    draft.add_step("build", fmt::format("{} run build", manager.name));
  }
  add_tests(draft, manager, script_of(manifest, "test"));
  return draft;
}

}  // namespace writ::cli
