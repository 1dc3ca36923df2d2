#include "execution/judge.h"

#include <algorithm>

#include "execution/gate_facts.h"
#include "execution/scope_check.h"

namespace writ::execution {
namespace {

using protocol::BlockerKind;
using protocol::PlanStep;

// Of the files that a step changed and should not have changed together.
constexpr std::size_t kFilesNamed = 20;

// Judges one attempt; a class only so that the steps of judging share what they know.
class Judge {
 public:
  Judge(const JudgeContext& context, Attempt attempt)
      : context_(context),
        attempt_(std::move(attempt)),
        step_(context.plan.steps[attempt_.index]),
        number_(context.state.steps[attempt_.index].attempt) {}

  Result<Judgement> judge() {
    fill_completion();
    out_.problems = attempt_.result.problems;
    if (attempt_.result.verdict == Verdict::waiting) {
      out_.is_waiting = true;
      out_.wake = attempt_.result.wake;
      return std::move(out_);
    }
    // What may write answers for what it wrote even if it failed: the next attempt may find it
    // done. For the others a failure is reason enough.
    if (attempt_.result.verdict == Verdict::passed || step_.writes_tree) WRIT_CHECK(judge_tree());
    WRIT_CHECK(record_evidence());
    if (out_.completion.status == StepStatus::passed) {
      check_run_budget();
      WRIT_CHECK(judge_gate());
    }
    if (out_.completion.status != StepStatus::passed) decide_what_follows();
    return std::move(out_);
  }

 private:
  void fill_completion() {
    Completion& c = out_.completion;
    c.status = attempt_.result.verdict == Verdict::failed ? StepStatus::failed : StepStatus::passed;
    c.tree_before = attempt_.before.digest.hex();
    c.tree_after = attempt_.after.digest.hex();
    if (!step_.inputs.empty()) c.inputs = digest_of(attempt_.after, step_.inputs).hex();
    c.reason = attempt_.result.reason;
    c.failure = attempt_.result.failure;
    c.isolation = attempt_.result.isolation;
    c.elapsed_ms = attempt_.elapsed.count();
    for (const evidence::Draft& draft : attempt_.result.evidence) {
      if (draft.kind != evidence::Kind::usage) continue;
      c.spent.tokens += draft.facts.at("usage.tokens").as_integer();
      c.spent.micro_usd += draft.facts.at("usage.micro_usd").as_integer();
    }
  }

  // What a step did to the tree: nothing it may not do, nothing outside the scope.
  Result<void> judge_tree() {
    if (attempt_.before.digest == attempt_.after.digest) return {};
    const std::vector<std::string> changed = changed_paths(attempt_.before, attempt_.after);
    if (!step_.writes_tree) {
      const std::string what = changed.empty() ? "the tree" : changed.front();
      refuse(StepStatus::failed,
             "it changed " + what + and_more(changed.size()) +
                 ", and nothing may write to the tree in stage " + step_.stage +
                 "; what a step only produces belongs under module.repo.outputs");
      return {};
    }
    // In a packet the law has held for each step of its own run.
    if (context_.plan.scope.sequential && changed.size() > 1 && !step_.is_packet()) {
      refuse_several(changed);
      return {};
    }
    return judge_scope();
  }

  void refuse_several(const std::vector<std::string>& changed) {
    const std::string count = std::to_string(changed.size());
    std::string names;
    for (std::size_t i = 0; i < std::min(changed.size(), kFilesNamed); ++i) {
      names += (i == 0 ? "" : ", ") + changed[i];
      Problem problem;
      problem.file = changed[i];
      problem.rule = "sequential";
      problem.message =
          "is one of " + count + " files that the step changed; the law allows one a step";
      problem.remedy = "Undo all but one, and give each of the others a step of its own";
      out_.problems.push_back(std::move(problem));
    }
    if (changed.size() > kFilesNamed) names += ", …";
    refuse_change(StepStatus::failed,
                  "it changed " + count + " files and the law allows one a step: " + names);
    blocker_kind_ = BlockerKind::FIX_REQUIRED;
  }

  Result<void> judge_scope() {
    WRIT_TRY(auto changes, context_.workspace.changes_since(context_.state.run.base));
    ScopeReport report = check_scope(context_.plan, std::move(changes));
    attempt_.result.evidence.push_back(report.draft());
    if (!report.outside.empty()) {
      refuse_change(StepStatus::failed, report.outside.front().file + " " +
                                            report.outside.front().message +
                                            and_more(report.outside.size()));
      blocker_kind_ = BlockerKind::FIX_REQUIRED;
      std::move(report.outside.begin(), report.outside.end(), std::back_inserter(out_.problems));
    } else if (!report.over_budget.empty()) {
      const Problem& first = report.over_budget.front();
      refuse_change(StepStatus::shut, first.file + (first.file.empty() ? "" : " ") + first.message);
      std::move(report.over_budget.begin(), report.over_budget.end(),
                std::back_inserter(out_.problems));
    }
    return {};
  }

  Result<void> record_evidence() {
    for (evidence::Draft& draft : attempt_.result.evidence) {
      evidence::Record record;
      record.run = context_.state.run.id;
      record.step = step_.path;
      record.attempt = number_;
      record.kind = draft.kind;
      record.name = std::move(draft.name);
      record.id = evidence::make_evidence_id(record.run, record.step, record.attempt, record.kind,
                                             record.name);
      record.tree = attempt_.after.digest;
      record.at = context_.now;
      record.data = std::move(draft.data);
      record.facts = std::move(draft.facts);
      record.blobs = std::move(draft.blobs);
      WRIT_CHECK(record.check());
      out_.completion.evidence.push_back({record.id, record.digest().hex()});
      out_.attachments.records.push_back(std::move(record));
    }
    return {};
  }

  // What is spent stays spent, whichever attempt it was and whatever tree it was on.
  void check_run_budget() {
    const protocol::Budget& budget = context_.plan.budget;
    const RunRow& run = context_.state.run;
    const Completion& c = out_.completion;
    hold("max_iterations", number_, budget.max_iterations, "attempts of this step");
    hold("max_tokens", run.spent.tokens + c.spent.tokens, budget.max_tokens, "tokens spent");
    hold("max_usd", run.spent.micro_usd + c.spent.micro_usd, budget.max_micro_usd,
         "millionths of a US dollar spent");
    const Duration active{run.active_ms + attempt_.elapsed.count()};
    if (budget.active && active > *budget.active) {
      refuse(StepStatus::shut, "over budget: active is " + to_text(active) +
                                   " at work, allowed is " + to_text(*budget.active));
    }
  }

  template <typename Limit>
  void hold(std::string_view name, std::int64_t measured, const std::optional<Limit>& allowed,
            std::string_view unit) {
    if (!allowed || static_cast<std::uint64_t>(measured) <= *allowed) return;
    refuse(StepStatus::shut, "over budget: " + std::string(name) + " is " +
                                 std::to_string(measured) + " " + std::string(unit) +
                                 ", allowed is " + std::to_string(*allowed));
  }

  Result<void> judge_gate() {
    if (!step_.gate) return {};
    std::vector<evidence::Record> evidence(context_.evidence.begin(), context_.evidence.end());
    evidence.insert(evidence.end(), out_.attachments.records.begin(),
                    out_.attachments.records.end());
    const std::string tree = attempt_.after.digest.hex();
    WRIT_TRY(policy::Facts facts, collect_facts({context_.plan, context_.state, evidence,
                                                 step_.gate_over, step_.path, number_, tree}));
    DecisionRecord record{step_.path, number_, *step_.gate, std::move(facts), {}};
    record.decision = policy::evaluate(record.gate, record.facts);
    WRIT_TRY(out_.completion.decision, record.digest());
    if (!record.decision.open && out_.completion.status == StepStatus::passed) {
      refuse(StepStatus::shut, record.decision.reason);
    }
    out_.decision = record.decision;
    out_.attachments.decisions.push_back(std::move(record));
    return {};
  }

  // It did not pass: another try, a blocker, or plain failure.
  void decide_what_follows() {
    Completion& c = out_.completion;
    if (c.status == StepStatus::failed && may_retry()) {
      c.retry_at = WallTime{context_.now.micros + backoff().count() * 1000};
      return;
    }
    if (attempt_.result.blocker) blocker_kind_ = attempt_.result.blocker;
    if (!blocker_kind_) blocker_kind_ = step_.blocks;
    if (!blocker_kind_) return;
    c.status = StepStatus::blocked;
    out_.blocker = make_blocker(*blocker_kind_);
  }

  bool may_retry() const {
    const auto& on = step_.retry.on;
    return attempt_.retries < step_.retry.max &&
           std::find(on.begin(), on.end(), out_.completion.failure) != on.end();
  }

  Duration backoff() const {
    const double doubled =
        static_cast<double>(step_.retry.backoff.count()) *
        static_cast<double>(std::uint64_t{1} << std::min<std::uint32_t>(attempt_.retries, 30));
    const double limit = static_cast<double>(step_.retry.backoff_limit.count());
    // Full jitter on the upper half: never less than half the back-off.
    const double spread = std::min(doubled, limit) * (0.5 + 0.5 * attempt_.jitter);
    return Duration{static_cast<std::int64_t>(spread)};
  }

  Blocker make_blocker(BlockerKind kind) const {
    Blocker blocker;
    blocker.id = {Uuid::v5(context_.state.run.id.uuid,
                           "blocker/" + step_.path + "/" + std::to_string(number_))};
    blocker.kind = kind;
    blocker.step = step_.path;
    blocker.attempt = number_;
    blocker.issue = out_.completion.reason;
    if (!out_.problems.empty()) {
      const Problem& first = out_.problems.front();
      blocker.file = first.file;
      blocker.line = first.at.line;
      blocker.issue = first.message + and_more(out_.problems.size());
      blocker.proposed_fix = first.remedy;
    }
    return blocker;
  }

  void refuse(StepStatus status, std::string reason) {
    out_.completion.status = status;
    out_.completion.reason = std::move(reason);
  }

  // Refused for what it did to the tree: that stays to be answered for by the next attempt.
  void refuse_change(StepStatus status, std::string reason) {
    const std::string& own = out_.completion.reason;
    refuse(status, own.empty() ? std::move(reason) : own + "; " + reason);
    out_.completion.failure = kScopeFailure;
  }

  static std::string and_more(std::size_t count) {
    return count < 2 ? "" : " (and " + std::to_string(count - 1) + " more)";
  }

  const JudgeContext& context_;
  Attempt attempt_;
  const PlanStep& step_;
  std::uint32_t number_;
  std::optional<BlockerKind> blocker_kind_;
  Judgement out_;
};

}  // namespace

Result<Judgement> judge(const JudgeContext& context, Attempt attempt) {
  return Judge(context, std::move(attempt)).judge();
}

}  // namespace writ::execution
