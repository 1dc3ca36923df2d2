// How a module's answer becomes a decision. What is not clearly a yes keeps the gate shut.
#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/text_check.h"
#include "policy/eval/gave_up.h"
#include "policy/gate/gate_policy.h"
#include "policy/gate/rego_gate.h"
#include "policy/gate/run_module.h"
#include "policy/operand.h"
#include "policy/term/json.h"

namespace writ::policy {
namespace {

// Of what a module says; the rest is counted.
constexpr std::size_t kMostReasons = 50;
constexpr std::size_t kLongestReason = 2'000;

constexpr std::string_view kOutcomes[] = {"open",     "shut",  "undefined", "absent",
                                          "conflict", "error", "exhausted", "malformed"};

GateOutcome outcome_of(const rego::PolicyError& error) {
  if (error.code == rego::kConflictError) return GateOutcome::conflict;
  return error.code == rego::kCancelError ? GateOutcome::exhausted : GateOutcome::error;
}

class Decider {
 public:
  Decider(const RegoGate& gate, const Facts& facts) : gate_(gate), facts_(facts) {
    for (const std::string& name : gate.facts) {
      decision_.operands.push_back(operand_of(facts, name));
    }
  }

  Decision decide() {
    if (const std::string missing = absent(); !missing.empty()) {
      return end(GateOutcome::absent, missing + ", and the gate reads it");
    }
    const auto program = compile_module(kGateFile, gate_.module);
    if (!program) return failed(program.error().front());
    auto run = ModuleRun::make(*program, gate_input(gate_, facts_));
    if (!run) return end(GateOutcome::error, "the gate has no input: " + run.error().message);
    return gate_.has_decision ? by_decision(*run) : by_allow(*run);
  }

  Decision gave_up(std::string_view why) {
    rego::PolicyError error;
    error.code = rego::kCancelError;
    error.message = why;
    return failed(error);
  }

 private:
  std::string absent() const {
    const auto missing =
        std::ranges::find_if(decision_.operands, [](const Operand& o) { return !o.value; });
    return missing == decision_.operands.end() ? "" : operand_text(*missing);
  }

  Decision end(GateOutcome outcome, std::string reason) {
    decision_.open = outcome == GateOutcome::open;
    decision_.outcome = to_text(outcome);
    decision_.reason = std::move(reason);
    return std::move(decision_);
  }

  // With the values that it was made from.
  Decision end_with_facts(GateOutcome outcome, const std::string& what) {
    return end(outcome, what + ": " + operands_text(decision_.operands));
  }

  // Where a budget ended says nothing, and differs from machine to machine. What a builtin says
  // may hold any bytes, and a record holds text.
  Decision failed(const rego::PolicyError& error) {
    const GateOutcome outcome = outcome_of(error);
    std::string why = "the gate's policy has no answer: ";
    if (error.at.is_known() && outcome != GateOutcome::exhausted) {
      why += "line " + std::to_string(error.at.line) + ": ";
    }
    why += error.code;
    const bool is_text =
        error.message.size() <= kLongestReason && !check_text(error.message, "", {});
    return end(outcome, is_text ? why + ": " + error.message : std::move(why));
  }

  Decision by_allow(ModuleRun& run) {
    std::optional<bool> allow;
    {
      const rego::Answer& answer = run.ask(document_query(gate_.package, "allow"));
      if (answer.error) return failed(*answer.error);
      if (!answer.rows.empty()) {
        const rego::Term& value = answer.rows.front().values.front();
        if (!value.is_true() && !value.is_false()) {
          return end(GateOutcome::malformed, "allow is neither true nor false");
        }
        allow = value.is_true();
      }
    }
    if (gate_.has_deny) {
      const rego::Answer& answer = run.ask(document_query(gate_.package, "deny"));
      if (answer.error) return failed(*answer.error);
      if (!answer.rows.empty() && !answer.rows.front().values.front().is_false()) {
        const rego::Term& said = answer.rows.front().values.front();
        if (!said.is_true() && !take_reasons(said)) {
          return end(GateOutcome::malformed, "deny is no set of texts");
        }
        if (said.is_true() || !decision_.reasons.empty()) {
          return end_with_facts(GateOutcome::shut, told("deny is true"));
        }
      }
    }
    if (!allow) return end_with_facts(GateOutcome::undefined, "allow is undefined");
    if (!*allow) return end_with_facts(GateOutcome::shut, "allow is false");
    return end_with_facts(GateOutcome::open, "allow is true");
  }

  Decision by_decision(ModuleRun& run) {
    const rego::Answer& answer = run.ask(document_query(gate_.package, "decision"));
    if (answer.error) return failed(*answer.error);
    if (answer.rows.empty()) {
      return end_with_facts(GateOutcome::undefined, "decision is undefined");
    }
    const rego::Term& value = answer.rows.front().values.front();
    const rego::Term* open = value.is_object() ? value.find("open") : nullptr;
    if (open == nullptr || (!open->is_true() && !open->is_false())) {
      return end(GateOutcome::malformed,
                 "decision is no object with `open: true` or `open: false`");
    }
    const rego::Term* reasons = value.find("reasons");
    if (reasons != nullptr && !take_reasons(*reasons)) {
      return end(GateOutcome::malformed, "decision.reasons is no set or array of texts");
    }
    if (open->is_true()) return end_with_facts(GateOutcome::open, told("decision.open is true"));
    return end_with_facts(GateOutcome::shut, told("decision.open is false"));
  }

  std::string told(std::string_view otherwise) const {
    std::string out;
    for (const std::string& reason : decision_.reasons) out += (out.empty() ? "" : "; ") + reason;
    return out.empty() ? std::string(otherwise) : out;
  }

  // Texts, or objects with one under `msg`; in the order that they have.
  bool take_reasons(const rego::Term& said) {
    if (!said.is_array() && !said.is_set()) return false;
    std::size_t left_out = 0;
    for (const rego::Term& one : said.items()) {
      const rego::Term* text = one.is_object() ? one.find("msg") : &one;
      if (text == nullptr || !text->is_string()) return false;
      std::string reason(text->text());
      if (reason.size() > kLongestReason || check_text(reason, "", {})) return false;
      if (decision_.reasons.size() == kMostReasons) {
        ++left_out;
      } else {
        decision_.reasons.push_back(std::move(reason));
      }
    }
    if (left_out > 0) decision_.reasons.push_back("and " + std::to_string(left_out) + " more");
    return true;
  }

  const RegoGate& gate_;
  const Facts& facts_;
  Decision decision_;
};

}  // namespace

std::string_view to_text(GateOutcome outcome) {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}

Decision evaluate(const RegoGate& gate, const Facts& facts) {
  return Decider(gate, facts).decide();
}

std::vector<Decision> machine_gave_up(const RegoGate& gate, const Facts& facts) {
  std::vector<Decision> out;
  for (const std::string_view why : rego::kMachineLimits) {
    out.push_back(Decider(gate, facts).gave_up(why));
  }
  return out;
}

std::string gate_input(const RegoGate& gate, const Facts& facts) {
  const Value whole = facts.to_value();
  Object values;
  for (const std::string& name : gate.facts) {
    const auto found = facts.facts.find(name);
    if (found != facts.facts.end()) values.append(name, exact_number(found->second.value));
  }
  Object input;
  for (const std::string_view member : {"format", "run", "step", "tree"}) {
    if (const Value* value = whole.find(member)) input.append(std::string(member), *value);
  }
  input.append("facts", std::move(values));
  return to_json(input);
}

}  // namespace writ::policy
