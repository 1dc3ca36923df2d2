// writ verify, export, handoff: what a run was, for those who were not there.
#include <fmt/format.h>

#include <filesystem>
#include <ostream>

#include "base/document.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "evidence/bundle.h"
#include "execution/run_archive.h"
#include "execution/verify.h"

namespace writ::cli {
namespace {

struct Kept {
  std::unique_ptr<Project> project;
  identity::Trust trust;
  execution::RunArchive archive;
};

Result<Kept> load_kept(const CommandContext& context) {
  Kept kept;
  WRIT_TRY(kept.project,
           Project::open(context.wiring, context.global.directory, context.global.store));
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

int say(const CommandContext& context, const execution::RunArchive& archive,
        const execution::VerifyReport& report) {
  std::ostream& out = context.wiring.out;
  if (context.global.is_json) {
    Array checks;
    for (const std::string& check : report.checks) checks.emplace_back(check);
    Array rests_on;
    for (const std::string& line : report.rests_on) rests_on.emplace_back(line);
    out << to_json(Object{{"verified", true},
                          {"run", archive.state.run.id.text()},
                          {"attested", report.is_attested},
                          {"tree", archive.state.run.tree},
                          {"events", report.events},
                          {"evidence", report.records},
                          {"decisions", report.decisions},
                          {"checks", std::move(checks)},
                          {"rests_on", std::move(rests_on)}})
        << "\n";
    return 0;
  }
  const Style style(context.global.has_color);
  out << style(Tone::good, "verified")
      << fmt::format(" run {}  {}  {} events, {} pieces of evidence, {} decisions\n",
                     archive.state.run.id.text(), archive.plan.spec_id, report.events,
                     report.records, report.decisions);
  for (const std::string& check : report.checks) {
    out << "  " << style(Tone::good, "✔") << " " << check << "\n";
  }
  out << "  rests on\n";
  for (const std::string& line : report.rests_on) out << "    " << printable(line) << "\n";
  return 0;
}

Result<int> verify_file(const CommandContext& context, const std::filesystem::path& path) {
  WRIT_TRY(const evidence::Bundle bundle, evidence::read_bundle(path));
  WRIT_TRY(const execution::RunArchive archive, execution::from_bundle(bundle));
  identity::Trust trust = archive.trust;
  if (const auto given = context.arguments.value("--trust")) {
    WRIT_TRY(const Document document, load_document(context.wiring.directory / *given));
    WRIT_TRY(trust, identity::Trust::parse(document));
  }
  WRIT_TRY(execution::VerifyReport report, execution::verify_run(archive, trust));
  if (!context.arguments.has("--trust")) {
    report.rests_on.emplace_back(
        "the trust file inside the bundle: give --trust FILE to check "
        "against your own");
  }
  return say(context, archive, report);
}

}  // namespace

Result<int> verify(const CommandContext& context) {
  const std::string what = context.arguments.positional("RUN|FILE");
  std::error_code ignored;
  const std::filesystem::path path = context.wiring.directory / what;
  if (!what.empty() && std::filesystem::is_regular_file(path, ignored)) {
    return verify_file(context, path);
  }
  WRIT_TRY(const Kept kept, load_kept(context));
  // The whole store, the whole log, then the run in it.
  WRIT_CHECK(kept.project->store().check());
  std::vector<crypto::PublicKey> log_keys;
  for (const crypto::KeyInfo& key : kept.project->keyring().list()) log_keys.push_back(key.key);
  WRIT_CHECK(kept.project->ledger().verify(log_keys));
  WRIT_TRY(const execution::VerifyReport report, execution::verify_run(kept.archive, kept.trust));
  return say(context, kept.archive, report);
}

Result<int> export_bundle(const CommandContext& context) {
  WRIT_TRY(const Kept kept, load_kept(context));
  WRIT_CHECK(execution::verify_run(kept.archive, kept.trust));
  WRIT_TRY(const std::string bytes, execution::to_bundle(kept.archive));
  const std::filesystem::path path = context.wiring.directory / *context.arguments.value("--out");
  WRIT_CHECK(replace_file(path, bytes));
  context.wiring.out << fmt::format(
      "exported run {} to {} ({} bytes)\n  next: writ verify {} --trust .writ/trust.yaml, "
      "anywhere\n",
      kept.archive.state.run.id.text(), path.string(), bytes.size(), path.filename().string());
  return 0;
}

}  // namespace writ::cli
