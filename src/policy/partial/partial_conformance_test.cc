// OPA's cases, partially and then fully evaluated: the answers are those of full evaluation.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "policy/compile/compiler.h"
#include "policy/partial/partial.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

const std::filesystem::path kCases = WRIT_SOURCE_DIR "/../shared/conformance/opa/v1";

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string member(const Term& of, std::string_view name) {
  const Term* const found = of.find(name);
  return found != nullptr && found->is_string() ? std::string(found->text()) : std::string();
}

// "{[x, y] | …}" of the query's variables.
std::string as_set(const std::vector<std::string>& names, const std::string& body) {
  std::string out = "{[";
  for (const std::string& name : names) out += (out.size() > 2 ? ", " : "") + name;
  return out + "] | " + body + "}";
}

struct Case {
  std::vector<std::string> modules;
  std::string query;
  std::string input;
  std::string data;
  std::vector<std::string> documents;  // references to the members of data
};

std::optional<Case> read_case(const Term& of) {
  // What fails, or reads the clock or the network, has no one answer.
  if (of.find("want_error") != nullptr || of.find("want_error_code") != nullptr) return {};
  if (of.find("strict_error") != nullptr) return {};
  Case out;
  out.query = member(of, "query");
  if (const Term* modules = of.find("modules"); modules != nullptr && modules->is_array()) {
    for (const Term& module : modules->items()) out.modules.emplace_back(module.text());
  }
  const Term* const data = of.find("data");
  out.data = data != nullptr && data->is_object() ? to_json(*data) : "{}";
  for (std::size_t i = 0; out.data != "{}" && i < data->size(); ++i) {
    out.documents.push_back("data[" + to_rego(data->keys()[i]) + "]");
  }
  const Term* const input = of.find("input");
  if (input != nullptr) out.input = to_json(*input);
  if (of.find("input_term") != nullptr) return {};
  if (out.modules.empty() || out.query.empty()) return {};
  for (const std::string& module : out.modules) {
    if (module.contains("rand.") || module.contains("uuid")) return {};
  }
  return out;
}

enum class Verdict : std::uint8_t { same, different, without };

Verdict compare(const Case& one, std::vector<std::string> unknowns, const std::string& name) {
  RegoRun full(one.modules);
  if (!full.problem().empty()) return Verdict::without;
  full.with_data(one.data);
  const auto query = compile_query(full.program(), one.query);
  if (!query) return Verdict::without;
  std::vector<std::string> names;
  for (const auto& binding : (*query)->bindings) names.push_back(binding.name);
  PartialOptions options;
  options.unknowns = std::move(unknowns);
  const PartialInput known{{}, full.options().data, full.options().services};
  const auto answer = partially_evaluate(full.program(), one.query, known, options);
  if (!answer) {
    ADD_FAILURE() << name << ": " << to_text(answer.error());
    return Verdict::different;
  }
  std::vector<std::string> modules = one.modules;
  for (const SupportModule& module : answer->support) modules.push_back(module.text);
  RegoRun rest(modules);
  rest.with_data(one.data);
  if (!one.input.empty()) {
    full.with_input(one.input);
    rest.with_input(one.input);
  }
  std::string residue = "set()";
  std::string shown;
  for (const ast::Body& body : answer->queries) {
    std::string text;
    for (const ast::Statement& statement : body) text += ast::to_text(statement) + "; ";
    residue += " | " + as_set(names, text + "true");
    shown += text + "\n";
  }
  for (const SupportModule& module : answer->support) shown += module.text;
  const std::string wanted = full.value(as_set(names, one.query));
  if (wanted.contains("error")) return Verdict::without;
  const std::string found = rest.value(residue);
  EXPECT_EQ(found, wanted) << name << "\n" << one.modules[0] << "\n" << one.query << "\n" << shown;
  return found == wanted ? Verdict::same : Verdict::different;
}

TEST(PartialEvaluation, KeepsTheMeaningOfOpasCases) {
  if (!std::filesystem::is_directory(kCases)) GTEST_SKIP() << kCases << " is not here";
  std::size_t same = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kCases)) {
    if (entry.path().extension() != ".json") continue;
    Arena arena;
    const auto document = parse_json(arena, text_of(entry.path()));
    ASSERT_TRUE(document.has_value()) << entry.path();
    const Term* const cases = document->find("cases");
    ASSERT_NE(cases, nullptr) << entry.path();
    for (const Term& of : cases->items()) {
      const auto one = read_case(of);
      if (!one) continue;
      const std::string name = entry.path().filename().string() + " " + member(of, "note");
      if (compare(*one, {"input"}, name) == Verdict::same) ++same;
      std::vector<std::string> all = one->documents;
      all.emplace_back("input");
      if (compare(*one, all, name + ", data unknown") == Verdict::same) ++same;
    }
  }
  EXPECT_GT(same, 1000u);
}

}  // namespace
}  // namespace writ::rego
