#include "execution/journal.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <ranges>
#include <utility>

#include "base/json.h"
#include "contract/canonical.h"
#include "crypto/digest.h"
#include "evidence/archive.h"
#include "execution/run_rows.h"
#include "ledger/ledger.h"
#include "store/key.h"

namespace writ::execution {
namespace {

constexpr int kFlushTries = 3;

std::string subject_of(RunId run, std::string_view step) {
  std::string subject = "run/" + run.text();
  if (!step.empty()) subject += "/step/" + std::string(step);
  return subject;
}

// The run's id with the event's number in its last four bytes, as UUIDv8. Deterministic: a closure
// that runs twice appends the same event, and two drivers that wrote the same place of one run
// would collide instead of both being kept. A run's events lie side by side in the index of ids,
// where a commit then touches few pages.
EventId event_id(RunId run, std::uint64_t seq) {
  Uuid id = run.uuid;
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fu) | 0x80u);
  for (std::size_t i = 0; i < 4; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(seq >> (8 * i));
  }
  return {id};
}

Result<ledger::Entry> entry_of(const JournalDeps& deps, RunId run, std::uint64_t seq,
                               const Transition& transition) {
  ledger::Entry entry;
  entry.id = event_id(run, seq);
  entry.type = transition.type;
  entry.source = deps.source;
  entry.subject = subject_of(run, transition.step);
  entry.time = deps.clock.wall();
  entry.run = run;
  entry.seq = seq;
  entry.actor = transition.actor.empty() ? deps.actor : transition.actor;
  entry.correlation = run.text();
  entry.context.tool = deps.tool;
  WRIT_TRY(entry.payload, contract::canonical_json(transition.payload));
  return entry;
}

// Runs of one plan share its row; which text each came from is in their own.
Result<SharedPlan> plan_of(store::Store& store, const RunRow& run, RunShelf& shelf) {
  auto stored = shelf.plan(store, run.plan);
  if (!stored && stored.error().code == Code::not_found) {
    return fail(Code::tampered, "the plan of run " + run.id.text() + " is gone");
  }
  if (!stored) return stored;
  const protocol::Plan& plan = **stored;
  if (plan.spec_file == run.spec_file && plan.spec_digest == run.spec_digest) return stored;
  auto of_run = std::make_shared<protocol::Plan>(plan);
  of_run->spec_file = run.spec_file;
  of_run->spec_digest = run.spec_digest;
  return SharedPlan(std::move(of_run));
}

// What was kept was written by us: what does not read as such was changed.
template <typename T>
Result<T> as_written(Result<T> read, std::string_view what, const std::string& step) {
  if (read) return read;
  return fail(Code::tampered, "the " + std::string(what) + " kept for step " + step +
                                  " cannot be read: " + read.error().message);
}

}  // namespace

Value DecisionRecord::to_value() const {
  return Object{{"step", step},
                {"attempt", attempt},
                {"table", gate.to_value()},
                {"facts", facts.to_value()},
                {"decision", decision.to_value()}};
}

Result<DecisionRecord> DecisionRecord::from_value(const Value& value) {
  DecisionRecord record;
  record.step = value.string_or("step", "");
  record.attempt = static_cast<std::uint32_t>(value.integer_or("attempt", 0));
  const Value* gate = value.find("table");  // once gates were tables alone
  const Value* facts = value.find("facts");
  if (gate == nullptr || facts == nullptr) {
    return fail(Code::tampered, "a decision record lacks its gate or its facts");
  }
  WRIT_TRY(record.gate, as_written(policy::Gate::from_value(*gate), "gate", record.step));
  WRIT_TRY(record.facts, as_written(policy::Facts::from_value(*facts), "facts", record.step));
  const Value* kept = value.find("decision");
  auto again = policy::replay(record.gate, record.facts, kept != nullptr ? *kept : Value());
  if (!again && again.error().code == Code::tampered) {
    return fail(Code::tampered,
                "the decision kept for step " + record.step + " is not what its facts give");
  }
  if (!again) {
    return std::unexpected(
        std::move(again).error().context("replaying the decision kept for step " + record.step));
  }
  record.decision = *std::move(again);
  return record;
}

Result<std::string> DecisionRecord::digest() const {
  WRIT_TRY(const std::string canonical, contract::canonical_json(to_value()));
  return crypto::sha256(canonical).hex();
}

Journal::Journal(const JournalDeps& deps, std::shared_ptr<const protocol::Plan> plan)
    : deps_(std::make_unique<JournalDeps>(deps)), plan_(std::move(plan)), places_(*plan_) {}

Result<Journal> Journal::create(const JournalDeps& deps, protocol::Plan plan, const RunRow& row) {
  Journal journal(deps, std::make_shared<const protocol::Plan>(std::move(plan)));
  journal.is_new_ = true;
  WRIT_CHECK(journal.stage(run_started(row)));
  return journal;
}

Result<Journal> Journal::open(const JournalDeps& deps, RunId run) {
  RunShelf own;
  RunShelf& shelf = deps.shelf == nullptr ? own : *deps.shelf;
  WRIT_TRY(const SharedState state, shelf.state(deps.store, run));
  WRIT_TRY(auto plan, plan_of(deps.store, state->run, shelf));
  if (plan->steps.size() != state->steps.size()) {
    return fail(Code::tampered, "run " + run.text() + " has " +
                                    std::to_string(state->steps.size()) + " step rows, its plan " +
                                    std::to_string(plan->steps.size()));
  }
  Journal journal(deps, std::move(plan));
  journal.state_ = *state;
  return journal;
}

Result<void> Journal::stage(Transition transition) {
  const std::size_t index = places_.find(transition.step);
  Undo before = undo_for(index);
  WRIT_CHECK(apply(state_, places_, transition));
  remember(std::move(before));
  // What happens to one step at once comes one after the other.
  const auto note = [index](std::vector<std::size_t>& steps) {
    if (steps.empty() || steps.back() != index) steps.push_back(index);
  };
  if (index < plan_->steps.size()) {
    note(touched_);
    note(changed_);
  }
  staged_.push_back(std::move(transition));
  return {};
}

// How things stand before a transition changes step `index`, as far as it is not known already.
Journal::Undo Journal::undo_for(std::size_t index) const {
  Undo before;
  if (undo_.head == nullptr) {
    before.head = std::make_unique<Undo::Head>(state_.run, state_.blockers);
  }
  const bool is_known = !touched_.empty() && touched_.back() == index;
  if (index < state_.steps.size() && !is_known) {
    before.steps.emplace_back(index, state_.steps[index]);
  }
  return before;
}

void Journal::remember(Undo before) {
  if (before.head != nullptr) undo_.head = std::move(before.head);
  std::ranges::move(before.steps, std::back_inserter(undo_.steps));
}

void Journal::attach(Attachments attachments) {
  const auto move_into = [](auto& to, auto& from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  };
  move_into(attachments_.records, attachments.records);
  move_into(attachments_.decisions, attachments.decisions);
  move_into(attachments_.statements, attachments.statements);
  move_into(attachments_.blobs, attachments.blobs);
}

std::vector<std::size_t> Journal::take_changed() {
  if (std::exchange(is_all_changed_, false)) {
    changed_.resize(plan_->steps.size());
    std::iota(changed_.begin(), changed_.end(), std::size_t{0});
  }
  return std::exchange(changed_, {});
}

Result<void> Journal::reload() {
  const RunId run = state_.run.id;
  if (deps_->shelf == nullptr) {
    WRIT_TRY(state_, read_run_state(deps_->store, run));
  } else {
    WRIT_TRY(const SharedState state, deps_->shelf->state(deps_->store, run));
    state_ = *state;
  }
  undo_ = {};
  is_all_changed_ = true;
  staged_.clear();
  touched_.clear();
  attachments_ = {};
  return {};
}

Result<void> Journal::flush(const Lease* lease) {
  if (staged_.empty()) return {};
  for (int attempt = 1;; ++attempt) {
    WRIT_TRY(Batch staged, batch());
    Result<void> written =
        deps_->store.write([&](store::Tx& tx) { return write(tx, staged, lease); });
    if (written) break;
    const bool may_retry = written.error().code == Code::conflict && !is_new_;
    if (!may_retry || attempt == kFlushTries) {
      drop_staged();
      return written;
    }
    // Somebody else wrote to this run: fold the same transitions onto what stands now.
    std::vector<Transition> again = std::move(staged_);
    Attachments attachments = std::move(attachments_);
    WRIT_CHECK(reload());
    is_overtaken_ = true;
    for (Transition& transition : again) WRIT_CHECK(stage(std::move(transition)));
    attachments_ = std::move(attachments);
  }
  keep_staged();
  return {};
}

Result<void> Journal::flush_together(Journal& first, Journal& second, const Lease* lease) {
  WRIT_TRY(Batch of_first, first.batch());
  WRIT_TRY(Batch of_second, second.batch());
  Result<void> written = first.deps_->store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(first.write(tx, of_first, lease));
    return second.write(tx, of_second, nullptr);
  });
  for (Journal* journal : {&first, &second}) {
    if (written) {
      journal->keep_staged();
    } else {
      journal->drop_staged();
    }
  }
  return written;
}

void Journal::keep_staged() {
  is_new_ = false;
  undo_ = {};
  staged_.clear();
  touched_.clear();
  attachments_ = {};
}

void Journal::drop_staged() {
  if (undo_.head != nullptr) {
    state_.run = std::move(undo_.head->run);
    state_.blockers = std::move(undo_.head->blockers);
  }
  // Of a step that changed several times the first is how it stood.
  for (auto& [index, step] : undo_.steps | std::views::reverse) {
    state_.steps[index] = std::move(step);
  }
  undo_ = {};
  if (is_new_) state_ = {};
  is_all_changed_ = true;
  staged_.clear();
  touched_.clear();
  attachments_ = {};
}

// What the run was made from, said once: by the event that everything else follows.
ledger::EventContext Journal::origin() const {
  ledger::EventContext origin;
  std::string inputs;
  for (const std::string* digest : {&state_.run.plan, &state_.run.spec_digest}) {
    if (!digest->empty()) inputs += "sha256:" + *digest + " ";
  }
  origin.inputs = ledger::sorted_words(inputs);
  origin.revision = state_.run.base;
  origin.tool = deps_->tool;
  return origin;
}

Result<Journal::Batch> Journal::batch() const {
  Batch out;
  std::uint64_t seq = state_.run.next_seq - staged_.size();
  if (!is_new_) out.expected_next = seq;
  for (const Transition& transition : staged_) {
    WRIT_TRY(ledger::Entry entry, entry_of(*deps_, state_.run.id, seq++, transition));
    if (is_new_ && out.entries.empty()) entry.context = origin();
    out.entries.push_back(std::move(entry));
  }
  WRIT_TRY(out.prepared, deps_->ledger.prepare(out.entries));
  return out;
}

Result<void> Journal::write(store::Tx& tx, Batch& batch, const Lease* lease) const {
  if (lease != nullptr) WRIT_CHECK(expect_lease(tx, *lease));
  WRIT_CHECK(expect_head(tx, state_.run.id, batch.expected_next));
  WRIT_CHECK(deps_->ledger.append_prepared(tx, batch.prepared));
  return write_rows(tx);
}

Result<void> Journal::write_rows(store::Tx& tx) const {
  const RunId run = state_.run.id;
  if (is_new_) {
    WRIT_CHECK(put_plan(tx, state_.run.plan, *plan_));
    for (std::size_t i = 0; i < state_.steps.size(); ++i) {
      WRIT_CHECK(put_step(tx, run, i, state_.steps[i]));
    }
  }
  WRIT_CHECK(put_run(tx, state_.run));
  for (const std::size_t index : touched_) {
    WRIT_CHECK(put_step(tx, run, index, state_.steps[index]));
  }
  if (undo_.head == nullptr || state_.blockers != undo_.head->blockers) {
    for (std::size_t i = 0; i < state_.blockers.size(); ++i) {
      WRIT_CHECK(put_blocker(tx, run, i, state_.blockers[i]));
    }
  }
  for (const evidence::Record& record : attachments_.records) {
    WRIT_CHECK(evidence::put_record(tx, record));
    for (const store::BlobRef& blob : record.blobs) {
      WRIT_CHECK(deps_->blobs.add_reference(tx, blob));
    }
  }
  for (const store::BlobRef& blob : attachments_.blobs) {
    WRIT_CHECK(deps_->blobs.add_reference(tx, blob));
  }
  for (const DecisionRecord& decision : attachments_.decisions) {
    WRIT_CHECK(put_decision(tx, run, decision));
  }
  for (const StatementRow& statement : attachments_.statements) {
    WRIT_CHECK(put_statement(tx, run, statement));
  }
  return {};
}

Result<std::vector<evidence::Record>> Journal::evidence() const {
  return deps_->store.read(
      [&](store::Tx& tx) { return evidence::records_of_run(tx, state_.run.id); });
}

Result<std::vector<DecisionRecord>> Journal::decisions() const {
  return deps_->store.read([&](store::Tx& tx) { return read_decisions(tx, state_.run.id); });
}

Result<std::vector<StatementRow>> Journal::statements() const {
  return deps_->store.read([&](store::Tx& tx) { return read_statements(tx, state_.run.id); });
}

Result<std::vector<StatementRow>> Journal::statements(std::string_view step) const {
  WRIT_TRY(std::vector<StatementRow> rows, deps_->store.read([&](store::Tx& tx) {
    return read_statements(tx, state_.run.id, step);
  }));
  std::ranges::copy_if(attachments_.statements, std::back_inserter(rows),
                       [&](const StatementRow& row) { return row.step == step; });
  return rows;
}

Result<bool> Journal::has_moved() const {
  WRIT_TRY(const std::uint64_t next, next_event(deps_->store, state_.run.id));
  return next != state_.run.next_seq;
}

Result<RunState> read_run_state(store::Store& store, RunId run) {
  return store.read([&](store::Tx& tx) { return read_run_state(tx, run); });
}

Result<std::uint64_t> next_event(store::Store& store, RunId run) {
  return store.read([&](store::Tx& tx) { return read_head(tx, run); });
}

}  // namespace writ::execution
