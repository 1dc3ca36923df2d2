#pragma once
// A gate's module at work: compiled, and asked for its documents over one input. Private to
// policy/gate, and to policy/own, whose policies run as gates do.
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/observe/observer.h"
#include "policy/parse/policy_error.h"

namespace writ::policy {

// How messages name the module of a gate.
inline constexpr std::string_view kGateFile = "gate.rego";

// What a gate may take. Steps and memory are the same on every machine, so that a gate which runs
// out of them does so wherever it is replayed; the time is only a last resort.
rego::EvalLimits gate_limits();

// `name`: how messages name it.
std::expected<std::shared_ptr<const rego::Program>, rego::PolicyErrors> compile_module(
    std::string_view name, const std::string& text, const rego::CompileOptions& options = {});

// data["release"]["gate"]["allow"]
std::string document_query(std::span<const std::string> path);
std::string document_query(const std::vector<std::string>& package, std::string_view document);

class ModuleRun {
 public:
  // `input` is JSON. Errors: invalid_input (it is none).
  static Result<ModuleRun> make(std::shared_ptr<const rego::Program> program,
                                const std::string& input, rego::EvalLimits limits = gate_limits());

  // The answer lasts until the next question. A builtin that fails ends it.
  const rego::Answer& ask(const std::string& query, rego::Observer* observer = nullptr);
  const rego::Term& input() const { return input_; }

 private:
  std::shared_ptr<const rego::Program> program_;
  std::unique_ptr<rego::Evaluator> evaluator_;
  rego::Term input_;
  rego::EvalLimits limits_;
  rego::Answer failed_;  // when the query does not compile
  std::shared_ptr<const rego::Query> query_;
};

}  // namespace writ::policy
