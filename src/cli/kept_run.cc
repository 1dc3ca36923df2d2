#include "cli/kept_run.h"

#include <optional>
#include <utility>

#include "base/document.h"
#include "cli/command.h"
#include "cli/remote_run.h"
#include "execution/verify_blobs.h"
#include "repo/repo.h"

namespace writ::cli {
namespace {

Result<void> verify_store(Project& project) {
  WRIT_CHECK(project.store().check());
  std::vector<crypto::PublicKey> log_keys;
  for (const crypto::KeyInfo& key : project.keyring().list()) log_keys.push_back(key.key);
  WRIT_CHECK(project.ledger().verify(log_keys));
  return execution::verify_blobs(project.store(), project.blobs());
}

// As this repository has it; nothing: it has no such revision, or no trust file there.
Result<std::optional<identity::Trust>> own_trust(const CommandContext& context,
                                                 const std::string& base) {
  const auto repo = repo::Repo::open(context.global.directory);
  if (!repo) return std::optional<identity::Trust>();
  const auto text = repo->read_at(repo::CommitId{base}, ".writ/trust.yaml");
  if (!text) return std::optional<identity::Trust>();
  WRIT_TRY(const Document document, parse_document(".writ/trust.yaml", *text));
  WRIT_TRY(identity::Trust trust, identity::Trust::parse(document));
  return std::optional(std::move(trust));
}

}  // namespace

Result<KeptRun> load_kept_run(std::unique_ptr<Project> project, std::string_view named) {
  KeptRun kept;
  kept.project = std::move(project);
  WRIT_CHECK(verify_store(*kept.project));
  WRIT_TRY(const RunId run, kept.project->resolve_run(named));
  WRIT_TRY(const crypto::SecretKey key, kept.project->runner_key());
  const execution::JournalDeps deps = kept.project->journal_deps(key.id());
  WRIT_TRY(const auto journal, execution::Journal::open(deps, run));
  WRIT_TRY(kept.trust, kept.project->trust_at(repo::CommitId{journal.state().run.base}));
  WRIT_TRY(kept.archive, execution::load_archive(deps, run, kept.trust, key));
  return kept;
}

Result<KeptRun> fetch_kept_run(const CommandContext& context, ServerClient& server,
                               std::string_view run) {
  WRIT_TRY(const RunId id, resolve_run_at(server, run));
  KeptRun kept;
  WRIT_TRY(kept.bytes, server.get_bytes("/runs/" + id.text() + "/bundle"));
  WRIT_TRY(evidence::Bundle bundle, evidence::parse_bundle(kept.bytes));
  kept.bundle = std::make_unique<evidence::Bundle>(std::move(bundle));
  WRIT_TRY(kept.archive, execution::from_bundle(*kept.bundle));
  if (kept.archive.state.run.id != id) {
    return fail(Code::tampered, "the server handed over another run than was asked for",
                "Ask who runs it");
  }
  kept.rests_on.emplace_back("what " + server.name() +
                             " handed over: its store and its other runs were not looked at");
  WRIT_TRY(auto own, own_trust(context, kept.archive.state.run.base));
  if (own) {
    kept.trust = *std::move(own);
    kept.rests_on.emplace_back("the trust file of this repository at the run's base revision");
  } else {
    kept.trust = kept.archive.trust;
    kept.rests_on.emplace_back(
        "the trust file that the server handed over: give --trust FILE to check against your own");
  }
  return kept;
}

}  // namespace writ::cli
