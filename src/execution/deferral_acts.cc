#include "execution/deferral_acts.h"

#include <algorithm>

namespace writ::execution {
namespace {

using identity::Statement;
using identity::StatementKind;

constexpr std::int64_t kWeekMicros = 7LL * 24 * 3600 * 1'000'000;
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxAbout = 200;

Result<void> expect_text(std::string_view what, std::string_view text, std::string_view option) {
  if (!text.empty() && text.size() <= kMaxText) return {};
  return fail(Code::invalid_input,
              text.empty() ? std::string(what) + " is missing"
                           : std::string(what) + " is longer than 4096 bytes",
              "Say it with " + std::string(option));
}

Result<void> expect_whole(const Deferral& deferral) {
  WRIT_CHECK(expect_text("what is put off", deferral.what, "--what TEXT"));
  WRIT_CHECK(expect_text("the owner", deferral.owner, "--owner NAME"));
  return expect_text("what unblocks it", deferral.unblocker, "--unblocker TEXT");
}

Result<void> expect_whole(const Assumption& assumption) {
  WRIT_CHECK(expect_text("the assumption", assumption.text, "--what TEXT"));
  if (assumption.about.empty() || assumption.about.size() > kMaxAbout) {
    return fail(Code::invalid_input,
                assumption.about.empty() ? "the assumption does not say what it is about"
                                         : "the assumption is about more than 200 things",
                "Name paths, or invariants, with --about");
  }
  for (const std::string& name : assumption.about) {
    WRIT_CHECK(expect_text("what it is about", name, "--about WHAT"));
  }
  return {};
}

Result<void> expect_active(const Journal& journal) {
  const RunRow& run = journal.state().run;
  if (run.status == RunStatus::active) return {};
  return fail(Code::conflict,
              "run " + run.id.text() + " has ended: it is " + std::string(status_name(run.status)));
}

Result<void> expect_lawful(const Journal& journal) {
  if (journal.plan().ambiguity == "assume") return {};
  return fail(Code::not_permitted, "the law of this run says stop where something is ambiguous",
              "Ask; what cannot be decided now is put off with `writ deferral add`");
}

// Different for each that a run has, the same for whoever makes it out of the same run.
DeferralId id_of(const RunRow& run, std::size_t place, const Deferral& deferral) {
  return {Uuid::v5(run.id.uuid, "deferral/" + std::to_string(place) + "/" + deferral.step + "/" +
                                    deferral.what)};
}

Result<Deferral> deferral_of(const Journal& journal, const Found& at, const crypto::KeyId& by,
                             const OpenMatter& matter) {
  const RunRow& run = journal.state().run;
  Deferral deferral;
  deferral.step = at.step->path;
  deferral.what = matter.what;
  deferral.owner = matter.owner;
  deferral.due = matter.due.value_or(WallTime{});
  deferral.unblocker = matter.unblocker;
  deferral.by = by.hex;
  deferral.id = id_of(run, run.deferrals.size(), deferral);
  WRIT_CHECK(expect_whole(deferral));
  if (matter.due) return deferral;
  return fail(Code::invalid_input, "the date is missing", "Say it with --due 2026-03-01");
}

std::string name_of(const ActDeps& deps, const crypto::KeyId& by) {
  const identity::TrustedKey* key = deps.authority.trust().find(by);
  return key != nullptr ? key->name : by.short_text();
}

// An assumption that may not be made does not get lost by that.
Result<Deferral> deferral_instead(const ActDeps& deps, const Journal& journal, const Found& at,
                                  const Intent& intent, const protocol::Invariant& invariant) {
  OpenMatter instead = intent.matter;
  instead.what = what_is_put_off(intent.matter.what);
  if (instead.owner.empty()) instead.owner = name_of(deps, intent.by);
  if (!instead.due) instead.due = WallTime{deps.journal.clock.wall().micros + kWeekMicros};
  if (instead.unblocker.empty()) instead.unblocker = what_decides(invariant);
  WRIT_TRY(Deferral deferral, deferral_of(journal, at, intent.by, instead));
  deferral.invariant = invariant.id;
  return deferral;
}

// Any trusted key may say it, in whatever role the step asks for of others.
Result<Statement> statement_on(const ActDeps& deps, const Journal& journal, StatementKind kind,
                               const Found& at, const crypto::Digest& subject) {
  WRIT_TRY(Statement statement, statement_about(deps, journal, kind, at, ""));
  statement.role.clear();
  statement.subject = subject;
  return statement;
}

Result<Draft> draft_deferral(const ActDeps& deps, const Journal& journal, const Found& at,
                             Deferral deferral) {
  WRIT_TRY(const crypto::Digest subject, subject_of(deferral));
  WRIT_TRY(Statement statement, statement_on(deps, journal, StatementKind::deferral, at, subject));
  return Draft{std::move(statement), {.deferral = std::move(deferral)}};
}

Result<Draft> draft_assumption(const ActDeps& deps, const Journal& journal, const Intent& intent) {
  WRIT_TRY(const Found at, find_step(journal, intent.step));
  Assumption assumption{at.step->path, intent.matter.what, intent.about, intent.by.hex};
  WRIT_CHECK(expect_text("the assumption", assumption.text, "--what TEXT"));
  WRIT_CHECK(expect_lawful(journal));
  WRIT_CHECK(expect_whole(assumption));
  if (const auto* invariant = touched_invariant(journal.plan(), intent.about)) {
    WRIT_TRY(Deferral instead, deferral_instead(deps, journal, at, intent, *invariant));
    return draft_deferral(deps, journal, at, std::move(instead));
  }
  WRIT_TRY(const crypto::Digest subject, subject_of(assumption));
  WRIT_TRY(Statement statement,
           statement_on(deps, journal, StatementKind::assumption, at, subject));
  return Draft{std::move(statement), {.assumption = std::move(assumption)}};
}

Result<void> expect_open(const Deferral& deferral) {
  if (deferral.is_open) return {};
  return fail(Code::conflict, "deferral " + deferral.id.text() + " is closed already");
}

// A deferral may come from an earlier run, whose step is not in this plan.
Result<Statement> closure_of(const ActDeps& deps, const Journal& journal, const Deferral& deferral,
                             std::string_view reason) {
  const std::size_t index = journal.plan().find(deferral.step);
  const std::size_t known = std::min(index, journal.plan().steps.size() - 1);
  WRIT_TRY(Statement statement, statement_about(deps, journal, StatementKind::closure,
                                                {known, &journal.plan().steps[known]}, reason));
  statement.role = std::string(identity::kResolverRole);
  WRIT_TRY(statement.subject, subject_of(deferral));
  return statement;
}

Result<Draft> draft_closure(const ActDeps& deps, const Journal& journal, const Intent& intent) {
  const std::vector<Deferral>& all = journal.state().run.deferrals;
  const DeferralId id = intent.deferral.value_or(DeferralId{});
  const auto deferral = std::ranges::find(all, id, &Deferral::id);
  if (deferral == all.end()) {
    return fail(Code::not_found, "the run has no deferral " + id.text(),
                "`writ deferral list` shows them");
  }
  WRIT_CHECK(expect_open(*deferral));
  WRIT_TRY(Statement statement, closure_of(deps, journal, *deferral, intent.reason));
  return Draft{std::move(statement), {.deferral = *deferral}};
}

std::unexpected<Error> not_what_was_signed(std::string_view what) {
  return fail(Code::invalid_input, "the word is not about the " + std::string(what) + " beside it",
              "Send what was drafted and signed, unchanged");
}

// Verified as a word about `at`, and made by whoever the matter says.
Result<Word> admit_about(const ActDeps& deps, Journal& journal, const SaidWord& word,
                         const Statement& wanted, const std::string& by) {
  const WallTime now = deps.journal.clock.wall();
  WRIT_TRY(Word admitted, admit_word(deps, journal, word.envelope, occasion_of(wanted, now)));
  if (by.empty() || admitted.signer.hex == by) return admitted;
  return fail(Code::not_permitted, "this is signed by another key than it names",
              "Have it drafted for the key that signs it");
}

// A deferral as this run would draft it, whichever others came between.
Result<void> expect_fitting(const Journal& journal, const Deferral& deferral) {
  WRIT_CHECK(expect_whole(deferral));
  const RunRow& run = journal.state().run;
  bool is_of_run = false;
  for (std::size_t place = 0; place <= run.deferrals.size(); ++place) {
    is_of_run = is_of_run || id_of(run, place, deferral) == deferral.id;
  }
  const auto& invariants = journal.plan().invariants;
  const bool has_invariant =
      deferral.invariant.empty() || std::ranges::find(invariants, deferral.invariant,
                                                      &protocol::Invariant::id) != invariants.end();
  const bool is_new =
      deferral.is_open && deferral.closed_by.empty() && deferral.closed_because.empty();
  if (is_of_run && has_invariant && is_new) return {};
  return fail(Code::invalid_input, "this is no deferral of the run as it stands",
              "Have it drafted again");
}

Result<Word> take_deferral(const ActDeps& deps, Journal& journal, const SaidWord& word) {
  if (!word.matter.deferral) return not_what_was_signed("deferral");
  const Deferral& deferral = *word.matter.deferral;
  WRIT_TRY(const crypto::Digest subject, subject_of(deferral));
  if (subject != word.said.subject || deferral.step != word.said.step) {
    return not_what_was_signed("deferral");
  }
  WRIT_TRY(const Found at, find_step(journal, deferral.step));
  WRIT_CHECK(expect_fitting(journal, deferral));
  WRIT_TRY(const Statement wanted,
           statement_on(deps, journal, StatementKind::deferral, at, subject));
  WRIT_TRY(Word admitted, admit_about(deps, journal, word, wanted, deferral.by));
  WRIT_CHECK(record_word(journal, deferral_recorded(deferral), admitted));
  return admitted;
}

Result<Word> take_assumption(const ActDeps& deps, Journal& journal, const SaidWord& word) {
  if (!word.matter.assumption) return not_what_was_signed("assumption");
  const Assumption& assumption = *word.matter.assumption;
  WRIT_TRY(const crypto::Digest subject, subject_of(assumption));
  if (subject != word.said.subject || assumption.step != word.said.step) {
    return not_what_was_signed("assumption");
  }
  WRIT_TRY(const Found at, find_step(journal, assumption.step));
  WRIT_CHECK(expect_lawful(journal));
  WRIT_CHECK(expect_whole(assumption));
  if (const auto* invariant = touched_invariant(journal.plan(), assumption.about)) {
    return fail(Code::not_permitted,
                "this touches invariant " + invariant->id + " (" + invariant->text +
                    "), which no assumption may",
                "Have it drafted: it is put off instead");
  }
  WRIT_TRY(const Statement wanted,
           statement_on(deps, journal, StatementKind::assumption, at, subject));
  WRIT_TRY(Word admitted, admit_about(deps, journal, word, wanted, assumption.by));
  WRIT_CHECK(record_word(journal, assumption_recorded(assumption), admitted));
  return admitted;
}

// Which one it settles is said by the digest that it names.
Result<Word> take_closure(const ActDeps& deps, Journal& journal, const SaidWord& word) {
  const std::vector<Deferral>& all = journal.state().run.deferrals;
  const auto deferral = std::ranges::find_if(all, [&](const Deferral& one) {
    const auto subject = subject_of(one);
    return subject && *subject == word.said.subject;
  });
  if (deferral == all.end()) {
    return fail(Code::not_found, "the run has no such deferral", "`writ deferral list` shows them");
  }
  WRIT_CHECK(expect_open(*deferral));
  WRIT_TRY(const Statement wanted, closure_of(deps, journal, *deferral, word.said.reason));
  WRIT_TRY(Word admitted, admit_about(deps, journal, word, wanted, ""));
  WRIT_CHECK(record_word(journal, deferral_closed(*deferral, admitted.signer.hex, word.said.reason),
                         admitted));
  return admitted;
}

}  // namespace

bool is_about_a_matter(StatementKind kind) {
  return kind == StatementKind::assumption || kind == StatementKind::deferral ||
         kind == StatementKind::closure;
}

Result<Draft> draft_matter(const ActDeps& deps, const Journal& journal, const Intent& intent) {
  WRIT_CHECK(expect_active(journal));
  if (intent.by.hex.empty()) {
    return fail(Code::invalid_input, "it is not said who is going to sign",
                "Name the id of the key as `signer`");
  }
  if (intent.kind == StatementKind::closure) return draft_closure(deps, journal, intent);
  if (intent.kind == StatementKind::assumption) return draft_assumption(deps, journal, intent);
  WRIT_TRY(const Found at, find_step(journal, intent.step));
  WRIT_TRY(Deferral deferral, deferral_of(journal, at, intent.by, intent.matter));
  return draft_deferral(deps, journal, at, std::move(deferral));
}

Result<Word> stage_matter(const ActDeps& deps, Journal& journal, const SaidWord& word) {
  WRIT_CHECK(expect_active(journal));
  const auto take = word.said.kind == StatementKind::closure      ? &take_closure
                    : word.said.kind == StatementKind::assumption ? &take_assumption
                                                                  : &take_deferral;
  return take(deps, journal, word);
}

}  // namespace writ::execution
