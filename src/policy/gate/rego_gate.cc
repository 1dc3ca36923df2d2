#include "policy/gate/rego_gate.h"

#include <algorithm>

#include "base/text_check.h"
#include "policy/gate/module_reads.h"
#include "policy/gate/run_module.h"
#include "policy/parse/parser.h"

namespace writ::policy {
namespace {

using rego::ast::Module;
using rego::ast::Rule;

constexpr std::string_view kFormat = "writ.rego-gate/v1";
constexpr std::string_view kDecision = "decision";
constexpr std::string_view kAllow = "allow";
constexpr std::string_view kDeny = "deny";

// The name that a rule makes a document of: `deny` of `deny contains …` and of `deny[x]`.
std::string_view document_of(const Rule& rule) {
  if (rule.ref.is_var()) return rule.ref.name;
  return rule.ref.parts.empty() ? std::string_view() : std::string_view(rule.ref.parts[0].name);
}

class Maker {
 public:
  Maker(RegoGate& gate, std::vector<ModuleProblem>& problems) : gate_(gate), problems_(problems) {}

  // What can be known without compiling. A stored gate is read by this alone.
  void read() {
    const auto module = parsed();
    if (!module) return;
    for (const rego::Term& part : module->package) gate_.package.emplace_back(part.text());
    note_documents(*module);
    ModuleReads reads = reads_of(*module);
    std::ranges::move(reads.problems, std::back_inserter(problems_));
    for (const auto& [fact, at] : reads.facts) gate_.places[fact] = {"", at};
    for (const std::string& fact : gate_.declared) reads.facts.emplace(fact, Position{});
    for (const auto& [fact, at] : reads.facts) gate_.facts.push_back(fact);
    package_at_ = module->package_at;
    if (gate_.declared.empty()) {
      for (const Position& at : reads.computed) {
        report(at, "which facts this reads shows only when it runs",
               "Name them: input.facts[\"tests.failed\"]; or list all that it may read under "
               "`facts:` beside the module");
      }
    }
  }

  void expect_facts() {
    if (!gate_.facts.empty()) return;
    report(package_at_, "this gate reads no fact, so it would open without any evidence",
           "Name the facts that must hold before it opens: input.facts[\"tests.failed\"]");
  }

  // What does not parse was said to be so.
  void compile() {
    if (!package_at_.is_known()) return;
    const auto program = compile_module(kGateFile, gate_.module);
    if (program) return;
    for (const rego::PolicyError& error : program.error()) {
      report(error.at, error.code + ": " + error.message, "");
    }
  }

 private:
  void report(Position at, std::string message, std::string remedy) {
    problems_.push_back({at, std::move(message), std::move(remedy)});
  }

  std::optional<Module> parsed() {
    DocumentLimits limits;
    limits.max_bytes = kRegoGateMaxBytes;
    if (auto broken = check_text(gate_.module, kGateFile, limits)) {
      report(broken->at, broken->message, broken->remedy);
      return std::nullopt;
    }
    auto module = rego::parse_module(kGateFile, gate_.module);
    if (module) return *std::move(module);
    for (const rego::PolicyError& error : module.error()) {
      report(error.at, error.code + ": " + error.message, "");
    }
    return std::nullopt;
  }

  void note_documents(const Module& module) {
    bool has_allow = false;
    for (const Rule& rule : module.rules) {
      const std::string_view name = document_of(rule);
      if (name != kDecision && name != kAllow && name != kDeny) continue;
      if (rule.is_function) {
        report(rule.at, "`" + std::string(name) + "` takes no arguments: the gate asks for it",
               "Give the function another name");
      }
      gate_.has_decision |= name == kDecision;
      has_allow |= name == kAllow;
      gate_.has_deny |= name == kDeny;
    }
    if (gate_.has_decision || has_allow) return;
    report(module.package_at, "no rule of this module opens the gate",
           gate_.has_deny ? "Add `allow if count(deny) == 0`"
                          : "Add `default allow := false` and `allow if { … }`");
  }

  RegoGate& gate_;
  std::vector<ModuleProblem>& problems_;
  Position package_at_;
};

std::string joined(const std::vector<std::string>& texts, std::string_view joint) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += joint;
    out += text;
  }
  return out;
}

}  // namespace

std::optional<RegoGate> make_rego_gate(std::string module, std::vector<std::string> declared,
                                       std::vector<ModuleProblem>& problems) {
  const std::size_t before = problems.size();
  RegoGate gate;
  gate.module = std::move(module);
  gate.declared = std::move(declared);
  std::ranges::sort(gate.declared);
  const auto repeated = std::ranges::unique(gate.declared);
  gate.declared.erase(repeated.begin(), repeated.end());
  Maker maker(gate, problems);
  maker.read();
  maker.compile();
  if (problems.size() == before) maker.expect_facts();
  if (problems.size() != before) return std::nullopt;
  return gate;
}

Value RegoGate::to_value() const {
  Object out{{"format", kFormat}, {"module", module}};
  if (declared.empty()) return out;
  Array names;
  for (const std::string& name : declared) names.push_back(name);
  out.append("facts", std::move(names));
  return out;
}

Result<RegoGate> RegoGate::from_value(const Value& value) {
  const auto refuse = [](std::string what) {
    return fail(Code::invalid_input, "this is no gate in Rego: " + std::move(what));
  };
  const Value* names = value.find("facts");
  RegoGate gate;
  gate.module = value.string_or("module", "");
  if (names != nullptr && (!names->is_array() || names->as_array().empty())) {
    return refuse("`facts` is no list");
  }
  for (const Value& name : names != nullptr ? names->as_array() : Array()) {
    if (!name.is_string() || find_fact(name.as_string()) == nullptr) {
      return refuse("`facts` names none");
    }
    gate.declared.push_back(name.as_string());
  }
  if (gate.to_value() != value) return refuse("it has other members than format, module and facts");
  std::vector<ModuleProblem> problems;
  Maker maker(gate, problems);
  maker.read();
  maker.expect_facts();
  if (!problems.empty()) return refuse(problems.front().message);
  return gate;
}

std::string RegoGate::text() const {
  return "rego " + joined(package, ".") + ", reads " + joined(facts, ", ");
}

std::vector<std::string> RegoGate::documents() const {
  if (has_decision) return {std::string(kDecision)};
  std::vector<std::string> out{std::string(kAllow)};
  if (has_deny) out.emplace_back(kDeny);
  return out;
}

}  // namespace writ::policy
