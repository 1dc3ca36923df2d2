#include "policy/gate/run_module.h"

#include "base/clock.h"
#include "policy/fabric/session.h"
#include "policy/parse/parser.h"
#include "policy/term/json.h"

namespace writ::policy {

rego::EvalLimits gate_limits() {
  rego::EvalLimits limits;
  limits.steps = 5'000'000;
  limits.memory_bytes = std::size_t{128} << 20;
  limits.time = std::chrono::milliseconds{20'000};
  return limits;
}

std::expected<std::shared_ptr<const rego::Program>, rego::PolicyErrors> compile_module(
    std::string_view name, const std::string& text, const rego::CompileOptions& options) {
  auto module = rego::parse_module(name, text);
  if (!module) return std::unexpected(std::move(module).error());
  std::vector<rego::ast::Module> modules;
  modules.push_back(*std::move(module));
  return rego::compile(std::move(modules), options);
}

std::string document_query(std::span<const std::string> path) {
  std::string query;
  rego::append_document_query(query, path);
  return query;
}

std::string document_query(const std::vector<std::string>& package, std::string_view document) {
  std::vector<std::string> path = package;
  path.emplace_back(document);
  return document_query(path);
}

Result<ModuleRun> ModuleRun::make(std::shared_ptr<const rego::Program> program,
                                  const std::string& input, rego::EvalLimits limits) {
  ModuleRun run;
  run.limits_ = limits;
  run.program_ = std::move(program);
  run.evaluator_ = std::make_unique<rego::Evaluator>();
  WRIT_TRY(run.input_, rego::parse_json(run.evaluator_->input_arena(), input));
  return run;
}

const rego::Answer& ModuleRun::ask(const std::string& query, rego::Observer* observer) {
  const bool is_watched = observer != nullptr;
  auto compiled =
      rego::compile_query(program_, query, {.is_observed = is_watched, .is_indexed = !is_watched});
  if (!compiled) {
    failed_.rows.clear();
    failed_.error = compiled.error().front();
    return failed_;
  }
  query_ = *std::move(compiled);
  const SystemClock clock;  // bounds the time that it takes; no gate asks what time it is
  rego::Services services;
  services.clock = &clock;
  rego::EvalInput how;
  how.services = &services;
  how.input = input_;
  how.limits = limits_;
  how.strict_builtin_errors = true;
  how.observer = observer;
  return evaluator_->evaluate(*query_, how);
}

}  // namespace writ::policy
