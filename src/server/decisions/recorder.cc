#include "server/decisions/recorder.h"

#include <algorithm>

#include "policy/bundle/patch.h"
#include "policy/term/build.h"
#include "policy/term/json.h"
#include "server/decisions/mask.h"

namespace writ::server {
namespace {

using rego::Term;

std::string slashed(std::span<const std::string> path) {
  std::string out;
  for (const std::string& segment : path) out += (out.empty() ? "" : "/") + segment;
  return out;
}

// Whether one of the places lies within the other.
bool touches(std::string_view a, std::string_view b) {
  const std::string_view& shorter = a.size() < b.size() ? a : b;
  const std::string_view& longer = a.size() < b.size() ? b : a;
  return longer.starts_with(shorter) &&
         (longer.size() == shorter.size() || shorter.empty() || longer[shorter.size()] == '/');
}

bool stands_at(const rego::Snapshot& snapshot, std::span<const std::string> path) {
  if (at_path(snapshot.data, path).is_defined()) return true;
  const std::string place = slashed(path);
  return std::ranges::any_of(
      snapshot.policies, [&](const auto& policy) { return touches(policy.second.package, place); });
}

// Says what went wrong without words that may come from the input.
std::string why_of(const rego::PolicyError& error) {
  return "the mask policy failed: " + error.code +
         (error.at.is_known() ? " at " + error.file + ":" + std::to_string(error.at.line) : "");
}

}  // namespace

DecisionRecorder::DecisionRecorder(const rego::Fabric& fabric, const rego::Services& services,
                                   const DecisionLogOptions& options, DecisionLog& log,
                                   DecisionCounters& counters, std::string_view labels)
    : options_(options),
      log_(log),
      counters_(counters),
      session_(fabric, services),
      labels_(rego::parse_json(own_, labels).value_or(rego::empty_object())) {}

bool DecisionRecorder::has_policy() {
  const rego::Snapshot& snapshot = session_.snapshot();
  if (!has_looked_ || looked_at_ != snapshot.version) {
    has_policy_ =
        stands_at(snapshot, options_.mask_decision) || stands_at(snapshot, options_.drop_decision);
    looked_at_ = snapshot.version;
    has_looked_ = true;
  }
  return has_policy_;
}

// A drop policy that fails drops nothing.
Result<bool> DecisionRecorder::is_unwanted(const Term& event, const rego::DecideOptions& options) {
  WRIT_TRY(const rego::Decision decision, session_.decide(options_.drop_decision, event, options));
  if (decision.error != nullptr && decision.error->code == rego::kCancelError) {
    return fail(Code::cancelled, "the drop policy took too long");
  }
  return decision.error == nullptr && decision.result.is_true();
}

Result<Term> DecisionRecorder::masked(const Term& event, const rego::DecideOptions& options) {
  rego::Arena& arena = session_.arena();
  const auto decided = session_.decide(options_.mask_decision, event, options);
  const rego::PolicyError* const error = decided ? decided->error : nullptr;
  if (error != nullptr && error->code == rego::kCancelError) {
    return fail(Code::cancelled, "the mask policy took too long");
  }
  std::string why;
  if (!decided || error != nullptr) {
    why = decided ? why_of(*error) : "the mask policy does not compile";
  } else if (!decided->result.is_defined()) {
    return event;
  } else {
    const auto rules = read_mask(decided->result);
    if (rules) return apply_mask(arena, event, *rules);
    why = rules.error().message;
  }
  counters_.add(DecisionCounter::mask_failure);
  return hide_all(arena, event, why);
}

Result<std::uint64_t> DecisionRecorder::record(const DecisionFacts& facts,
                                               const rego::EvalLimits& limits, bool may_run_out) {
  rego::Arena& arena = session_.begin();
  Term event = make_event(arena, facts, labels_, options_.headers);
  text_.clear();
  append_json(text_, event);
  if (has_policy()) {
    // As it will be read: sets are arrays, keys are strings. That is what policies see and paths
    // lead through.
    WRIT_TRY(event, rego::parse_json(arena, text_));
    rego::DecideOptions options;
    options.limits = limits;
    const auto unwanted = is_unwanted(event, options);
    if (!unwanted && may_run_out) return std::unexpected(unwanted.error());
    if (unwanted && *unwanted) {
      counters_.add(DecisionCounter::dropped_by_policy);
      return 0;
    }
    auto left = masked(event, options);
    if (!left && may_run_out) return std::unexpected(std::move(left).error());
    if (!left) counters_.add(DecisionCounter::mask_failure);
    text_.clear();
    append_json(text_, left ? *left : hide_all(arena, event, left.error().message));
  }
  return log_.append(text_);
}

}  // namespace writ::server
