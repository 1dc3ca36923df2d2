#include "execution/drive.h"

#include <algorithm>

#include "execution/kept_tree.h"
#include "execution/recover.h"
#include "execution/run_rows.h"
#include "execution/scope_check.h"

namespace writ::execution {
namespace {

using protocol::PlanStep;
using protocol::StepKind;

// Steps without work of their own are judged on the driver's thread.
bool has_executor(const PlanStep& step) { return step.kind != StepKind::gate; }

// Words are held against the tree as it was read before; nothing runs that could change it, and
// what they are recorded with is that tree and no other.
bool runs_something(const PlanStep& step) {
  return has_executor(step) && step.kind != StepKind::approval && step.kind != StepKind::external;
}

void sleep_until(std::chrono::steady_clock::time_point end, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, end, [] { return false; });
}

// What a person or another agent says is looked at again; nothing is run twice by that.
bool waits_for_words(const StepState& state) { return state.status == StepStatus::waiting; }

}  // namespace

Drive::Drive(EngineDeps& deps, Journal journal, Lease lease)
    : deps_(deps),
      journal_(std::move(journal)),
      lease_(std::move(lease)),
      schedule_(journal_.plan()),
      own_news_(deps.journal.store) {}

// Where it comes to no end, who said a word hears that it came to nothing, what still runs is told
// to stop, and has before anybody else may drive the run.
Result<Standing> Drive::run(std::stop_token stop) {
  const std::stop_callback passed_on(stop, [this] { stop_.request_stop(); });
  Result<Standing> standing = go(stop_.get_token());
  if (!standing) {
    word_ = nullptr;
    stop_.request_stop();
    running_.clear();
  }
  return standing;
}

Result<Standing> Drive::go(std::stop_token stop) {
  deps_.progress.run_opened(journal_.plan(), journal_.state());
  WRIT_CHECK(recover());
  WRIT_CHECK(loop(stop));
  if (stop.stop_requested()) {
    return fail(Code::cancelled, "stopped on request", "`writ resume` goes on where it stopped");
  }
  if (journal_.state().run.status == RunStatus::active && schedule().all_passed()) {
    return finish();
  }
  return standing(journal_.plan(), journal_.state());
}

Result<void> Drive::recover() {
  WRIT_TRY(evidence_, journal_.evidence());
  WRIT_CHECK(recover_interrupted(deps_, journal_));
  WRIT_CHECK(reopen_for_another_try(journal_));
  return {};
}

Result<void> Drive::loop(std::stop_token stop) {
  WRIT_TRY(tree_, deps_.workspace.tree());
  WRIT_CHECK(reconcile_tree(journal_, tree_));
  WRIT_CHECK(poll_waiting(stop));
  while (journal_.state().run.status == RunStatus::active) {
    std::vector<std::size_t> ready;
    if (!stop.stop_requested()) {
      WRIT_TRY(ready, stage_ready());
    }
    const std::size_t begun = ready.size();
    WRIT_CHECK(settle_at_once(ready, stop));
    if (ready.size() < begun && ready.empty()) continue;
    WRIT_CHECK(flush());
    if (ready.size() == 1 && running_.size() == 1) {
      // Alone: no thread is needed, and nothing else could become ready meanwhile.
      WRIT_CHECK(complete(work(ready.front(), stop)));
      continue;
    }
    for (const std::size_t index : ready) launch(index, stop);
    if (!running_.empty()) {
      WRIT_CHECK(complete(wait_for_one()));
      continue;
    }
    if (stop.stop_requested()) break;
    WRIT_TRY(const bool goes_on, wait_for_more(stop));
    if (!goes_on) break;
  }
  return flush();
}

// Stages the start of every step that may run now. Their completion may be waiting in the same
// flush: that is how an intent rides in the commit before it.
Result<std::vector<std::size_t>> Drive::stage_ready() {
  std::vector<std::size_t> started;
  if (schedule().is_halted()) return started;
  const std::size_t room =
      deps_.options.max_parallel - std::min(deps_.options.max_parallel, running_.size());
  const WallTime now = deps_.journal.clock.wall();
  for (const std::size_t index : schedule_.ready(journal_.state(), now, room)) {
    Tree before = tree_;
    if (state_of(index).owes_for_change()) {
      WRIT_TRY(before, tree_before(index));
    }
    WRIT_TRY(Transition start, beginning_of(index, before));
    WRIT_CHECK(journal_.stage(std::move(start)));
    running_[index].before = std::move(before);
    notices_.push_back({Notice::Kind::started, index, {}, {}, {}});
    started.push_back(index);
  }
  return started;
}

// What runs nothing does nothing that a crash could cut off: its beginning need not be durable
// before its end, and both ride in one commit with what comes next.
Result<void> Drive::settle_at_once(std::vector<std::size_t>& ready, std::stop_token stop) {
  std::vector<std::size_t> running;
  for (const std::size_t index : ready) {
    if (runs_something(step_of(index))) {
      running.push_back(index);
    } else {
      WRIT_CHECK(complete(work(index, stop)));
    }
  }
  ready = std::move(running);
  return {};
}

Result<Tree> Drive::tree_before(std::size_t index) {
  const auto digest = crypto::Digest::parse_hex(state_of(index).tree_before);
  if (!digest || *digest == tree_.digest) return tree_;
  if (!journal_.plan().scope.sequential) return Tree{*digest, nullptr};
  WRIT_TRY(const std::vector<evidence::Record> records, journal_.evidence());
  return kept_tree(deps_.journal.blobs, records, step_of(index).path, *digest);
}

Result<Transition> Drive::beginning_of(std::size_t index, const Tree& before) {
  const PlanStep& step = step_of(index);
  const std::uint32_t attempt = state_of(index).attempt + 1;
  const WallTime now = deps_.journal.clock.wall();
  Baseline baseline;
  if (before.digest != tree_.digest) baseline.tree = before.digest.hex();
  if (journal_.plan().scope.sequential && step.writes_tree) {
    WRIT_TRY(evidence::Record record, keep_tree(deps_.journal.blobs, journal_.state().run.id,
                                                step.path, attempt, before, now));
    baseline.evidence.push_back({record.id, record.digest().hex()});
    Attachments attachments;
    attachments.records.push_back(std::move(record));
    journal_.attach(std::move(attachments));
  }
  return step_started(step.path, attempt, lease_.fence, tree_.digest.hex(), now, baseline);
}

void Drive::launch(std::size_t index, std::stop_token stop) {
  Running& running = running_.at(index);
  running.evidence = evidence_;
  StepContext context = context_of(index, running.evidence);
  running.thread = std::jthread([this, index, stop, context = std::move(context)] {
    Finished finished = execute(index, context, stop);
    const std::lock_guard lock(mutex_);
    finished_.push_back(std::move(finished));
    finished_one_.notify_one();
  });
}

StepContext Drive::context_of(std::size_t index, std::span<const evidence::Record> evidence) {
  const RunId run = journal_.state().run.id;
  const PlanStep& step = step_of(index);
  const std::uint32_t attempt = state_of(index).attempt;
  StepEvents events;
  events.output = [this, &step](std::string_view line) { deps_.progress.step_output(step, line); };
  events.process_started = [this, run, index](int pid, std::uint64_t ticks) {
    return deps_.journal.store.write(
        [&](store::Tx& tx) -> Result<void> { return put_process(tx, run, index, {pid, ticks}); });
  };
  Running& running = running_.at(index);
  return {journal_.plan(),
          step,
          run,
          journal_.state().run.base,
          journal_.state().run.plan,
          attempt,
          state_of(index).since.value_or(WallTime{}),
          state_of(index).wake,
          run.text() + "/" + step.path,
          process_token(run, step.path, attempt),
          deps_.workspace,
          tree_,
          deps_.journal.blobs,
          deps_.journal.clock,
          evidence,
          running.words,
          std::move(events)};
}

// Of those that run something of their own: a child run's steps take slots themselves.
Result<StepSlots::Slot> Drive::take_slot(std::size_t index, const std::stop_token& stop) {
  StepSlots* const slots = deps_.options.slots;
  const PlanStep& step = step_of(index);
  if (slots == nullptr || !runs_something(step) || step.kind == StepKind::spec) {
    return StepSlots::Slot();
  }
  return slots->take(stop);
}

Drive::Finished Drive::work(std::size_t index, std::stop_token stop) {
  return execute(index, context_of(index, evidence_), stop);
}

Drive::Finished Drive::execute(std::size_t index, const StepContext& context,
                               std::stop_token stop) {
  const auto begin = deps_.journal.clock.steady();
  Finished finished{index, StepResult{}, {}};
  if (has_executor(step_of(index))) {
    StepExecutor* executor = deps_.executors.of(step_of(index).kind);
    if (executor == nullptr) {
      finished.result = fail(Code::unsupported, "no executor for step " + step_of(index).path);
    } else if (const auto slot = take_slot(index, stop); !slot) {
      finished.result = std::unexpected(slot.error());
    } else {
      finished.result = executor->execute(context, stop);
    }
  }
  finished.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(deps_.journal.clock.steady() - begin);
  return finished;
}

Drive::Finished Drive::wait_for_one() {
  std::unique_lock lock(mutex_);
  finished_one_.wait(lock, [&] { return !finished_.empty(); });
  Finished finished = std::move(finished_.front());
  finished_.pop_front();
  return finished;
}

// Looks again at steps that wait for somebody: their executors see the words said meanwhile.
Result<void> Drive::poll_waiting(std::stop_token stop, std::string_view only) {
  for (std::size_t i = 0; i < journal_.plan().steps.size(); ++i) {
    if (!waits_for_words(state_of(i)) || running_.contains(i)) continue;
    if (!only.empty() && step_of(i).path != only) continue;
    Running& running = running_[i];
    running.before = tree_;
    // Only a step that may write is asked what became of the tree while it waited; for the others
    // an edit is somebody else's, and counts as one.
    if (step_of(i).writes_tree) {
      WRIT_TRY(running.before, tree_before(i));
    }
    WRIT_TRY(const std::vector<StatementRow> words, journal_.statements(step_of(i).path));
    for (const StatementRow& word : words) {
      if (word.attempt != state_of(i).attempt) continue;
      running.words.push_back(
          {word.kind, word.key_id, word.envelope, word.at, word.tree, word.verified});
    }
    WRIT_CHECK(complete(work(i, stop)));
  }
  return {};
}

// An attempt that did not come to a result: the step is as if it had not been started.
Result<void> Drive::give_back(const Finished& finished) {
  const PlanStep& step = step_of(finished.index);
  const std::string owed = change_owed_by(step, state_of(finished.index));
  running_.erase(finished.index);
  Error error = finished.result.error();
  const bool is_stop = error.code == Code::cancelled;
  WRIT_CHECK(journal_.stage(
      step_reopened(step.path, is_stop ? "interrupted on request" : error.message, owed)));
  WRIT_CHECK(flush());
  if (is_stop) return {};
  return std::unexpected(std::move(error).context("running step " + step.path));
}

Result<void> Drive::complete(Finished finished) {
  if (!finished.result) return give_back(finished);
  const std::size_t index = finished.index;
  Attempt attempt;
  attempt.index = index;
  attempt.before = running_.at(index).before;
  attempt.result = std::move(*finished.result);
  attempt.elapsed = finished.elapsed;
  attempt.retries = retries_[index];
  attempt.jitter = static_cast<double>(deps_.random.next_u64() >> 11) * 0x1p-53;
  if (runs_something(step_of(index))) {
    WRIT_TRY(tree_, deps_.workspace.tree());
  }
  attempt.after = tree_;
  running_.erase(index);
  WRIT_TRY(Judgement judgement, judge({journal_.plan(), journal_.state(), evidence_,
                                       deps_.workspace, deps_.journal.clock.wall()},
                                      std::move(attempt)));
  return stage_judgement(index, std::move(judgement));
}

Result<void> Drive::stage_judgement(std::size_t index, Judgement judgement) {
  const PlanStep& step = step_of(index);
  const StepState& state = state_of(index);
  Completion& completion = judgement.completion;
  if (judgement.is_waiting) {
    const bool is_news = state.status != StepStatus::waiting || state.reason != completion.reason;
    if (!is_news) return {};
    WRIT_CHECK(
        journal_.stage(step_waiting(step.path, state.attempt, completion.reason, judgement.wake)));
  } else {
    const std::uint32_t attempt = state.attempt;
    if (judgement.decision) {
      WRIT_CHECK(journal_.stage(
          gate_decided(step.path, attempt, judgement.decision->open, completion.decision)));
    }
    if (const Blocker* blocker = journal_.state().open_blocker(step.path); blocker != nullptr) {
      // The same check ran again: passed, it clears; else its new finding takes the place.
      WRIT_CHECK(journal_.stage(blocker_resolved(blocker->id, "")));
    }
    WRIT_CHECK(journal_.stage(step_completed(step.path, attempt, completion)));
    if (judgement.blocker) WRIT_CHECK(journal_.stage(blocker_raised(*judgement.blocker)));
    if (judgement.blocker && judgement.blocker->kind == protocol::BlockerKind::HARD_STOP) {
      WRIT_CHECK(journal_.stage(run_ended(RunStatus::stopped, "", std::nullopt)));
    }
    retries_[index] = completion.retry_at ? retries_[index] + 1 : 0;
  }
  if (state.attempt > 1) {  // a first attempt has nothing to take the place of
    std::erase_if(evidence_, [&](const evidence::Record& r) { return r.step == step.path; });
  }
  evidence_.insert(evidence_.end(), judgement.attachments.records.begin(),
                   judgement.attachments.records.end());
  journal_.attach(std::move(judgement.attachments));
  notices_.push_back({Notice::Kind::ended, index, std::move(judgement.problems),
                      std::move(judgement.decision), std::move(judgement.blocker)});
  return {};
}

// Watchers hear of nothing that a crash could still undo.
Result<void> Drive::flush() {
  std::vector<std::pair<std::size_t, std::string>> reopened;
  for (const Transition& transition : journal_.staged()) {
    if (transition.type != kStepReopened) continue;
    reopened.emplace_back(journal_.plan().find(transition.step),
                          transition.payload.string_or("reason", ""));
  }
  WRIT_CHECK(journal_.flush(&lease_));
  if (word_ != nullptr) word_->tell_durable();
  word_ = nullptr;
  // Whatever else became durable with them came after: a step is reopened, then begun.
  for (const auto& [index, reason] : reopened) {
    deps_.progress.step_reopened(step_of(index), reason);
  }
  for (const Notice& notice : notices_) {
    const PlanStep& step = step_of(notice.index);
    const StepState& state = state_of(notice.index);
    if (notice.kind == Notice::Kind::started) {
      deps_.progress.step_started(step, notice.index, state);
    } else {
      deps_.progress.step_ended({step, notice.index, state, notice.problems,
                                 notice.decision ? &*notice.decision : nullptr,
                                 notice.blocker ? &*notice.blocker : nullptr});
    }
  }
  notices_.clear();
  return {};
}

// Whether there is something to go on with: a word said meanwhile, or a time that comes soon.
Result<bool> Drive::wait_for_more(std::stop_token stop) {
  if (schedule().is_halted()) return false;
  WRIT_TRY(std::optional<RunNews::News> news, wait_for_news(stop));
  if (!news) return false;
  const bool is_word_alone = news->word != nullptr && !news->has_moved;
  if (!is_word_alone) WRIT_CHECK(journal_.reload());
  const crypto::Digest seen = tree_.digest;
  WRIT_TRY(tree_, deps_.workspace.tree());
  WRIT_CHECK(reconcile_tree(journal_, tree_));
  word_ = std::move(news->word);
  if (word_ != nullptr) word_->say(journal_, tree_);
  // Nothing else is new to the other steps.
  const bool is_about_one = is_word_alone && tree_.digest == seen;
  WRIT_CHECK(poll_waiting(stop, is_about_one ? word_->step() : std::string_view()));
  return true;
}

bool Drive::waits_for_somebody() const {
  return std::ranges::any_of(journal_.state().steps, waits_for_words);
}

// Nothing: nothing has come, nor while it was worth waiting.
Result<std::optional<RunNews::News>> Drive::wait_for_news(std::stop_token stop) {
  std::chrono::microseconds limit{0};
  if (waits_for_somebody()) limit = deps_.options.patience;
  const bool listens = limit.count() > 0;
  const WallTime now = deps_.journal.clock.wall();
  const std::optional<WallTime> wake = Schedule::next_wake(journal_.state(), now);
  const auto until_wake =
      std::chrono::microseconds(wake ? std::max<std::int64_t>(0, wake->micros - now.micros) : 0);
  const bool sits_out = wake && until_wake <= deps_.options.foreground_wait;
  if (sits_out) limit = until_wake;
  const auto end = std::chrono::steady_clock::now() + limit;
  RunNews::News news;
  if (journal_.take_overtaken()) {
    news.has_moved = true;
  } else if (listens) {
    RunNews& all = deps_.options.news != nullptr ? *deps_.options.news : own_news_;
    const RunRow& run = journal_.state().run;
    WRIT_TRY(news, all.wait(run.id, run.next_seq, stop, end));
  } else {
    WRIT_TRY(news.has_moved, journal_.has_moved());
    if (!news.has_moved && sits_out) sleep_until(end, stop);
  }
  const bool goes_on = news.is_any() || sits_out || (listens && stop.stop_requested());
  if (!goes_on) return std::nullopt;
  return news;
}

const Schedule& Drive::schedule() {
  schedule_.note(journal_.state(), journal_.take_changed());
  return schedule_;
}

// What keeps a run open though all of its steps have passed, whatever its law asks: limits that
// the final tree does not keep to, and what was put off. Empty: nothing.
Result<std::string> Drive::still_open() {
  const protocol::Plan& plan = journal_.plan();
  const protocol::Budget& budget = plan.budget;
  if (plan.scope.is_locked || budget.max_files || budget.max_lines_per_file ||
      budget.max_total_lines) {
    WRIT_TRY(auto changes, deps_.workspace.changes_since(journal_.state().run.base));
    const ScopeReport report = check_scope(plan, std::move(changes));
    for (const auto* problems : {&report.outside, &report.over_budget}) {
      if (problems->empty()) continue;
      const Problem& first = problems->front();
      return first.file.empty() ? first.message : first.file + " " + first.message;
    }
  }
  for (const Deferral& deferral : journal_.state().run.deferrals) {
    if (!deferral.is_open) continue;
    return "deferral " + deferral.id.text() + " is open: " + deferral.what;
  }
  return std::string();
}

Result<Standing> Drive::finish() {
  WRIT_TRY(tree_, deps_.workspace.tree());
  WRIT_TRY(std::string open, still_open());
  if (!open.empty()) return Standing{Outcome::gate_shut, "", std::move(open)};
  WRIT_TRY(Attestor::Attestation attestation, deps_.attestor.attest(journal_, tree_));
  Attachments attachments;
  attachments.decisions = std::move(attestation.decisions);
  if (!attestation.envelope) {
    return Standing{Outcome::gate_shut, "", std::move(attestation.unproved)};
  }
  attachments.blobs.push_back(*attestation.envelope);
  WRIT_CHECK(journal_.stage(
      run_ended(RunStatus::attested, attestation.envelope->digest.hex(), std::nullopt)));
  journal_.attach(std::move(attachments));
  WRIT_CHECK(flush());
  return Standing{Outcome::attested, "", ""};
}

}  // namespace writ::execution
