#include "execution/acts.h"

#include <algorithm>
#include <span>

#include "base/json.h"
#include "crypto/dsse.h"
#include "execution/deferral_acts.h"
#include "execution/run_news.h"
#include "execution/signed_act.h"

namespace writ::execution {
namespace {

using identity::EvidenceClaim;
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

Result<Found> expect_blocker(const Journal& journal, BlockerId id) {
  const auto& blockers = journal.state().blockers;
  const auto blocker = std::ranges::find(blockers, id, &Blocker::id);
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
  return find_step(journal, blocker->step);
}

// Who is not known yet may turn out to be the holder.
bool is_held_by_another(const StepState& state, const crypto::KeyId& who) {
  return !state.claimed_by.empty() && !who.hex.empty() && state.claimed_by != who.hex;
}

Result<Found> expect_claimable(const Journal& journal, const Intent& intent) {
  WRIT_TRY(const Found at, find_waiting(journal, intent.step, StepKind::external, "claim"));
  const StepState& state = journal.state().steps[at.index];
  if (!is_held_by_another(state, intent.by)) return at;
  return fail(Code::conflict,
              "step " + at.step->path + " is claimed by key " + state.claimed_by.substr(0, 16));
}

Result<void> expect_complete(const PlanStep& step, std::span<const EvidenceClaim> files) {
  for (const EvidenceClaim& file : files) {
    const bool is_declared =
        std::ranges::any_of(step.evidence, [&](const protocol::EvidenceWanted& wanted) {
          return wanted.kind == file.kind && wanted.path == file.path;
        });
    if (!is_declared) {
      return fail(Code::invalid_input, "step " + step.path + " does not ask for " + file.path,
                  "`writ explain " + step.path + "` lists what it asks for");
    }
  }
  for (const protocol::EvidenceWanted& wanted : step.evidence) {
    if (!wanted.required || wanted.path.empty()) continue;
    const bool is_there =
        std::ranges::find(files, wanted.path, &EvidenceClaim::path) != files.end();
    if (!is_there) {
      return fail(Code::invalid_input,
                  "step " + step.path + " asks for " + wanted.kind + " evidence " + wanted.path,
                  "Hand it in with --evidence " + wanted.path);
    }
  }
  return {};
}

Result<Found> expect_submittable(const Journal& journal, const Intent& intent) {
  WRIT_TRY(const Found at, find_waiting(journal, intent.step, StepKind::external, "submit"));
  const StepState& state = journal.state().steps[at.index];
  if (is_held_by_another(state, intent.by)) {
    return fail(Code::not_permitted, "step " + at.step->path + " is claimed by another key",
                "Submit with key " + state.claimed_by.substr(0, 16));
  }
  WRIT_CHECK(expect_complete(*at.step, intent.evidence));
  return at;
}

// The step that it is about, where it can be said at the moment.
Result<Found> expect_sayable(const Journal& journal, const Intent& intent) {
  switch (intent.kind) {
    case StatementKind::approval:
    case StatementKind::rejection:
      return find_waiting(journal, intent.step, StepKind::approval, "approve");
    case StatementKind::resolution:
      if (intent.blocker) return expect_blocker(journal, *intent.blocker);
      return fail(Code::invalid_input, "a resolution names the blocker that it lifts");
    case StatementKind::claim:
      return expect_claimable(journal, intent);
    case StatementKind::submission:
      return expect_submittable(journal, intent);
    default:
      return find_step(journal, intent.step);
  }
}

Result<Statement> statement_of(const ActDeps& deps, const Journal& journal, const Found& at,
                               const Intent& intent) {
  WRIT_TRY(Statement statement, statement_about(deps, journal, intent.kind, at, intent.reason));
  if (intent.kind == StatementKind::resolution) {
    statement.role = std::string(identity::kResolverRole);
  }
  statement.blocker = intent.blocker;
  statement.evidence = intent.evidence;
  return statement;
}

Intent intent_of(const Statement& said, const crypto::KeyId& signer) {
  return {said.kind, said.step, said.blocker, said.reason, said.evidence, signer};
}

// The step that a word claims to be about, however the run stands.
Result<Found> locate(const Journal& journal, const Statement& said) {
  const auto& blockers = journal.state().blockers;
  const auto blocker =
      !said.blocker ? blockers.end() : std::ranges::find(blockers, *said.blocker, &Blocker::id);
  if (said.blocker && blocker == blockers.end()) {
    return fail(Code::not_found, "the run has no blocker " + said.blocker->text());
  }
  return find_step(journal, said.blocker ? blocker->step : said.step);
}

Result<Statement> read_row(const StatementRow& row) {
  WRIT_TRY(const Value value, parse_json(row.envelope, "statement"));
  WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(value));
  return identity::read_statement(envelope);
}

Result<TakenWord> taken(const StatementRow& row) {
  WRIT_TRY(Statement statement, read_row(row));
  return TakenWord{std::move(statement), crypto::KeyId{row.key_id},
                   crypto::sha256(row.envelope).hex(), row.at};
}

const StatementRow* find_same(const std::vector<StatementRow>& rows, const std::string& text) {
  const auto row = std::ranges::find(rows, text, &StatementRow::envelope);
  return row == rows.end() ? nullptr : &*row;
}

// The last word on the step, if it is this one by this key about the same tree: saying it again,
// as after a lost answer, adds nothing. A claim and what is said of the work are two matters.
Result<const StatementRow*> find_said(const std::vector<StatementRow>& rows,
                                      const Statement& statement, const crypto::KeyId& signer) {
  const auto kind = identity::statement_kind_name(statement.kind);
  const auto claim = identity::statement_kind_name(StatementKind::claim);
  const StatementRow* last = nullptr;
  for (const StatementRow& row : rows) {
    if (row.step != statement.step || row.attempt != statement.attempt) continue;
    if ((row.kind == claim) != (kind == claim)) continue;
    if (last == nullptr || row.at >= last->at) last = &row;
  }
  const bool is_same_word = last != nullptr && last->key_id == signer.hex && last->kind == kind &&
                            last->tree == statement.tree.hex();
  if (!is_same_word) return nullptr;
  WRIT_TRY(const Statement said, read_row(*last));
  const bool is_same = said.evidence == statement.evidence && said.blocker == statement.blocker;
  return is_same ? last : nullptr;
}

// Its size is known to the blob store alone.
Result<store::BlobRef> find_blob(store::BlobStore& blobs, const EvidenceClaim& claim) {
  store::BlobRef ref{claim.digest, 0};
  const auto read = blobs.stream(claim.digest, [&](std::string_view bytes) -> Result<void> {
    ref.size += bytes.size();
    return {};
  });
  if (read) return ref;
  if (read.error().code != Code::not_found) return std::unexpected(read.error());
  return fail(Code::invalid_input,
              "the bytes of " + claim.path + " are not there: " + claim.digest.hex(),
              "Hand them in first: PUT /writ/v1/blobs/" + claim.digest.hex());
}

Result<Attachments> blobs_of(const ActDeps& deps, const Statement& said) {
  Attachments attachments;
  for (const EvidenceClaim& claim : said.evidence) {
    WRIT_TRY(const store::BlobRef blob, find_blob(deps.journal.blobs, claim));
    attachments.blobs.push_back(blob);
  }
  return attachments;
}

// The events that a word makes, each saying which word it was.
Result<void> stage(Journal& journal, const Statement& said, const Word& word) {
  const std::string& by = word.signer.hex;
  const auto recorded = [&](std::string_view type) {
    return record_word(journal, statement_recorded(type, said.step, said.attempt, by, word.digest),
                       word);
  };
  switch (said.kind) {
    case StatementKind::claim:
      return record_word(journal, step_claimed(said.step, said.attempt, by), word);
    case StatementKind::submission:
      return recorded("writ.submission.accepted");
    case StatementKind::resolution:
      WRIT_CHECK(recorded("writ.resolution.given"));
      return journal.stage(made_by(blocker_resolved(said.blocker.value_or(BlockerId{}), by), word));
    default:
      return recorded("writ.approval.given");
  }
}

// Verifies it, and stages what it says where it does not stand already.
Result<TakenWord> stage_word(const ActDeps& deps, Journal& journal, const SaidWord& word) {
  const Statement& said = word.said;
  WRIT_TRY(const KeptEnvelope kept, keep(word.envelope));
  WRIT_TRY(const std::vector<StatementRow> rows, journal.statements(said.step));
  if (const StatementRow* row = find_same(rows, kept.text)) return taken(*row);
  if (said.subject) {
    WRIT_TRY(const Word about, stage_matter(deps, journal, word));
    return TakenWord{said, about.signer, about.digest, about.received};
  }
  WRIT_TRY(const Found at, locate(journal, said));
  WRIT_TRY(const Statement wanted, statement_of(deps, journal, at, intent_of(said, {})));
  const WallTime now = deps.journal.clock.wall();
  WRIT_TRY(const Word admitted, admit_word(deps, journal, word.envelope, occasion_of(wanted, now)));
  WRIT_CHECK(expect_sayable(journal, intent_of(said, admitted.signer)));
  WRIT_TRY(const StatementRow* again, find_said(rows, said, admitted.signer));
  if (again != nullptr) return taken(*again);
  WRIT_TRY(Attachments blobs, blobs_of(deps, said));
  WRIT_CHECK(stage(journal, said, admitted));
  journal.attach(std::move(blobs));
  return TakenWord{said, admitted.signer, admitted.digest, admitted.received};
}

}  // namespace

Result<Draft> draft_word(const ActDeps& deps, RunId run, const Intent& intent) {
  WRIT_TRY(const Journal journal, Journal::open(deps.journal, run));
  if (is_about_a_matter(intent.kind)) return draft_matter(deps, journal, intent);
  WRIT_TRY(const Found at, expect_sayable(journal, intent));
  WRIT_TRY(Statement statement, statement_of(deps, journal, at, intent));
  return Draft{std::move(statement)};
}

Result<TakenWord> take_word(const ActDeps& deps, RunId run, const crypto::DsseEnvelope& envelope,
                            const Matter& matter) {
  WRIT_TRY(const Statement said, identity::read_statement(envelope));
  Result<TakenWord> taken;
  const SaidWord word{envelope, said, matter};
  const auto say = [&](Journal& journal, const Tree& tree) {
    ActDeps there = deps;
    there.tree = &tree;
    taken = stage_word(there, journal, word);
  };
  if (deps.news != nullptr && deps.news->hand(run, {said.step, say})) return taken;
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  taken = stage_word(deps, journal, word);
  WRIT_CHECK(journal.flush());  // what is refused is recorded, too
  return taken;
}

}  // namespace writ::execution
