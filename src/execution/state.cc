#include "execution/state.h"

#include <algorithm>
#include <concepts>
#include <iterator>

#include "base/enum_names.h"
#include "base/json.h"

namespace writ::execution {
namespace {

constexpr EnumNames<RunStatus, 5> kRunStatus{
    {"active", "attested", "cancelled", "stopped", "superseded"}};
constexpr EnumNames<StepStatus, 7> kStepStatus{
    {"pending", "running", "waiting", "passed", "failed", "shut", "blocked"}};
constexpr EnumNames<protocol::BlockerKind, 5> kBlockerKind{
    {"FIX_REQUIRED", "SPEC_BLOCKER", "CONTRACT_UNCLEAR", "INVENTION_REQUIRED", "HARD_STOP"}};

// Takes members as Object does, and makes text of them at once.
class ObjectText {
 public:
  void append(std::string_view key, std::string_view text) {
    begin(key);
    append_json_string(out_, text);
  }
  void append(std::string_view key, bool flag) {
    begin(key);
    out_ += flag ? "true" : "false";
  }
  template <std::integral Number>
  void append(std::string_view key, Number number) {
    begin(key);
    out_ += std::to_string(number);
  }
  void append(std::string_view key, const Array& list) {
    begin(key);
    out_ += to_json(list);
  }
  std::string take() && { return std::move(out_) + (out_.empty() ? "{}" : "}"); }

 private:
  void begin(std::string_view key) {
    out_ += out_.empty() ? '{' : ',';
    append_json_string(out_, key);
    out_ += ':';
  }

  std::string out_;
};

// Rows leave out what is empty: most steps have no decision, no wake, no claim.
template <typename Out>
void set_text(Out& out, const char* key, const std::string& text) {
  if (!text.empty()) out.append(key, text);
}

template <typename Out>
void set_time(Out& out, const char* key, const std::optional<WallTime>& time) {
  if (time) out.append(key, time->micros);
}

template <typename Out>
void set_spending(Out& out, const Spending& spent) {
  if (spent.tokens != 0) out.append("tokens", spent.tokens);
  if (spent.micro_usd != 0) out.append("micro_usd", spent.micro_usd);
}

template <typename Out, typename T>
void set_list(Out& out, const char* key, const std::vector<T>& items) {
  if (items.empty()) return;
  Array list;
  for (const T& item : items) list.push_back(to_value(item));
  out.append(key, list);
}

template <typename Out>
void write_members(Out& out, const RunRow& row) {
  out.append("id", row.id.text());
  out.append("status", status_name(row.status));
  out.append("spec_id", row.spec_id);
  out.append("spec_file", row.spec_file);
  out.append("spec_digest", row.spec_digest);
  out.append("plan", row.plan);
  set_text(out, "base", row.base);
  set_text(out, "worktree", row.worktree);
  set_text(out, "trust", row.trust);
  out.append("self_signed", row.is_self_signed);
  out.append("runner", row.runner);
  out.append("created", row.created.micros);
  out.append("next_seq", row.next_seq);
  set_text(out, "tree", row.tree);
  out.append("active_ms", row.active_ms);
  set_spending(out, row.spent);
  set_list(out, "deferrals", row.deferrals);
  set_list(out, "assumptions", row.assumptions);
  if (row.parent) out.append("parent", row.parent->text());
  if (row.supersedes) out.append("supersedes", row.supersedes->text());
  if (row.superseded_by) out.append("superseded_by", row.superseded_by->text());
  set_text(out, "attestation", row.attestation);
}

template <typename Out>
void write_members(Out& out, const StepState& step) {
  out.append("status", status_name(step.status));
  out.append("attempt", step.attempt);
  if (step.fence != 0) out.append("fence", step.fence);
  set_text(out, "tree_before", step.tree_before);
  set_text(out, "tree_after", step.tree_after);
  set_text(out, "inputs", step.inputs);
  set_text(out, "reason", step.reason);
  set_text(out, "failure", step.failure);
  set_text(out, "isolation", step.isolation);
  if (step.elapsed_ms != 0) out.append("elapsed_ms", step.elapsed_ms);
  set_spending(out, step.spent);
  set_text(out, "decision", step.decision);
  if (!step.evidence.empty()) out.append("evidence", to_value(step.evidence));
  set_time(out, "since", step.since);
  set_time(out, "wake", step.wake);
  set_text(out, "claimed_by", step.claimed_by);
  if (step.adopted) out.append("adopted", step.adopted->text());
}

template <typename T>
std::string row_text(const T& item) {
  ObjectText out;
  write_members(out, item);
  return std::move(out).take();
}

std::string text_of(const Value& value, std::string_view key) {
  return std::string(value.string_or(key, ""));
}

std::optional<WallTime> time_of(const Value& value, std::string_view key) {
  const Value* member = value.find(key);
  if (member == nullptr || !member->is_integer()) return std::nullopt;
  return WallTime{member->as_integer()};
}

Spending spending_of(const Value& value) {
  return {value.integer_or("tokens", 0), value.integer_or("micro_usd", 0)};
}

template <typename T, typename Read>
Result<std::vector<T>> list_of(const Value& value, std::string_view key, Read read) {
  std::vector<T> out;
  const Value* list = value.find(key);
  if (list == nullptr) return out;
  if (!list->is_array()) return fail(Code::tampered, std::string(key) + " of a run is no list");
  for (const Value& item : list->as_array()) {
    WRIT_TRY(T parsed, read(item));
    out.push_back(std::move(parsed));
  }
  return out;
}

template <typename IdType>
Result<std::optional<IdType>> id_of(const Value& value, std::string_view key) {
  const std::string_view text = value.string_or(key, "");
  if (text.empty()) return std::optional<IdType>{};
  WRIT_TRY(const IdType id, IdType::parse(text));
  return std::optional<IdType>{id};
}

}  // namespace

const Blocker* RunState::open_blocker(std::string_view step) const {
  const auto at = std::find_if(blockers.begin(), blockers.end(),
                               [&](const Blocker& b) { return b.is_open && b.step == step; });
  return at == blockers.end() ? nullptr : &*at;
}

std::vector<Deferral> open_deferrals(const RunRow& run) {
  std::vector<Deferral> out;
  std::ranges::copy_if(run.deferrals, std::back_inserter(out), &Deferral::is_open);
  return out;
}

std::string_view status_name(RunStatus status) { return kRunStatus.name(status); }
std::string_view status_name(StepStatus status) { return kStepStatus.name(status); }
std::string_view blocker_name(protocol::BlockerKind kind) { return kBlockerKind.name(kind); }

Result<protocol::BlockerKind> parse_blocker_kind(std::string_view name) {
  if (const auto kind = kBlockerKind.parse(name)) return *kind;
  return fail(Code::invalid_input, "unknown blocker kind " + std::string(name),
              "One of FIX_REQUIRED, SPEC_BLOCKER, CONTRACT_UNCLEAR, INVENTION_REQUIRED, HARD_STOP");
}

Result<std::vector<EvidenceRef>> evidence_refs_from_value(const Value& value) {
  std::vector<EvidenceRef> out;
  const Value* list = value.find("evidence");
  if (list == nullptr) return out;
  if (!list->is_array()) return fail(Code::tampered, "the evidence of a step is no list");
  for (const Value& item : list->as_array()) {
    WRIT_TRY(const EvidenceId id, EvidenceId::parse(item.string_or("id", "")));
    out.push_back({id, text_of(item, "digest")});
  }
  return out;
}

Array to_value(const std::vector<EvidenceRef>& refs) {
  Array out;
  for (const EvidenceRef& ref : refs) {
    out.push_back(Object{{"id", ref.id.text()}, {"digest", ref.digest}});
  }
  return out;
}

Value to_value(const RunRow& row) {
  Object out;
  out.reserve(21);
  write_members(out, row);
  return out;
}

Value to_value(const StepState& step) {
  Object out;
  out.reserve(18);
  write_members(out, step);
  return out;
}

std::string to_row(const RunRow& row) { return row_text(row); }
std::string to_row(const StepState& step) { return row_text(step); }

Value to_value(const Blocker& blocker) {
  Object out;
  out.append("id", blocker.id.text());
  out.append("kind", blocker_name(blocker.kind));
  out.append("step", blocker.step);
  out.append("attempt", blocker.attempt);
  set_text(out, "file", blocker.file);
  if (blocker.line != 0) out.append("line", blocker.line);
  out.append("issue", blocker.issue);
  set_text(out, "proposed_fix", blocker.proposed_fix);
  out.append("open", blocker.is_open);
  set_text(out, "resolved_by", blocker.resolved_by);
  return out;
}

Result<RunRow> run_row_from_value(const Value& value) {
  RunRow row;
  WRIT_TRY(row.id, RunId::parse(value.string_or("id", "")));
  const auto status = kRunStatus.parse(value.string_or("status", ""));
  if (!status) return fail(Code::tampered, "a run row has no known status");
  row.status = *status;
  row.spec_id = text_of(value, "spec_id");
  row.spec_file = text_of(value, "spec_file");
  row.spec_digest = text_of(value, "spec_digest");
  row.plan = text_of(value, "plan");
  row.base = text_of(value, "base");
  row.worktree = text_of(value, "worktree");
  row.trust = text_of(value, "trust");
  row.is_self_signed = value.bool_or("self_signed", false);
  row.runner = text_of(value, "runner");
  row.created = {value.integer_or("created", 0)};
  row.next_seq = static_cast<std::uint64_t>(value.integer_or("next_seq", 1));
  row.tree = text_of(value, "tree");
  row.active_ms = value.integer_or("active_ms", 0);
  row.spent = spending_of(value);
  WRIT_TRY(row.deferrals, list_of<Deferral>(value, "deferrals", &deferral_from_value));
  WRIT_TRY(row.assumptions, list_of<Assumption>(value, "assumptions", &assumption_from_value));
  WRIT_TRY(row.parent, id_of<RunId>(value, "parent"));
  WRIT_TRY(row.supersedes, id_of<RunId>(value, "supersedes"));
  WRIT_TRY(row.superseded_by, id_of<RunId>(value, "superseded_by"));
  row.attestation = text_of(value, "attestation");
  return row;
}

Result<StepState> step_state_from_value(const Value& value) {
  StepState step;
  const auto status = kStepStatus.parse(value.string_or("status", ""));
  if (!status) return fail(Code::tampered, "a step row has no known status");
  step.status = *status;
  step.attempt = static_cast<std::uint32_t>(value.integer_or("attempt", 0));
  step.fence = static_cast<std::uint64_t>(value.integer_or("fence", 0));
  step.tree_before = text_of(value, "tree_before");
  step.tree_after = text_of(value, "tree_after");
  step.inputs = text_of(value, "inputs");
  step.reason = text_of(value, "reason");
  step.failure = text_of(value, "failure");
  step.isolation = text_of(value, "isolation");
  step.elapsed_ms = value.integer_or("elapsed_ms", 0);
  step.spent = spending_of(value);
  step.decision = text_of(value, "decision");
  WRIT_TRY(step.evidence, evidence_refs_from_value(value));
  step.since = time_of(value, "since");
  step.wake = time_of(value, "wake");
  step.claimed_by = text_of(value, "claimed_by");
  WRIT_TRY(step.adopted, id_of<RunId>(value, "adopted"));
  return step;
}

Result<Blocker> blocker_from_value(const Value& value) {
  Blocker blocker;
  WRIT_TRY(blocker.id, BlockerId::parse(value.string_or("id", "")));
  WRIT_TRY(blocker.kind, parse_blocker_kind(value.string_or("kind", "")));
  blocker.step = text_of(value, "step");
  blocker.attempt = static_cast<std::uint32_t>(value.integer_or("attempt", 0));
  blocker.file = text_of(value, "file");
  blocker.line = static_cast<std::uint32_t>(value.integer_or("line", 0));
  blocker.issue = text_of(value, "issue");
  blocker.proposed_fix = text_of(value, "proposed_fix");
  blocker.is_open = value.bool_or("open", true);
  blocker.resolved_by = text_of(value, "resolved_by");
  return blocker;
}

}  // namespace writ::execution
