// writ verify, export: what a run was, for those who were not there.
#include <fmt/format.h>

#include <filesystem>

#include "base/document.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "crypto/key_file.h"
#include "evidence/bundle.h"
#include "execution/run_archive.h"
#include "execution/verify.h"
#include "execution/verify_blobs.h"

namespace writ::cli {
namespace {

constexpr int kVerificationFailed = 7;

struct Kept {
  std::unique_ptr<Project> project;
  identity::Trust trust;
  execution::RunArchive archive;
};

// The whole store, the whole log, all blobs. Before anything is signed: what is damaged must not
// get a fresh signature.
Result<void> verify_store(Project& project) {
  WRIT_CHECK(project.store().check());
  std::vector<crypto::PublicKey> log_keys;
  for (const crypto::KeyInfo& key : project.keyring().list()) log_keys.push_back(key.key);
  WRIT_CHECK(project.ledger().verify(log_keys));
  return execution::verify_blobs(project.store(), project.blobs());
}

Result<Kept> load_kept(const CommandContext& context) {
  Kept kept;
  WRIT_TRY(kept.project, open_project(context));
  WRIT_CHECK(verify_store(*kept.project));
  WRIT_TRY(const RunId run,
           kept.project->resolve_run(context.arguments.positional("RUN|FILE").empty()
                                         ? context.arguments.positional("RUN")
                                         : context.arguments.positional("RUN|FILE")));
  WRIT_TRY(const crypto::SecretKey key, kept.project->runner_key());
  const execution::JournalDeps deps = kept.project->journal_deps(key.id());
  WRIT_TRY(const auto journal, execution::Journal::open(deps, run));
  WRIT_TRY(kept.trust, kept.project->trust_at(repo::CommitId{journal.state().run.base}));
  WRIT_TRY(kept.archive, execution::load_archive(deps, run, kept.trust, key));
  return kept;
}

// A trust file, or one public key: then what that key ran and attested counts.
Result<identity::Trust> load_trust(const std::filesystem::path& path) {
  if (path.extension() == ".pub") {
    WRIT_TRY(const crypto::PublicKeyFile key, crypto::load_public_key_file(path));
    return identity::Trust::self_signed(key.key);
  }
  WRIT_TRY(const Document document, load_document(path));
  return identity::Trust::parse(document);
}

Value verified_value(const execution::RunArchive& archive, const execution::VerifyReport& found) {
  Array checks;
  for (const std::string& check : found.checks) checks.emplace_back(check);
  Array rests_on;
  for (const std::string& line : found.rests_on) rests_on.emplace_back(line);
  return Object{{"verified", true},
                {"run", archive.state.run.id.text()},
                {"attested", found.is_attested},
                {"tree", archive.state.run.tree},
                {"events", found.events},
                {"evidence", found.records},
                {"decisions", found.decisions},
                {"checks", std::move(checks)},
                {"rests_on", std::move(rests_on)}};
}

void say(const CommandContext& context, const execution::RunArchive& archive,
         const execution::VerifyReport& found) {
  const Style style(context.global.has_color);
  const execution::RunRow& run = archive.state.run;
  std::string text =
      style(Tone::good, "verified") +
      fmt::format(" run {}  {}  {}, {}, {}\n", run.id.text(), printable(archive.plan.spec_id),
                  counted(found.events, "event", "events"),
                  counted(found.records, "piece of evidence", "pieces of evidence"),
                  counted(found.decisions, "decision", "decisions"));
  if (!found.is_attested) {
    text += "  " + style(Tone::warn, "not attested") +
            fmt::format(": the run is {}, so nothing is proved yet\n",
                        execution::status_name(run.status));
  }
  for (const std::string& check : found.checks) {
    text += "  " + style(Tone::good, "✔") + " " + printable(check) + "\n";
  }
  text += "  rests on\n";
  for (const std::string& line : found.rests_on) text += "    " + printable(line) + "\n";
  report(context, verified_value(archive, found), text);
}

// Who is given a bundle relies on what it attests: without an attestation it proves nothing.
Result<int> verify_file(const CommandContext& context, const std::filesystem::path& path) {
  WRIT_TRY(const evidence::Bundle bundle, evidence::read_bundle(path));
  WRIT_TRY(const execution::RunArchive archive, execution::from_bundle(bundle));
  identity::Trust trust = archive.trust;
  const auto given = context.arguments.value("--trust");
  if (given) {
    WRIT_TRY(trust, load_trust(context.path(*given)));
  }
  WRIT_TRY(execution::VerifyReport found, execution::verify_run(archive, trust));
  if (!given) {
    found.rests_on.emplace_back(
        "the trust file inside the bundle: give --trust FILE to check against your own");
  }
  say(context, archive, found);
  return found.is_attested ? 0 : kVerificationFailed;
}

}  // namespace

Result<int> verify(const CommandContext& context) {
  const std::string what = context.arguments.positional("RUN|FILE");
  std::error_code ignored;
  const std::filesystem::path path = context.path(what);
  if (!what.empty() && std::filesystem::is_regular_file(path, ignored)) {
    return verify_file(context, path);
  }
  WRIT_TRY(const Kept kept, load_kept(context));
  identity::Trust trust = kept.trust;
  if (const auto given = context.arguments.value("--trust")) {
    WRIT_TRY(trust, load_trust(context.path(*given)));
  }
  WRIT_TRY(const execution::VerifyReport found, execution::verify_run(kept.archive, trust));
  say(context, kept.archive, found);
  return 0;
}

Result<int> export_bundle(const CommandContext& context) {
  WRIT_TRY(const Kept kept, load_kept(context));
  WRIT_CHECK(execution::verify_run(kept.archive, kept.trust));
  WRIT_TRY(const std::string bytes, execution::to_bundle(kept.archive));
  const std::filesystem::path path = context.path(context.arguments.value("--out").value_or(""));
  WRIT_CHECK(replace_file(path, bytes));
  const std::string run = kept.archive.state.run.id.text();
  report(context, Object{{"run", run}, {"file", path.string()}, {"bytes", bytes.size()}},
         fmt::format("exported run {} to {} ({} bytes)\n  next: writ verify {} --trust "
                     ".writ/trust.yaml, anywhere\n",
                     run, path.string(), bytes.size(), path.filename().string()));
  return 0;
}

}  // namespace writ::cli
