// Partial evaluation and then the rest is full evaluation: over random policies and inputs.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "policy/partial/partial.h"
#include "policy/testing/random_policy.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::Given;
using testing::random_documents;
using testing::RandomPolicy;
using testing::RegoRun;

// All values that the query's w may have, by the residue: bodies against policies and support.
std::string by_residue(const PartialAnswer& answer, const std::string& policy,
                       const std::string& input, const std::string& data) {
  std::vector<std::string> modules{policy};
  for (const SupportModule& module : answer.support) modules.push_back(module.text);
  // What is left may never hold: it is not for a reader.
  RegoRun run(modules, {.checks_types = false});
  run.with_input(input).with_data(data);
  std::string query = "set()";
  for (const ast::Body& body : answer.queries) {
    query += " | {w | ";
    for (const ast::Statement& statement : body) query += ast::to_text(statement) + "; ";
    query += "true}";
  }
  return run.value(query);
}

TEST(PartialEvaluation, AndThenTheRestIsFullEvaluation) {
  const bool holds = rc::check("partial, then full", [] {
    RandomPolicy random;
    const std::string policy = random.text();
    const Given given = random_documents();
    const std::string input = given.input();
    RegoRun full({policy});
    RC_PRE(full.problem().empty());
    full.with_input(input).with_data(given.data);
    RegoRun partial({policy});
    PartialOptions options;
    options.unknowns =
        *rc::gen::element(std::vector<std::string>{"input"}, std::vector<std::string>{"input.u"},
                          std::vector<std::string>{"input.u.a", "input.u.xs"},
                          std::vector<std::string>{"input.u", "data.e"});
    const bool is_whole = options.unknowns[0] == "input";
    const bool is_field = options.unknowns[0] == "input.u.a";
    partial.with_data(given.data);
    if (!is_whole) partial.with_input(is_field ? input : "{" + given.known + "}");
    if (*rc::gen::inRange(0, 4) == 0) options.disable_inlining = {"data.a.p1", "data.a.p3"};
    // Every rule, and the package as a whole.
    for (std::size_t i = 0; i <= RandomPolicy::kRules; ++i) {
      const bool is_package = i == RandomPolicy::kRules;
      if (!is_package && random.is_function(i)) continue;
      const std::string query = (is_package ? "data.a" : "data.a.p" + std::to_string(i)) + " = w";
      const std::string wanted = full.value("{w | " + query + "}");
      if (wanted.contains("error")) continue;  // a conflict: no value to compare with
      const PartialInput known{partial.options().input, partial.options().data,
                               partial.options().services};
      const auto answer = partially_evaluate(partial.program(), query, known, options);
      if (!answer) {
        if (to_text(answer.error()).contains("more than")) continue;
        RC_LOG() << policy << query << "\n" << to_text(answer.error());
        RC_FAIL("partial evaluation failed");
      }
      const std::string found = by_residue(*answer, policy, input, given.data);
      if (found == wanted) continue;
      RC_LOG() << policy << "\ninput " << input << "\ndata " << given.data << "\nunknown "
               << options.unknowns[0] << "\n"
               << query << "\nwanted " << wanted << "\nfound " << found << "\n";
      for (const ast::Body& body : answer->queries) {
        RC_LOG() << "body:\n";
        for (const ast::Statement& statement : body) RC_LOG() << ast::to_text(statement) << "\n";
      }
      for (const SupportModule& module : answer->support) RC_LOG() << module.text;
      RC_FAIL("the residue says something else");
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace writ::rego
