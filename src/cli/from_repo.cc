#include "cli/from_repo.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "cli/spec_draft.h"

namespace writ::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxManifest = 4u << 20;

std::string slug(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_plain)
      out += c;
    else if (is_upper)
      out += static_cast<char>(c - 'A' + 'a');
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "project" : out;
}

SpecDraft cmake_draft(const fs::path& root) {
  SpecDraft draft;
  draft.outputs = {"build-writ/**"};
  draft.notes.emplace_back("builds in build-writ/, which git had better ignore");
  const std::string lists = text_of(root, "CMakeLists.txt");
  if (lists.find("enable_testing") == std::string::npos &&
      lists.find("CTest") == std::string::npos) {
    draft.notes.emplace_back(
        "CMakeLists.txt calls neither enable_testing() nor include(CTest): where ctest finds no "
        "test, the gate stays shut");
  }
  draft.add_step("configure", "cmake -S . -B build-writ");
  draft.add_step("build", "cmake --build build-writ -j2");
  draft.add_tests("ctest --test-dir build-writ --output-on-failure --output-junit junit.xml",
                  "build-writ/junit.xml");
  return draft;
}

SpecDraft cargo_draft(const fs::path& root) {
  SpecDraft draft;
  draft.outputs = {"target/**"};
  const bool is_locked = has_file(root, "Cargo.lock");
  if (!is_locked) draft.outputs.emplace_back("Cargo.lock");
  const std::string_view locked = is_locked ? " --locked" : "";
  draft.add_step("build", fmt::format("cargo build --workspace{}", locked));
  draft.add_tests(fmt::format("cargo test --workspace{} --no-fail-fast", locked), "stdout");
  return draft;
}

SpecDraft go_draft(const fs::path&) {
  SpecDraft draft;
  draft.add_step("build", "go build ./...");
  draft.add_step("vet", "go vet ./...");
  draft.add_tests("go test -json ./...", "stdout");
  return draft;
}

constexpr std::string_view kPytestNamers[] = {
    "pyproject.toml",       "setup.cfg",       "tox.ini", "pytest.ini",
    "requirements-dev.txt", "requirements.txt"};

SpecDraft python_draft(const fs::path& root) {
  SpecDraft draft;
  draft.outputs = {"**/__pycache__/**", ".pytest_cache/**", "pytest.xml"};
  const bool has_venv = has_file(root, ".venv/bin/python");
  if (has_venv) draft.outputs.emplace_back(".venv/**");
  const std::string_view python = has_venv ? ".venv/bin/python" : "python3";
  const bool is_named = std::ranges::any_of(kPytestNamers, [&](std::string_view name) {
    return text_of(root, name).find("pytest") != std::string::npos;
  });
  draft.notes.push_back(
      fmt::format("{} must find pytest{} and this package: install both before "
                  "the first run",
                  python, is_named ? "" : " (which nothing here names)"));
  draft.add_tests(fmt::format("{} -m pytest --junitxml=pytest.xml", python), "pytest.xml");
  return draft;
}

constexpr std::string_view kMakefiles[] = {"GNUmakefile", "makefile", "Makefile"};

// Whether a line of the makefile begins with `TARGET:`.
bool has_target(std::string_view makefile, std::string_view target) {
  for (std::size_t at = 0; at < makefile.size(); at = makefile.find('\n', at) + 1) {
    std::string_view line = makefile.substr(at, makefile.find('\n', at) - at);
    if (line.starts_with(target)) {
      line.remove_prefix(target.size());
      const std::size_t next = line.find_first_not_of(" \t");
      if (next != std::string_view::npos && line[next] == ':') return true;
    }
    if (makefile.find('\n', at) == std::string_view::npos) break;
  }
  return false;
}

SpecDraft make_draft(const fs::path& root) {
  SpecDraft draft;
  std::string makefile;
  for (const std::string_view name : kMakefiles) {
    if (makefile.empty()) makefile = text_of(root, name);
  }
  const bool has_check = !has_target(makefile, "test") && has_target(makefile, "check");
  const std::string_view target = has_check ? "check" : "test";
  draft.add_step("build", "make");
  draft.add_unreported_tests(fmt::format("make {}", target));
  if (has_target(makefile, target)) {
    draft.notes.push_back(
        fmt::format("`make {}` leaves no report that Writ knows of, so only its exit code opens "
                    "the gate; JUnit or TAP would prove more",
                    target));
  } else {
    draft.notes.emplace_back(
        "the makefile has neither `test` nor `check`: the step main/test fails until it has one");
  }
  draft.notes.emplace_back(
      "what make leaves behind and git does not ignore belongs under module.repo.outputs");
  return draft;
}

// The first whose manifest stands in the root.
struct BuildTool {
  std::string_view manifest;
  std::string_view name;
  SpecDraft (*draft)(const fs::path& root);
};
constexpr BuildTool kBuildTools[] = {
    {"CMakeLists.txt", "CMake", &cmake_draft},
    {"Cargo.toml", "Cargo", &cargo_draft},
    {"go.mod", "Go", &go_draft},
    {"pyproject.toml", "Python", &python_draft},
    {"setup.py", "Python", &python_draft},
    {"package.json", "npm", &npm_draft},
    {"GNUmakefile", "make", &make_draft},
    {"makefile", "make", &make_draft},
    {"Makefile", "make", &make_draft},
};

FirstSpec finished(const fs::path& root, const BuildTool& tool) {
  SpecDraft draft = tool.draft(root);
  std::string outputs;
  for (const std::string& glob : draft.outputs) {
    outputs += fmt::format("{}\"{}\"", outputs.empty() ? "" : ", ", glob);
  }
  FirstSpec out;
  out.build_tool = tool.name;
  out.notes = std::move(draft.notes);
  out.text = fmt::format(
      "# Made from {} by `writ init --from-repo`. `writ plan spec.yaml` shows what it comes to.\n"
      "writ: 1\nkind: Spec\nmodule:\n  id: {}\n",
      tool.manifest, slug(root.filename().string()));
  if (!outputs.empty()) {
    out.text += fmt::format(
        "  repo:\n    # What the steps make: untracked, and no part of what is judged.\n"
        "    outputs: [{}]\n",
        outputs);
  }
  out.text += "steps:\n" + draft.steps;
  std::string others;
  for (const BuildTool& other : kBuildTools) {
    if (other.name == tool.name || !has_file(root, other.manifest)) continue;
    others += fmt::format("{}{}", others.empty() ? "" : ", ", other.manifest);
  }
  if (!others.empty()) out.notes.push_back("leaves out what belongs to " + others);
  return out;
}

}  // namespace

void SpecDraft::add_step(std::string_view id, std::string_view command) {
  steps += fmt::format("  - {{id: {}, run: {}}}\n", id, command);
}

void SpecDraft::add_tests(std::string_view command, std::string_view report, std::string_view env) {
  steps += fmt::format("  - id: test\n    run: {}\n", command);
  if (!env.empty()) steps += fmt::format("    env: {{{}}}\n", env);
  const bool is_printed = report == "stdout";
  steps += fmt::format(
      "    evidence: {{tests: {}}}{}\n"
      "    # Raise 1 to the number of tests that there are, so that none gets lost.\n"
      "    gate: tests.failed == 0 and tests.passed >= 1\n",
      report, is_printed ? "   # the report is what the step prints" : "");
}

void SpecDraft::add_unreported_tests(std::string_view command) {
  steps += fmt::format(
      "  # Only the exit code is judged. With a report in JUnit XML or TAP, declare it here and\n"
      "  # ask for more:  evidence: {{tests: PATH}}  gate: tests.failed == 0 and tests.passed >= "
      "1\n"
      "  - {{id: test, run: {}, gate: exit.code == 0}}\n",
      command);
}

bool has_file(const fs::path& root, std::string_view name) {
  std::error_code ignored;
  return fs::exists(root / name, ignored);
}

std::string text_of(const fs::path& root, std::string_view name) {
  return read_file(root / name, kMaxManifest).value_or("");
}

Result<FirstSpec> spec_from_repo(const fs::path& root) {
  std::string looked_for;
  for (const BuildTool& tool : kBuildTools) {
    if (has_file(root, tool.manifest)) return finished(root, tool);
    looked_for += (looked_for.empty() ? "" : ", ") + std::string(tool.manifest);
  }
  return fail(Code::not_found, "no build tool known to Writ in " + root.string(),
              "Looked for " + looked_for + "; write spec.yaml by hand, the README shows how");
}

}  // namespace writ::cli
