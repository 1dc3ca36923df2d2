// writ init: sets a repository up. Again: completes what is missing, changes nothing.
#include "base/file.h"
#include "base/yaml.h"
#include "cli/from_repo.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/wiring.h"

namespace writ::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGitignore =
    "# What belongs to one machine. trust.yaml and config.yaml are committed.\n"
    "/*\n!/.gitignore\n!/config.yaml\n!/trust.yaml\n!/protocols/\n";

// What was made on the way, for the answer.
struct Made {
  std::vector<std::string> files;  // relative to the root
  std::string key;                 // the runner's, when it is new
  bool is_key_trusted = true;      // by the working tree's trust file
  bool is_ignored = false;         // git would leave the trust file out of a commit
  FirstSpec spec;                  // when one was asked for and written
};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Writes `text` unless the file is there.
Result<void> create_once(Made& made, const ProjectPaths& paths, const fs::path& path,
                         std::string_view text) {
  if (is_there(path)) return {};
  WRIT_CHECK(replace_file(path, text));
  made.files.push_back(path.lexically_relative(paths.root).generic_string());
  return {};
}

std::string config_text(const Uuid& project) {
  return to_yaml(Object{{"writ", 1}, {"kind", "Config"}, {"project", project.text()}});
}

Result<bool> is_trusted(const ProjectPaths& paths, const crypto::KeyId& runner,
                        const Clock& clock) {
  WRIT_TRY(const Document document, load_document(paths.trust()));
  WRIT_TRY(const identity::Trust trust, identity::Trust::parse(document));
  return trust.may(runner, identity::kRunnerRole, clock.wall());
}

Result<void> create_runner_key(const CommandContext& context, const ProjectPaths& paths,
                               Made& made) {
  WRIT_TRY(crypto::Keyring keyring, crypto::Keyring::open(paths.keys(), context.wiring.clock));
  if (keyring.active() == nullptr) {
    WRIT_TRY(const crypto::KeyInfo key, keyring.rotate("runner", passphrase_of(context.wiring)));
    made.key = key.id.hex;
  }
  if (is_there(paths.trust())) {
    WRIT_TRY(made.is_key_trusted, is_trusted(paths, keyring.active()->id, context.wiring.clock));
    return {};
  }
  identity::Trust trust;
  identity::TrustedKey runner;
  runner.key = keyring.active()->key;
  runner.name = "runner";
  runner.roles = {std::string(identity::kAttesterRole), std::string(identity::kRunnerRole)};
  WRIT_CHECK(trust.add(std::move(runner)));
  return create_once(made, paths, paths.trust(), trust.to_yaml());
}

std::string next_of(const ProjectPaths& paths, const Made& made) {
  if (!made.is_key_trusted) {
    return "this machine's key may not run yet: writ keys export --out KEY.pub, then  "
           "writ trust add --role runner --role attester KEY.pub, and commit .writ/trust.yaml";
  }
  if (!is_there(paths.root / "spec.yaml")) {
    return "write spec.yaml, commit it and .writ, then  writ apply spec.yaml";
  }
  // By name where it takes force: the rest of .writ is this machine's own, keys above all.
  const std::string add =
      made.is_ignored ? "-f .writ/.gitignore .writ/config.yaml .writ/trust.yaml" : ".writ";
  return "read spec.yaml, git add " + add +
         " spec.yaml && git commit -m Writ, then  writ apply spec.yaml";
}

void answer(const CommandContext& context, const ProjectPaths& paths, const Made& made) {
  Array created;
  std::string text = "set up " + paths.root.string() + "\n";
  for (const std::string& file : made.files) {
    created.emplace_back(file);
    text += "  created " + file + "\n";
  }
  if (!made.key.empty()) text += "  created the runner's key " + made.key.substr(0, 16) + "\n";
  Array notes;
  if (!made.spec.text.empty()) text += "  spec.yaml is a guess from " + made.spec.build_tool + "\n";
  for (const std::string& note : made.spec.notes) {
    notes.emplace_back(note);
    text += "    " + note + "\n";
  }
  if (made.is_ignored) {
    text +=
        "  git ignores .writ here: unless its trust.yaml is added by force, nobody but this "
        "machine's key vouches for a run\n";
  }
  const std::string next = next_of(paths, made);
  report(context,
         Object{{"root", paths.root.string()},
                {"created", std::move(created)},
                {"new_key", made.key},
                {"build_tool", made.spec.build_tool},
                {"notes", std::move(notes)},
                {"next", next}},
         text + "  next: " + next + "\n");
}

}  // namespace

Result<int> init(const CommandContext& context) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  const ProjectPaths paths{repo.root()};
  Made made;
  // Looked for first: where there is none, nothing is written at all.
  const bool wants_spec =
      context.arguments.has("--from-repo") && !is_there(paths.root / "spec.yaml");
  if (wants_spec) {
    WRIT_TRY(made.spec, spec_from_repo(paths.root));
  }
  WRIT_CHECK(make_directory(paths.writ()));
  WRIT_CHECK(create_once(made, paths, paths.writ() / ".gitignore", kGitignore));
  const Uuid project = Uuid::v7(context.wiring.clock, context.wiring.random);
  WRIT_CHECK(create_once(made, paths, paths.config(), config_text(project)));
  WRIT_CHECK(create_runner_key(context, paths, made));
  if (wants_spec) WRIT_CHECK(create_once(made, paths, paths.root / "spec.yaml", made.spec.text));
  // What its own .gitignore lets in stays out where the folder is.
  WRIT_TRY(const bool is_folder_ignored, repo.is_ignored(".writ"));
  WRIT_TRY(const bool is_trust_ignored, repo.is_ignored(".writ/trust.yaml"));
  made.is_ignored = is_folder_ignored || is_trust_ignored;
  answer(context, paths, made);
  return 0;
}

}  // namespace writ::cli
