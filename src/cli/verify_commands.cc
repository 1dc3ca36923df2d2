// writ verify, export: what a run was, for those who were not there.
#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/kept_run.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/server_client.h"
#include "cli/style.h"
#include "cli/trust_file.h"
#include "cli/wiring.h"
#include "evidence/bundle.h"
#include "execution/run_archive.h"
#include "execution/verify.h"

namespace writ::cli {
namespace {

constexpr int kVerificationFailed = 7;

// A server that is named hands the run over. One that lives here is not asked: what is kept is
// looked at itself, all of it.
Result<KeptRun> kept_run(const CommandContext& context, ServerClient* server,
                         const std::string& named) {
  if (server != nullptr) return fetch_kept_run(context, *server, named);
  WRIT_TRY(auto project, open_project(context));
  return load_kept_run(std::move(project), named);
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
    WRIT_TRY(trust, load_trust_file(context.path(*given)));
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
  WRIT_TRY(const auto server, ServerClient::find_named(context));
  WRIT_TRY(KeptRun kept, kept_run(context, server.get(), what));
  if (const auto given = context.arguments.value("--trust")) {
    WRIT_TRY(kept.trust, load_trust_file(context.path(*given)));
    if (server != nullptr) kept.rests_on.back() = "the trust of " + *given;
  }
  WRIT_TRY(execution::VerifyReport found, execution::verify_run(kept.archive, kept.trust));
  found.rests_on.insert(found.rests_on.end(), kept.rests_on.begin(), kept.rests_on.end());
  say(context, kept.archive, found);
  return 0;
}

Result<int> export_bundle(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find(context));
  WRIT_TRY(KeptRun kept, kept_run(context, server.get(), context.arguments.positional("RUN")));
  WRIT_CHECK(execution::verify_run(kept.archive, kept.trust));
  std::string bytes = std::move(kept.bytes);
  if (bytes.empty()) {
    WRIT_TRY(bytes, execution::to_bundle(kept.archive));
  }
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
