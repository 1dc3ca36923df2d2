#include "policy/fabric/session.h"

#include <algorithm>
#include <utility>

#include "policy/term/build.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

// Queries come from outside: they may be as many as there are callers with ideas.
constexpr std::size_t kMostQueries = 1024;

using Steady = std::chrono::steady_clock;

// Segments of paths are texts; those that are spelled like an index mean one. In base documents
// such a number also finds the member of an object that is spelled so.
bool is_index(std::string_view key) {
  constexpr std::size_t kMostDigits = 9;
  const bool is_number =
      !key.empty() && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
  return is_number && key.size() <= kMostDigits && (key == "0" || key.front() != '0');
}

}  // namespace

void append_document_query(std::string& out, std::span<const std::string> path) {
  out += "data";
  for (const std::string& key : path) {
    out += '[';
    out += is_index(key) ? key : to_rego(borrow_string(key));
    out += ']';
  }
}

Session::Session(const Fabric& fabric, const Services& services)
    : fabric_(fabric), services_(services), snapshot_(fabric.snapshot()) {}

Arena& Session::begin() {
  if (snapshot_->version != fabric_.version()) {
    std::shared_ptr<const Snapshot> next = fabric_.snapshot();
    // Data alone may have changed: then what was compiled still stands.
    if (next->program != snapshot_->program) queries_.clear();
    snapshot_ = std::move(next);
  }
  evaluator_.input_arena().reset();
  return evaluator_.input_arena();
}

Result<std::shared_ptr<const Query>> Session::compiled(const std::string& text) {
  cost_.compile = {};
  if (const auto at = queries_.find(text); at != queries_.end()) return at->second;
  const auto begin = Steady::now();
  auto query = compile_query(snapshot_->program, text);
  cost_.compile = Steady::now() - begin;
  if (!query) return fail(query.error());
  if (queries_.size() >= kMostQueries) queries_.clear();
  queries_.emplace(text, *query);
  return *std::move(query);
}

const Answer& Session::run(Term input, const DecideOptions& options) {
  EvalInput how;
  how.input = input;
  how.data = snapshot_->data;
  how.services = &services_;
  how.limits = options.limits;
  how.strict_builtin_errors = options.strict_builtin_errors;
  how.stop = options.stop;
  const auto begin = Steady::now();
  const Answer& answer = evaluator_.evaluate(*query_, how);
  cost_.evaluate = Steady::now() - begin;
  return answer;
}

Result<Decision> Session::decide(std::span<const std::string> path, Term input,
                                 const DecideOptions& options) {
  text_.clear();
  append_document_query(text_, path);
  WRIT_TRY(query_, compiled(text_));
  const Answer& answer = run(input, options);
  Decision decision;
  decision.snapshot = snapshot_.get();
  if (answer.error) decision.error = &*answer.error;
  if (!answer.rows.empty()) decision.result = answer.rows.front().values.front();
  return decision;
}

Result<const Answer*> Session::ask(std::string_view query, Term input,
                                   const DecideOptions& options) {
  WRIT_TRY(query_, compiled(std::string(query)));
  return &run(input, options);
}

std::expected<PartialAnswer, PolicyErrors> Session::ask_partially(std::string_view query,
                                                                  Term input,
                                                                  const PartialOptions& options) {
  const auto begin = Steady::now();
  auto answer =
      partially_evaluate(snapshot_->program, query, {input, snapshot_->data, &services_}, options);
  cost_ = {.compile = {}, .evaluate = Steady::now() - begin};
  return answer;
}

}  // namespace writ::rego
