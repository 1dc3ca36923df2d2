// Assumptions and deferrals (LAW-18): recorded and closed by signed words.
#include <algorithm>

#include "execution/signed_act.h"

namespace writ::execution {
namespace {

using identity::Statement;
using identity::StatementKind;

constexpr std::int64_t kWeekMicros = 7LL * 24 * 3600 * 1'000'000;

Result<void> expect_text(std::string_view what, std::string_view text, std::string_view option) {
  constexpr std::size_t kMaxText = 4096;
  if (!text.empty() && text.size() <= kMaxText) return {};
  return fail(Code::invalid_input,
              text.empty() ? std::string(what) + " is missing"
                           : std::string(what) + " is longer than 4096 bytes",
              "Say it with " + std::string(option));
}

Result<Deferral> deferral_of(const Journal& journal, const Found& at, const crypto::Signer& signer,
                             const OpenMatter& matter) {
  WRIT_CHECK(expect_text("what is put off", matter.what, "--what TEXT"));
  WRIT_CHECK(expect_text("the owner", matter.owner, "--owner NAME"));
  WRIT_CHECK(expect_text("what unblocks it", matter.unblocker, "--unblocker TEXT"));
  if (!matter.due) {
    return fail(Code::invalid_input, "the date is missing", "Say it with --due 2026-03-01");
  }
  const RunRow& run = journal.state().run;
  Deferral deferral;
  deferral.id = {Uuid::v5(run.id.uuid, "deferral/" + std::to_string(run.deferrals.size()) + "/" +
                                           at.step->path + "/" + matter.what)};
  deferral.step = at.step->path;
  deferral.what = matter.what;
  deferral.owner = matter.owner;
  deferral.due = *matter.due;
  deferral.unblocker = matter.unblocker;
  deferral.by = signer.id().hex;
  return deferral;
}

// Any trusted key may say it, in whatever role the step asks for of others.
Result<void> record_deferral(const ActDeps& deps, Journal& journal, const Found& at,
                             const crypto::Signer& signer, const Deferral& deferral) {
  WRIT_TRY(Statement statement, statement_about(deps, journal, StatementKind::deferral, at, ""));
  statement.role.clear();
  WRIT_TRY(statement.subject, subject_of(deferral));
  WRIT_TRY(const Word word, sign_word(deps, journal, statement, signer));
  WRIT_CHECK(journal.stage(resting_on(deferral_recorded(deferral), word)));
  return journal.flush();
}

Result<void> expect_active(const Journal& journal) {
  const RunRow& run = journal.state().run;
  if (run.status == RunStatus::active) return {};
  return fail(Code::conflict,
              "run " + run.id.text() + " has ended: it is " + std::string(status_name(run.status)));
}

std::string name_of(const ActDeps& deps, const crypto::Signer& signer) {
  const identity::TrustedKey* key = deps.authority.trust().find(signer.id());
  return key != nullptr ? key->name : signer.id().short_text();
}

// It is refused, and does not get lost by that.
std::unexpected<Error> refuse_for(const ActDeps& deps, Journal& journal, const Found& at,
                                  const crypto::Signer& signer, std::string_view text,
                                  const protocol::Invariant& invariant, OpenMatter instead) {
  instead.what = "assumed: " + std::string(text);
  if (instead.owner.empty()) instead.owner = name_of(deps, signer);
  if (!instead.due) instead.due = WallTime{deps.journal.clock.wall().micros + kWeekMicros};
  if (instead.unblocker.empty()) {
    instead.unblocker = "a decision about invariant " + invariant.id + ": " + invariant.text;
  }
  auto deferral = deferral_of(journal, at, signer, instead);
  if (!deferral) return std::unexpected(deferral.error());
  deferral->invariant = invariant.id;
  auto recorded = record_deferral(deps, journal, at, signer, *deferral);
  if (!recorded) return std::unexpected(recorded.error());
  return fail(Code::not_permitted,
              "this touches invariant " + invariant.id + " (" + invariant.text +
                  "), which no assumption may; it stands as deferral " + deferral->id.text(),
              "Have it decided, then `writ deferral close latest " + deferral->id.text() +
                  " --key FILE --reason TEXT`");
}

}  // namespace

Result<Deferral> defer(const ActDeps& deps, RunId run, std::string_view step,
                       const crypto::Signer& signer, const OpenMatter& matter) {
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  WRIT_CHECK(expect_active(journal));
  WRIT_TRY(const Found at, find_step(journal, step));
  WRIT_TRY(Deferral deferral, deferral_of(journal, at, signer, matter));
  WRIT_CHECK(record_deferral(deps, journal, at, signer, deferral));
  return deferral;
}

Result<void> close_deferral(const ActDeps& deps, RunId run, DeferralId id,
                            const crypto::Signer& signer, std::string_view reason) {
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  WRIT_CHECK(expect_active(journal));
  const std::vector<Deferral>& all = journal.state().run.deferrals;
  const auto deferral = std::ranges::find(all, id, &Deferral::id);
  if (deferral == all.end()) {
    return fail(Code::not_found, "the run has no deferral " + id.text(),
                "`writ deferral list` shows them");
  }
  if (!deferral->is_open) {
    return fail(Code::conflict, "deferral " + id.text() + " is closed already");
  }
  // It may come from an earlier run, whose step is not in this plan.
  const std::size_t index = journal.plan().find(deferral->step);
  const std::size_t known = std::min(index, journal.plan().steps.size() - 1);
  WRIT_TRY(Statement statement, statement_about(deps, journal, StatementKind::closure,
                                                {known, &journal.plan().steps[known]}, reason));
  statement.role = std::string(identity::kResolverRole);
  WRIT_TRY(statement.subject, subject_of(*deferral));
  WRIT_TRY(const Word word, sign_word(deps, journal, statement, signer));
  WRIT_CHECK(journal.stage(resting_on(deferral_closed(*deferral, signer.id().hex, reason), word)));
  return journal.flush();
}

Result<void> assume(const ActDeps& deps, RunId run, std::string_view step,
                    const crypto::Signer& signer, std::string_view text,
                    std::vector<std::string> about, const OpenMatter& instead) {
  WRIT_TRY(Journal journal, Journal::open(deps.journal, run));
  WRIT_CHECK(expect_active(journal));
  WRIT_TRY(const Found at, find_step(journal, step));
  WRIT_CHECK(expect_text("the assumption", text, "--what TEXT"));
  if (journal.plan().ambiguity != "assume") {
    return fail(Code::not_permitted, "the law of this run says stop where something is ambiguous",
                "Ask; what cannot be decided now is put off with `writ deferral add`");
  }
  if (about.empty()) {
    return fail(Code::invalid_input, "the assumption does not say what it is about",
                "Name paths, or invariants, with --about");
  }
  if (const auto* invariant = touched_invariant(journal.plan(), about)) {
    return refuse_for(deps, journal, at, signer, text, *invariant, instead);
  }
  const Assumption assumption{at.step->path, std::string(text), std::move(about), signer.id().hex};
  WRIT_TRY(Statement statement, statement_about(deps, journal, StatementKind::assumption, at, ""));
  statement.role.clear();
  WRIT_TRY(statement.subject, subject_of(assumption));
  WRIT_TRY(const Word word, sign_word(deps, journal, statement, signer));
  WRIT_CHECK(journal.stage(resting_on(assumption_recorded(assumption), word)));
  return journal.flush();
}

}  // namespace writ::execution
