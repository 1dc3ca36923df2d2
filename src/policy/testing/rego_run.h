#pragma once
// Parses, compiles and runs Rego in one go, for tests; what comes is text.
//
//   EXPECT_EQ(RegoRun({"package a\n p := 1"}).value("data.a.p"), "1");
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/fake_clock.h"
#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/parse/parser.h"
#include "policy/term/json.h"
#include "policy/term/print.h"

namespace writ::rego::testing {

class RegoRun {
 public:
  explicit RegoRun(const std::vector<std::string>& modules, const CompileOptions& options = {},
                   const ParseOptions& parse = {}) {
    services_.clock = &clock_;
    services_.random = &random_;
    input_.services = &services_;
    std::vector<ast::Module> parsed;
    for (std::size_t i = 0; i < modules.size(); ++i) {
      auto module = parse_module("p" + std::to_string(i) + ".rego", modules[i], parse);
      if (!module) {
        problem_ = to_text(module.error());
        return;
      }
      parsed.push_back(*std::move(module));
    }
    auto program = compile(std::move(parsed), options);
    if (program) {
      program_ = *program;
    } else {
      problem_ = to_text(program.error());
    }
  }

  // What parsing and compiling complained of; "" when they did not.
  const std::string& problem() const { return problem_; }
  EvalInput& options() { return input_; }
  FakeClock& clock() { return clock_; }
  std::shared_ptr<const Program> program() const { return program_; }

  RegoRun& with_input(std::string_view json) {
    input_.input = parse_json(arena_, json).value();
    return *this;
  }
  RegoRun& with_data(std::string_view json) {
    input_.data = parse_json(arena_, json).value();
    return *this;
  }

  // The value of a query of one expression in Rego syntax; rows separated by " | "; "undefined";
  // the error's text.
  std::string value(std::string_view query) {
    return run(query, [](const Query&, const Solution& row) { return to_rego(row.values.back()); });
  }
  // "x = 1, y = 2 | x = 2, y = 3".
  std::string bindings(std::string_view query) {
    return run(query, [](const Query& of, const Solution& row) {
      std::string out;
      for (std::size_t i = 0; i < of.bindings.size(); ++i) {
        out += (i > 0 ? ", " : "") + of.bindings[i].name + " = " + to_rego(row.bindings[i]);
      }
      return out;
    });
  }

 private:
  template <typename Show>
  std::string run(std::string_view text, Show show) {
    if (!program_) return problem_;
    auto query = compile_query(program_, text);
    if (!query) return to_text(query.error());
    const Answer& answer = evaluator_.evaluate(**query, input_);
    if (answer.error) return answer.error->text();
    std::string out;
    for (const Solution& row : answer.rows) out += (out.empty() ? "" : " | ") + show(**query, row);
    return answer.rows.empty() ? "undefined" : out;
  }

  Arena arena_;
  FakeClock clock_;
  SystemRandom random_;
  Services services_;
  EvalInput input_;
  std::shared_ptr<const Program> program_;
  std::string problem_;
  Evaluator evaluator_;
};

}  // namespace writ::rego::testing
