// writ approve, reject, resolve, claim, submit: the signed words of people and agents.
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "base/file.h"
#include "base/safe_path.h"
#include "cli/find_step.h"
#include "cli/handlers.h"
#include "cli/report.h"
#include "cli/run_desk.h"
#include "cli/wiring.h"
#include "execution/acts.h"
#include "executors/report_evidence.h"

namespace writ::cli {
namespace {

using execution::Intent;
using identity::StatementKind;

Result<std::unique_ptr<RunDesk>> desk_of(const CommandContext& context) {
  return open_run_desk(context, context.arguments.positional("RUN"));
}

Result<std::string> step_of(const CommandContext& context, const RunDesk& desk) {
  return find_step(desk.plan(), context.arguments.positional("STEP"));
}

Result<int> decide(const CommandContext& context, StatementKind kind, std::string_view done) {
  WRIT_TRY(const auto desk, desk_of(context));
  WRIT_TRY(const std::string step, step_of(context, *desk));
  Intent intent{kind, step};
  intent.reason = context.arguments.value("--reason").value_or("");
  WRIT_CHECK(say(context, *desk, std::move(intent)));
  report(
      context, Object{{"run", desk->run().text()}, {"step", step}, {"act", done}},
      std::string(done) + " " + step + " of run " + desk->run().text() + "\n  next: writ resume\n");
  return 0;
}

// The last write of a file must lie within the attempt that it is to be evidence of.
Result<void> expect_fresh(const std::filesystem::path& path, WallTime since, WallTime now) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return fail(Code::not_found, "there is no file " + path.string());
  }
  const WallTime written{info.st_mtim.tv_sec * 1'000'000 + info.st_mtim.tv_nsec / 1000};
  // The kernel stamps files with a clock that ticks: one written at once may look a little older.
  constexpr std::int64_t kTickMicros = 10'000;
  if (written.micros + kTickMicros >= since.micros) return {};
  return fail(Code::not_permitted,
              path.string() + " was last written at " + to_rfc3339(written) +
                  ", before the step began at " + to_rfc3339(since),
              now < since ? "The clock was set back since the step began: `writ resume --replan` "
                            "begins it anew; make the file again then"
                          : "Make it again: what was there before the step is no evidence of it");
}

struct Handed {
  identity::EvidenceClaim claim;
  std::string bytes;
};

Result<Handed> read_submission(const CommandContext& context, const protocol::PlanStep& step,
                               const std::filesystem::path& root, const std::string& named,
                               WallTime since) {
  const std::filesystem::path path = context.path(named);
  std::error_code ignored;
  const std::string relative = std::filesystem::proximate(path, root, ignored).generic_string();
  const auto wanted = std::find_if(step.evidence.begin(), step.evidence.end(), [&](const auto& w) {
    return w.path == relative || w.path == named;
  });
  if (wanted == step.evidence.end()) {
    return fail(Code::invalid_input, "step " + step.path + " does not ask for " + named,
                "`writ explain " + step.path + "` lists what it asks for");
  }
  WRIT_TRY(const std::filesystem::path inside, join_inside(root, wanted->path));
  WRIT_CHECK(expect_fresh(inside, since, context.wiring.clock.wall()));
  WRIT_TRY(std::string bytes, read_file(inside, executors::kMaxReportBytes));
  const crypto::Digest digest = crypto::sha256(bytes);
  return Handed{{wanted->kind, wanted->path, digest}, std::move(bytes)};
}

}  // namespace

Result<int> approve(const CommandContext& context) {
  return decide(context, StatementKind::approval, "approved");
}

Result<int> reject(const CommandContext& context) {
  return decide(context, StatementKind::rejection, "rejected");
}

Result<int> resolve(const CommandContext& context) {
  WRIT_TRY(const auto desk, desk_of(context));
  WRIT_TRY(const BlockerId blocker, BlockerId::parse(context.arguments.positional("BLOCKER")));
  Intent intent{StatementKind::resolution};
  intent.blocker = blocker;
  intent.reason = context.arguments.value("--reason").value_or("");
  WRIT_CHECK(say(context, *desk, std::move(intent)));
  report(context,
         Object{{"run", desk->run().text()}, {"blocker", blocker.text()}, {"act", "resolved"}},
         "resolved blocker " + blocker.text() + "\n  next: writ resume\n");
  return 0;
}

Result<int> claim(const CommandContext& context) {
  WRIT_TRY(const auto desk, desk_of(context));
  WRIT_TRY(const std::string step, step_of(context, *desk));
  WRIT_CHECK(say(context, *desk, {StatementKind::claim, step}));
  const protocol::PlanStep& definition = desk->plan().steps[desk->plan().find(step)];
  Object json{{"run", desk->run().text()}, {"step", step}, {"act", "claimed"}};
  const std::string_view instructions = definition.with.string_or("instructions", "");
  std::string text = "claimed " + step + "\n";
  if (!instructions.empty()) text += std::string(instructions) + "\n";
  json.append("instructions", instructions);
  Array wanted;
  for (const protocol::EvidenceWanted& evidence : definition.evidence) {
    text += "  evidence: " + evidence.kind + " " + evidence.path + "\n";
    wanted.push_back(Object{{"kind", evidence.kind}, {"path", evidence.path}});
  }
  json.append("evidence", std::move(wanted));
  report(context, json, text + "  next: writ submit latest " + step + " --evidence FILE\n");
  return 0;
}

Result<int> submit(const CommandContext& context) {
  WRIT_TRY(const auto desk, desk_of(context));
  WRIT_TRY(const std::string step, step_of(context, *desk));
  const std::size_t index = desk->plan().find(step);
  const WallTime since = desk->state().steps[index].since.value_or(WallTime{});
  WRIT_TRY(const std::filesystem::path root, desk->root());
  Intent intent{StatementKind::submission, step};
  intent.reason = context.arguments.value("--note").value_or("");
  std::vector<std::string> files;
  for (const std::string& named : context.arguments.values("--evidence")) {
    WRIT_TRY(Handed file, read_submission(context, desk->plan().steps[index], root, named, since));
    intent.evidence.push_back(std::move(file.claim));
    files.push_back(std::move(file.bytes));
  }
  WRIT_CHECK(say(context, *desk, std::move(intent), files));
  report(context,
         Object{{"run", desk->run().text()},
                {"step", step},
                {"act", "submitted"},
                {"files", files.size()}},
         "submitted " + std::to_string(files.size()) + (files.size() == 1 ? " file" : " files") +
             " as evidence for " + step + "\n  next: writ resume\n");
  return 0;
}

}  // namespace writ::cli
