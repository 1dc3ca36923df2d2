#pragma once
// Partial evaluation: a query where parts of input and data are not known yet. What is known is
// computed; what remains are conditions over the unknowns: bodies of which one must hold, and
// modules of support rules for what no body can say (defaults, whole sets, some negations).
//
//   allow if input.role == "admin"                with unknowns input: input.role = "admin"
//   allow if data.owner[input.doc] == input.user  one body for each document
//
// No bodies: never. A body without statements: always. Whoever answers the bodies later needs the
// modules of `support` beside the policies, and the whole input.
#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compile/program.h"
#include "policy/eval/evaluator.h"
#include "policy/parse/ast.h"
#include "policy/parse/policy_error.h"

namespace writ::rego {

struct PartialOptions {
  // "input", "input.subject", "data.rows": references that are not known, with all below them.
  std::vector<std::string> unknowns{"input"};
  // Rules that become support instead of parts of bodies, with all below: "data.app.allow".
  std::vector<std::string> disable_inlining;
  // Whether time.now_ns and the like are called now.
  bool calls_nondeterministic = false;
  // Bodies, also of one rule or negation, beyond which there is an error.
  std::size_t most_queries = 10'000;
  EvalLimits limits;
  bool strict_builtin_errors = false;
  std::stop_token stop;
};

struct PartialInput {
  Term input;                  // undefined: nothing of it is known
  Term data = empty_object();  // base documents
  const Services* services = nullptr;
};

struct SupportModule {
  std::string text;  // formatted
  ast::Module module;
};

struct PartialAnswer {
  std::vector<ast::Body> queries;
  std::vector<SupportModule> support;
  std::shared_ptr<Arena> arena;  // owns the constants of the queries
};

// Errors: of parsing and compiling the query and the unknowns; of evaluation (a budget that ran
// out, a conflict, a builtin when those count).
std::expected<PartialAnswer, PolicyErrors> partially_evaluate(
    std::shared_ptr<const Program> program, std::string_view query, const PartialInput& input,
    const PartialOptions& options = {});

}  // namespace writ::rego
