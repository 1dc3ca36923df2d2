#include "execution/acts.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/dsse.h"
#include "execution/signed_act.h"

namespace writ::execution {
namespace {

using identity::Statement;
using identity::StatementKind;
using protocol::PlanStep;
using protocol::StepKind;

// A step of `kind` that waits for somebody.
Result<Found> find_waiting(const Journal& journal, std::string_view path, StepKind kind,
                           std::string_view act) {
  WRIT_TRY(const Found found, find_step(journal, path));
  const StepState& state = journal.state().steps[found.index];
  if (found.step->kind == kind && state.status == StepStatus::waiting) return found;
  const std::string why = found.step->kind == kind
                              ? "is " + std::string(status_name(state.status)) + ", not waiting"
                              : "is no step to " + std::string(act);
  return fail(Code::conflict, "step " + std::string(path) + " " + why,
              "`writ status` shows what the run waits for");
}

Result<bool> hands_in_the_same(const StatementRow& row, const Statement& statement) {
  WRIT_TRY(const Value value, parse_json(row.envelope, "statement"));
  WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(value));
  WRIT_TRY(const Statement said, identity::read_statement(envelope));
  return said.evidence == statement.evidence;
}

// Whether this key's last word on the step is the same word about the same tree: saying it again,
// as after a lost answer, adds nothing.
Result<bool> has_said(const Journal& journal, const Statement& statement,
                      const crypto::Signer& signer) {
  WRIT_TRY(const std::vector<StatementRow> rows, journal.statements());
  const StatementRow* last = nullptr;
  for (const StatementRow& row : rows) {
    if (row.step != statement.step || row.attempt != statement.attempt) continue;
    if (last == nullptr || row.at >= last->at) last = &row;
  }
  const bool is_same_word = last != nullptr && last->key_id == signer.id().hex &&
                            last->kind == identity::statement_kind_name(statement.kind) &&
                            last->tree == statement.tree.hex();
  if (!is_same_word) return false;
  return hands_in_the_same(*last, statement);
}

Result<void> decide(const ActDeps& deps, RunId run, std::string_view step, StatementKind kind,
                    const crypto::Signer& signer, std::string_view reason) {
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  WRIT_TRY(const Found at, find_waiting(journal, step, StepKind::approval, "approve"));
  WRIT_TRY(const Statement statement, statement_about(deps, journal, kind, at, reason));
  WRIT_TRY(const bool is_said, has_said(journal, statement, signer));
  if (is_said) return {};
  WRIT_CHECK(record_word(deps, journal, statement, signer, "writ.approval.given"));
  return journal.flush();
}

Result<void> expect_complete(const PlanStep& step, std::span<const SubmittedFile> files) {
  for (const SubmittedFile& file : files) {
    const bool is_declared = std::any_of(
        step.evidence.begin(), step.evidence.end(), [&](const protocol::EvidenceWanted& wanted) {
          return wanted.kind == file.kind && wanted.path == file.path;
        });
    if (!is_declared) {
      return fail(Code::invalid_input, "step " + step.path + " does not ask for " + file.path,
                  "`writ explain " + step.path + "` lists what it asks for");
    }
  }
  for (const protocol::EvidenceWanted& wanted : step.evidence) {
    if (!wanted.required || wanted.path.empty()) continue;
    const bool is_there = std::any_of(files.begin(), files.end(), [&](const SubmittedFile& file) {
      return file.path == wanted.path;
    });
    if (!is_there) {
      return fail(Code::invalid_input,
                  "step " + step.path + " asks for " + wanted.kind + " evidence " + wanted.path,
                  "Hand it in with --evidence " + wanted.path);
    }
  }
  return {};
}

}  // namespace

Result<void> approve(const ActDeps& deps, RunId run, std::string_view step,
                     const crypto::Signer& signer, std::string_view reason) {
  return decide(deps, run, step, StatementKind::approval, signer, reason);
}

Result<void> reject(const ActDeps& deps, RunId run, std::string_view step,
                    const crypto::Signer& signer, std::string_view reason) {
  return decide(deps, run, step, StatementKind::rejection, signer, reason);
}

Result<void> resolve(const ActDeps& deps, RunId run, BlockerId id, const crypto::Signer& signer,
                     std::string_view reason) {
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  const auto& blockers = journal.state().blockers;
  const auto blocker =
      std::find_if(blockers.begin(), blockers.end(), [&](const Blocker& b) { return b.id == id; });
  if (blocker == blockers.end()) {
    return fail(Code::not_found, "the run has no blocker " + id.text());
  }
  if (!blocker->is_open) {
    return fail(Code::conflict, "blocker " + id.text() + " is resolved already");
  }
  if (blocker->kind == protocol::BlockerKind::FIX_REQUIRED) {
    return fail(Code::conflict, "a FIX_REQUIRED blocker clears when its own check passes again",
                "Fix what it names, then `writ resume`");
  }
  WRIT_TRY(const Found at, find_step(journal, blocker->step));
  WRIT_TRY(Statement statement,
           statement_about(deps, journal, StatementKind::resolution, at, reason));
  statement.role = std::string(identity::kResolverRole);
  statement.blocker = id;
  WRIT_CHECK(record_word(deps, journal, statement, signer, "writ.resolution.given"));
  WRIT_CHECK(journal.stage(blocker_resolved(id, signer.id().hex)));
  return journal.flush();
}

Result<void> claim(const ActDeps& deps, RunId run, std::string_view step,
                   const crypto::Signer& signer) {
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  WRIT_TRY(const Found at, find_waiting(journal, step, StepKind::external, "claim"));
  const StepState& state = journal.state().steps[at.index];
  const std::string by = signer.id().hex;
  if (state.claimed_by == by) return {};
  if (!state.claimed_by.empty()) {
    return fail(Code::conflict,
                "step " + at.step->path + " is claimed by key " + state.claimed_by.substr(0, 16));
  }
  WRIT_CHECK(deps.authority.require(identity::Act::submit, signer.id(), role_of(*at.step),
                                    deps.journal.clock.wall()));
  WRIT_CHECK(journal.stage(step_claimed(at.step->path, state.attempt, by)));
  return journal.flush();
}

Result<void> submit(const ActDeps& deps, RunId run, std::string_view step,
                    const crypto::Signer& signer, std::span<const SubmittedFile> files,
                    std::string_view note) {
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  WRIT_TRY(const Found at, find_waiting(journal, step, StepKind::external, "submit"));
  const std::string& holder = journal.state().steps[at.index].claimed_by;
  if (!holder.empty() && holder != signer.id().hex) {
    return fail(Code::not_permitted, "step " + at.step->path + " is claimed by another key",
                "Submit with key " + holder.substr(0, 16));
  }
  WRIT_CHECK(expect_complete(*at.step, files));
  WRIT_TRY(Statement statement,
           statement_about(deps, journal, StatementKind::submission, at, note));
  Attachments blobs;
  for (const SubmittedFile& file : files) {
    WRIT_TRY(const store::BlobRef blob, deps.journal.blobs.put(file.bytes));
    statement.evidence.push_back({file.kind, file.path, blob.digest});
    blobs.blobs.push_back(blob);
  }
  WRIT_TRY(const bool is_said, has_said(journal, statement, signer));
  if (is_said) return {};
  WRIT_CHECK(record_word(deps, journal, statement, signer, "writ.submission.accepted"));
  journal.attach(std::move(blobs));
  return journal.flush();
}

}  // namespace writ::execution
