#include "cli/handlers.h"

#include <fmt/format.h>

#include <ostream>

#include "base/file.h"
#include "base/yaml.h"
#include "cli/from_repo.h"
#include "cli/project.h"
#include "cli/wiring.h"

namespace writ::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGitignore =
    "# What belongs to one machine. trust.yaml and config.yaml are committed.\n"
    "/*\n!/.gitignore\n!/config.yaml\n!/trust.yaml\n!/protocols/\n";

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Writes `text` unless the file is there; says what it did.
Result<void> create_once(std::ostream& out, const ProjectPaths& paths, const fs::path& path,
                         std::string_view text) {
  if (is_there(path)) return {};
  WRIT_CHECK(replace_file(path, text));
  out << "  created " << fs::relative(path, paths.root).string() << "\n";
  return {};
}

std::string config_text(const Uuid& project) {
  return to_yaml(Object{{"writ", 1}, {"kind", "Config"}, {"project", project.text()}});
}

Result<void> create_runner_key(const CommandContext& context, const ProjectPaths& paths) {
  WRIT_TRY(crypto::Keyring keyring, crypto::Keyring::open(paths.keys(), context.wiring.clock));
  if (keyring.active() == nullptr) {
    WRIT_TRY(const crypto::KeyInfo key, keyring.rotate("runner", passphrase_of(context.wiring)));
    context.wiring.out << "  created the runner's key " << key.id.short_text() << "\n";
  }
  if (is_there(paths.trust())) return {};
  identity::Trust trust;
  identity::TrustedKey runner;
  runner.key = keyring.active()->key;
  runner.name = "runner";
  runner.roles = {std::string(identity::kAttesterRole), std::string(identity::kRunnerRole)};
  WRIT_CHECK(trust.add(std::move(runner)));
  return create_once(context.wiring.out, paths, paths.trust(), trust.to_yaml());
}

}  // namespace

Result<int> init(const CommandContext& context) {
  if (context.arguments.has("--agent")) {
    return fail(Code::unsupported, "setting up the hooks of a coding agent is not there yet",
                "Run `writ init` without --agent");
  }
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  const ProjectPaths paths{repo.root()};
  std::ostream& out = context.wiring.out;
  out << "setting up " << paths.root.string() << "\n";
  WRIT_CHECK(make_directory(paths.writ()));
  WRIT_CHECK(create_once(out, paths, paths.writ() / ".gitignore", kGitignore));
  const Uuid project = Uuid::v7(context.wiring.clock, context.wiring.random);
  WRIT_CHECK(create_once(out, paths, paths.config(), config_text(project)));
  WRIT_CHECK(create_runner_key(context, paths));
  if (context.arguments.has("--from-repo")) {
    WRIT_TRY(const FirstSpec spec, spec_from_repo(paths.root));
    WRIT_CHECK(create_once(out, paths, paths.root / "spec.yaml", spec.text));
  }
  const bool has_spec = is_there(paths.root / "spec.yaml");
  out << "  next: " << (has_spec ? "writ apply spec.yaml" : "write spec.yaml")
      << ", and commit .writ to let people approve\n";
  return 0;
}

}  // namespace writ::cli
