#include "policy/gate/module_reads.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/suggest.h"
#include "policy/builtins/table.h"

namespace writ::policy {
namespace {

using rego::ast::Body;
using rego::ast::Module;
using rego::ast::Rule;
using rego::ast::Statement;
using rego::ast::Term;

// What the input has; facts/v1 without what only explains (docs/formats/gate.md).
constexpr std::array<std::string_view, 5> kInput = {"facts", "format", "run", "step", "tree"};

// Beside those that say so themselves: they read the clock, or the time zones of the machine.
constexpr std::string_view kOfTheMachine[] = {
    "crypto.x509.parse_and_verify_certificates",
    "crypto.x509.parse_and_verify_certificates_with_options",
    "time.add_date",
    "time.clock",
    "time.date",
    "time.diff",
    "time.format",
    "time.parse_ns",
    "time.weekday",
};

class Reader {
 public:
  explicit Reader(const Module& module) : module_(module) {}

  ModuleReads read() {
    for (const rego::ast::Import& import : module_.imports) read_import(import);
    for (const Rule& rule : module_.rules) read_rule(rule);
    return std::move(out_);
  }

 private:
  void report(Position at, std::string message, std::string remedy) {
    out_.problems.push_back({at, std::move(message), std::move(remedy)});
  }

  // `import input.facts as f` gives a prefix of references another name.
  void read_import(const rego::ast::Import& import) {
    const Term& path = import.path;
    if (path.parts.empty() || !path.parts[0].is_var()) return;
    if (path.parts[0].name == "data") {
      report(import.at, "there is no " + to_text(path) + ": a gate is one module and has no data",
             "Write what it needs into the module");
      return;
    }
    if (path.parts[0].name != "input") return;
    const Term& last = path.parts.back();
    std::string name = import.has_alias ? import.alias : std::string(last.name);
    if (!import.has_alias && last.is_string()) name = last.value.text();
    prefixes_[name] = path.parts;
  }

  void read_rule(const Rule& rule) {
    for (std::size_t i = 1; i < rule.ref.parts.size(); ++i) read_term(rule.ref.parts[i]);
    for (const Term& arg : rule.args) read_term(arg);
    if (rule.member) read_term(*rule.member);
    if (rule.value) read_term(*rule.value);
    read_body(rule.body);
    for (const rego::ast::Else& branch : rule.otherwise) {
      if (branch.value) read_term(*branch.value);
      read_body(branch.body);
    }
  }

  void read_body(const Body& body) {
    for (const Statement& statement : body) {
      for (const Term& term : statement.terms) read_term(term);
      for (const rego::ast::With& with : statement.with) {
        // What `with` puts into the input is not read from it.
        if (!is_rooted(with.target, "input")) read_term(with.target);
        read_term(with.value);
      }
      if (statement.body) read_body(*statement.body);
    }
  }

  static bool is_rooted(const Term& term, std::string_view root) {
    if (term.is_var()) return term.name == root;
    return term.is(Term::Kind::ref) && !term.parts.empty() && is_rooted(term.parts[0], root);
  }

  // Depth is bounded by that of the text (rego::kDeepestText).
  void read_term(const Term& term) {
    if (term.is_var()) {
      read_path(term, std::span(&term, 1));
    } else if (term.is(Term::Kind::ref) && !term.parts.empty() && term.parts[0].is_var()) {
      read_path(term, term.parts);
      for (std::size_t i = 1; i < term.parts.size(); ++i) read_term(term.parts[i]);
    } else {
      for (const Term& part : term.parts) read_term(part);
    }
    if (term.body) read_body(*term.body);
  }

  void read_path(const Term& term, std::span<const Term> parts) {
    const auto prefix = prefixes_.find(parts[0].name);
    if (prefix != prefixes_.end()) {
      std::vector<Term> whole = prefix->second;
      whole.insert(whole.end(), parts.begin() + 1, parts.end());
      read_input(term.at, whole);
    } else if (parts[0].name == "input") {
      read_input(term.at, parts);
    } else if (parts[0].name == "data") {
      read_data(term, parts);
    } else {
      read_builtin(term);
    }
  }

  void read_input(Position at, std::span<const Term> parts) {
    if (parts.size() < 2 || !parts[1].is_string()) {
      out_.computed.push_back(at);
      return;
    }
    const std::string_view member = parts[1].value.text();
    if (std::ranges::find(kInput, member) == kInput.end()) {
      report(
          parts[1].at.is_known() ? parts[1].at : at,
          "the input of a gate has no `" + std::string(member) + "`" + did_you_mean(member, kInput),
          "It has facts, run, step and tree");
      return;
    }
    if (member != "facts") return;
    if (parts.size() < 3 || !parts[2].is_string()) {
      out_.computed.push_back(at);
      return;
    }
    read_fact(parts[2].at.is_known() ? parts[2].at : at, parts);
  }

  void read_fact(Position at, std::span<const Term> parts) {
    const std::string name(parts[2].value.text());
    if (find_fact(name) != nullptr) {
      out_.facts.emplace(name, at);
      return;
    }
    // input.facts.tests.failed: facts have dots in their names.
    std::string dotted = name;
    for (const Term& part : parts.subspan(3)) {
      if (part.is_string()) dotted += "." + std::string(part.value.text());
    }
    if (dotted != name && find_fact(dotted) != nullptr) {
      report(at, "`" + name + "` is no fact; facts have dots in their names",
             "Write input.facts[\"" + dotted + "\"]");
      return;
    }
    std::vector<std::string_view> names;
    for (const FactRow& row : fact_table()) names.push_back(row.name);
    report(at, "there is no fact `" + name + "`" + did_you_mean(name, names),
           "docs/formats/facts.md lists every fact");
  }

  // Its own package is the only one there is.
  void read_data(const Term& term, std::span<const Term> parts) {
    bool is_own = parts.size() > module_.package.size();
    for (std::size_t i = 0; is_own && i < module_.package.size(); ++i) {
      is_own = parts[i + 1].is_string() && parts[i + 1].value == module_.package[i];
    }
    if (is_own) return;
    report(term.at, "there is no " + to_text(term) + ": a gate is one module and has no data",
           "Name rules of this package without `data`");
  }

  // Wherever the name of one stands: it is called there, or stands in for another.
  void read_builtin(const Term& term) {
    const std::string name = to_text(term);
    if (is_repeatable(name)) return;
    report(term.at, "`" + name + "` does not say the same for ever, and a gate must replay",
           "Compute it in a step, and look at its evidence");
  }

  const Module& module_;
  std::map<std::string, std::vector<Term>, std::less<>> prefixes_;
  ModuleReads out_;
};

}  // namespace

bool is_repeatable(std::string_view builtin) {
  const rego::BuiltinEntry* entry = rego::BuiltinTable::standard().find(builtin);
  if (entry == nullptr) return true;  // no builtin: the compiler says so
  if (entry->is(rego::Trait::nondeterministic) || entry->is(rego::Trait::network)) return false;
  return !std::ranges::binary_search(kOfTheMachine, builtin);
}

ModuleReads reads_of(const Module& module) { return Reader(module).read(); }

}  // namespace writ::policy
