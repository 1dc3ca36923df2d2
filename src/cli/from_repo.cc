#include "cli/from_repo.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/safe_path.h"

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

bool has(const fs::path& root, std::string_view name) {
  std::error_code ignored;
  return fs::exists(root / name, ignored);
}

std::string head(const fs::path& root, std::string_view outputs) {
  std::string out =
      fmt::format("writ: 1\nkind: Spec\nmodule:\n  id: {}\n", slug(root.filename().string()));
  if (!outputs.empty()) out += fmt::format("  repo:\n    outputs: [{}]\n", outputs);
  return out;
}

constexpr std::string_view kTestsGate = "    gate: tests.failed == 0 and tests.passed >= 1\n";

std::string cmake_spec(const fs::path& root) {
  return head(root, "\"build-writ/**\"") +
         "steps:\n"
         "  - {id: configure, run: cmake -S . -B build-writ}\n"
         "  - {id: build, run: cmake --build build-writ -j2}\n"
         "  - id: test\n"
         "    run: ctest --test-dir build-writ --output-on-failure --output-junit junit.xml\n"
         "    evidence: {tests: build-writ/junit.xml}\n" +
         std::string(kTestsGate);
}

// What `npm init` writes where there are no tests: a script that always fails.
constexpr std::string_view kNoTests = "no test specified";

bool has_script(const fs::path& root, std::string_view name) {
  const auto text = read_file(root / "package.json", kMaxManifest);
  if (!text) return false;
  const auto manifest = parse_json(*text, "package.json");
  const Value* script = manifest ? manifest->at_path({"scripts", name}) : nullptr;
  return script != nullptr && script->is_string() &&
         script->as_string().find(kNoTests) == std::string::npos;
}

std::string npm_spec(const fs::path& root) {
  std::string out = head(root, "\"node_modules/**\"") + "steps:\n";
  const bool is_locked = has(root, "package-lock.json") || has(root, "npm-shrinkwrap.json");
  out += is_locked ? "  - {id: install, run: npm ci --ignore-scripts}\n"
                   : "  - {id: install, run: npm install --ignore-scripts --no-package-lock}\n";
  if (has_script(root, "build")) out += "  - {id: build, run: npm run build}\n";
  if (has_script(root, "test")) out += "  - {id: test, run: npm test, gate: exit.code == 0}\n";
  return out;
}

std::string cargo_spec(const fs::path& root) {
  return head(root, "\"target/**\"") +
         "steps:\n"
         "  - {id: build, run: cargo build}\n"
         "  - {id: test, run: cargo test, gate: exit.code == 0}\n";
}

std::string python_spec(const fs::path& root) {
  return head(root, "\"**/__pycache__/**\", \".pytest_cache/**\", \"pytest.xml\"") +
         "steps:\n"
         "  - id: test\n"
         "    run: python3 -m pytest --junitxml=pytest.xml\n"
         "    evidence: {tests: pytest.xml}\n" +
         std::string(kTestsGate);
}

std::string go_spec(const fs::path& root) {
  return head(root, "") +
         "steps:\n"
         "  - {id: build, run: go build ./...}\n"
         "  - {id: vet, run: go vet ./...}\n"
         "  - {id: test, run: go test ./..., gate: exit.code == 0}\n";
}

// The first whose manifest stands in the root.
struct BuildTool {
  std::string_view manifest;
  std::string_view name;
  std::string (*spec)(const fs::path& root);
};
constexpr BuildTool kBuildTools[] = {
    {"CMakeLists.txt", "CMake", &cmake_spec},
    {"Cargo.toml", "Cargo", &cargo_spec},
    {"go.mod", "Go", &go_spec},
    {"pyproject.toml", "Python", &python_spec},
    {"package.json", "npm", &npm_spec},
};

}  // namespace

Result<FirstSpec> spec_from_repo(const fs::path& root) {
  std::string looked_for;
  for (const BuildTool& tool : kBuildTools) {
    if (has(root, tool.manifest)) return FirstSpec{tool.spec(root), std::string(tool.name)};
    looked_for += (looked_for.empty() ? "" : ", ") + std::string(tool.manifest);
  }
  return fail(Code::not_found, "no build tool known to Writ in " + root.string(),
              "Looked for " + looked_for + "; write spec.yaml by hand, the README shows how");
}

}  // namespace writ::cli
