#include "protocol/render.h"

#include <algorithm>
#include <span>

#include "base/json.h"
#include "base/units.h"
#include "policy/expression.h"
#include "protocol/enum_text.h"
#include "protocol/import_rules.h"

namespace writ::protocol {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMaxPathWidth = 34;
constexpr std::string_view kIndent = "        ";

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string joined(std::span<const std::string> parts, std::string_view joint = ", ") {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += joint;
    out += part;
  }
  return out;
}

std::string place(const Origin& origin) {
  return origin.file + (origin.at.is_known() ? ":" + std::to_string(origin.at.line) : "");
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// "head" and then as many of the parts as a line takes, further lines indented like the first.
std::string wrapped(std::string head, std::span<const std::string> parts,
                    std::string_view joint = "  ") {
  std::string out;
  const std::string next(head.size(), ' ');
  std::string line = std::move(head);
  bool is_first = true;
  for (const std::string& part : parts) {
    if (!is_first && line.size() + part.size() + joint.size() > kWidth) {
      out += line + "\n";
      line = next;
      is_first = true;
    }
    if (!is_first) line += joint;
    line += part;
    is_first = false;
  }
  return out + line + "\n";
}

// `text` broken between words.
std::string wrapped_text(std::string head, std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return wrapped(std::move(head), words, " ");
}

class Renderer {
 public:
  explicit Renderer(const Plan& plan) : plan_(plan) {
    for (const PlanStep& step : plan.steps) {
      path_width_ = std::max(path_width_, std::min(step.path.size(), kMaxPathWidth));
    }
  }

  std::string render() {
    head();
    documents();
    limits();
    steps();
    others();
    artifacts();
    rules();
    tables();
    addenda();
    inapplicable();
    return std::move(out_);
  }

 private:
  void section(std::string_view name) { out_ += "\n" + std::string(name) + "\n"; }

  void row(std::string_view name, const std::vector<std::string>& parts) {
    if (!parts.empty()) out_ += wrapped("  " + padded(name, 14), parts);
  }

  void head() {
    const std::string name = plan_.spec_name == plan_.spec_id ? "" : "  " + plan_.spec_name;
    out_ += "plan " + plan_.digest().substr(0, 12) + "  " + plan_.spec_id + name + "\n";
    std::vector<std::string> parts{
        plan_.spec_file, std::string(to_text(plan_.work_type)), counted(plan_.steps.size(), "step"),
        counted(plan_.protocols.size(), "protocol"), "ambiguity: " + plan_.ambiguity};
    for (const auto& [area, score] : plan_.risk) {
      if (score >= 4) parts.push_back("risk " + area + ": " + std::to_string(score));
    }
    out_ += wrapped("", parts);
    if (!plan_.remediation_entry.empty()) out_ += "allowed by " + plan_.remediation_entry + "\n";
  }

  void documents() {
    if (!plan_.protocols.empty()) section("protocols");
    for (const BoundDocument& protocol : plan_.protocols) {
      out_ += wrapped("  " + padded(to_text(protocol.authority), 10),
                      std::vector{protocol.name, protocol.path});
    }
    if (plan_.inputs.empty() && plan_.context.empty()) return;
    section("bound documents");
    for (const BoundDocument& input : plan_.inputs) bound("input", input.name, input);
    for (const BoundDocument& document : plan_.context) bound("read", document.name, document);
  }

  void bound(std::string_view what, const std::string& name, const BoundDocument& document) {
    out_ += wrapped("  " + padded(what, 14),
                    std::vector{document.path, name, document.digest.substr(0, 12)});
    if (!document.uri.empty()) out_ += wrapped(std::string(16, ' '), std::vector{document.uri});
  }

  void limits() {
    const Scope& scope = plan_.scope;
    section("scope");
    if (scope.is_locked) {
      row("may change", scope.may_change);
      row("new files", scope.allowed_new_files);
    } else {
      row("may change", {"anything: the spec gives no module.repo.may_change"});
    }
    row("outputs", scope.outputs);
    row("base", {scope.base});
    if (scope.sequential) row("order", {"one file a step"});
    row("budget", budget_parts());
    for (const Criterion& criterion : plan_.acceptance) {
      row("proves " + criterion.id, {criterion.text, "by " + joined(criterion.proved_by)});
    }
    for (const Invariant& invariant : plan_.invariants) {
      row("invariant " + invariant.id, {invariant.text, place(invariant.origin)});
    }
    for (const KnownFailure& known : plan_.known_failures) {
      row("fails already", {known.test, known.file, known.reason});
    }
    if (plan_.register_wanted) {
      row("register", {plan_.register_wanted->path, joined(plan_.register_wanted->sections)});
    }
  }

  std::vector<std::string> budget_parts() const {
    struct Row {
      std::optional<std::uint32_t> Budget::* member;
      std::string_view text;
    };
    constexpr Row kRows[] = {{&Budget::max_files, "files"},
                             {&Budget::max_lines_per_file, "lines a file"},
                             {&Budget::max_total_lines, "lines in all"},
                             {&Budget::max_iterations, "attempts a step"}};
    std::vector<std::string> parts;
    for (const Row& row : kRows) {
      const auto& limit = plan_.budget.*row.member;
      if (limit) parts.push_back(std::to_string(*limit) + " " + std::string(row.text));
    }
    if (plan_.budget.max_tokens) {
      parts.push_back(std::to_string(*plan_.budget.max_tokens) + " tokens");
    }
    if (plan_.budget.max_micro_usd) {
      parts.push_back(to_json(static_cast<double>(*plan_.budget.max_micro_usd) / 1e6) + " USD");
    }
    if (plan_.budget.active) parts.push_back(writ::to_text(*plan_.budget.active) + " at work");
    return parts;
  }

  void steps() {
    std::string_view stage;
    std::string_view before;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const PlanStep& step = plan_.steps[i];
      if (step.stage != stage) section("stage " + step.stage);
      stage = step.stage;
      step_lines(step, i + 1, before);
      before = step.path;
    }
  }

  void step_lines(const PlanStep& step, std::size_t number, std::string_view before) {
    const std::string index = std::to_string(number);
    out_ += wrapped_text(std::string(index.size() < 4 ? 4 - index.size() : 0, ' ') + index + "  " +
                             padded(step.path, path_width_) + "  " + padded(to_text(step.kind), 8) +
                             "  ",
                         step.title);
    out_ += wrapped(std::string(kIndent), details(step, before));
    if (step.gate) gate_lines(step, *step.gate);
  }

  static std::vector<std::string> details(const PlanStep& step, std::string_view before) {
    std::vector<std::string> parts{place(step.origin)};
    if (step.origin.document != "spec") parts.emplace_back(to_text(step.authority));
    const bool is_usual =
        before.empty() ? step.needs.empty() : step.needs.size() == 1 && step.needs[0] == before;
    if (!is_usual)
      parts.push_back("needs " + (step.needs.empty() ? "nothing" : joined(step.needs)));
    for (const EvidenceWanted& evidence : step.evidence) {
      parts.push_back("evidence " + evidence.kind + " " + evidence.path);
    }
    if (step.timeout) parts.push_back("timeout " + writ::to_text(*step.timeout));
    if (step.retry.max > 0) {
      parts.push_back("retry " + std::to_string(step.retry.max) + " on " + joined(step.retry.on));
    }
    if (!step.inputs.empty()) parts.push_back("inputs " + joined(step.inputs));
    if (!step.is_repeatable) parts.emplace_back("not repeatable");
    if (step.blocks) parts.push_back("blocks " + std::string(to_text(*step.blocks)));
    return parts;
  }

  void gate_lines(const PlanStep& step, const policy::Gate& gate) {
    if (const policy::RuleTable* table = gate.table()) table_lines(*table);
    if (gate.rego() != nullptr) out_ += wrapped_text(std::string(kIndent) + "gate   ", gate.text());
    const bool is_own = step.gate_over.size() == 1 && step.gate_over[0] == step.path;
    if (is_own) return;
    if (step.gate_over.size() > 8) {
      out_ += std::string(kIndent) + "over   " + counted(step.gate_over.size(), "step") + "\n";
    } else {
      out_ += wrapped(std::string(kIndent) + "over   ", step.gate_over);
    }
  }

  void table_lines(const policy::RuleTable& gate) {
    if (gate.rules.size() == 1) {
      out_ += wrapped_text(std::string(kIndent) + "gate   ", gate.text());
    } else {
      for (const policy::Rule& rule : gate.rules) {
        const std::string verb = rule.opens ? "opens  " : "shuts  ";
        const std::string why = rule.opens ? "" : " (" + rule.message + ")";
        out_ +=
            wrapped_text(std::string(kIndent) + verb, policy::expression_text(*rule.when) + why);
      }
    }
  }

  // What the plan cannot do by itself.
  void others() {
    std::string lines;
    for (const PlanStep& step : plan_.steps) {
      if (step.kind != StepKind::approval && step.kind != StepKind::external) continue;
      const std::string by(step.with.string_or("by", "anyone trusted"));
      lines += wrapped("  " + padded(to_text(step.kind), 10), std::vector{step.path, "by " + by});
    }
    if (lines.empty()) return;
    section("waits for others");
    out_ += lines;
  }

  void artifacts() {
    if (!plan_.artifacts.empty()) section("leaves behind, in this order");
    for (std::size_t i = 0; i < plan_.artifacts.size(); ++i) {
      const DeclaredArtifact& artifact = plan_.artifacts[i];
      std::vector<std::string> parts{artifact.evidence.empty() ? joined(artifact.paths)
                                     : artifact.evidence == kAttestationArtifact
                                         ? "the end of the run"
                                         : artifact.evidence + " evidence"};
      if (!artifact.by.empty()) parts.push_back("by " + joined(artifact.by));
      parts.push_back(place(artifact.origin));
      out_ += wrapped("  " + padded(std::to_string(i + 1) + " " + artifact.name, 24), parts);
    }
  }

  void rules() {
    if (plan_.rules.empty()) return;
    section("rules");
    for (const ComposedRule& rule : plan_.rules) {
      if (!rule.name.starts_with("words.") && !is_plain(rule)) rule_lines(rule);
    }
    forbidden();
    law_in_words();
  }

  static bool is_plain(const ComposedRule& rule) {
    return rule.name.starts_with("forbid.") && rule.overrode.empty() && rule.value == Value(true);
  }

  // What each document forbids, where it overrides nothing by that.
  void forbidden() {
    std::vector<std::pair<std::string, std::vector<std::string>>> by_source;
    for (const ComposedRule& rule : plan_.rules) {
      if (!is_plain(rule)) continue;
      const std::string source = source_of(rule);
      auto at = std::ranges::find(by_source, source, [](const auto& pair) { return pair.first; });
      if (at == by_source.end()) at = by_source.insert(at, {source, {}});
      at->second.push_back(rule.name.substr(7));
    }
    for (const auto& [source, ids] : by_source) {
      row("forbidden", ids);
      row("", {"by " + source});
    }
  }

  void rule_lines(const ComposedRule& rule) {
    if (is_import_rule(rule.name) && rule.value.is_object()) {
      out_ += wrapped("  ", std::vector{rule.name, source_of(rule)});
      out_ += wrapped_text("      ", import_rule_text(rule.value));
      return overrides(rule);
    }
    const std::string value =
        rule.value.is_string() ? rule.value.as_string() : policy::value_text(rule.value);
    out_ += wrapped("  ", std::vector{rule.name + " = " + value, source_of(rule)});
    overrides(rule);
  }

  static std::string source_of(const ComposedRule& rule) {
    if (rule.origin.document == "spec") return place(rule.origin);
    return rule.origin.document + " (" + std::string(to_text(rule.authority)) + ")";
  }

  void overrides(const ComposedRule& rule) {
    for (const Origin& loser : rule.overrode) {
      out_ += wrapped(
          "      ", std::vector<std::string>{"over " + loser.document, place(loser), rule.because});
    }
  }

  void law_in_words() {
    bool is_first = true;
    for (const ComposedRule& rule : plan_.rules) {
      if (!rule.name.starts_with("words.")) continue;
      if (is_first) section("law in words");
      is_first = false;
      out_ += "  " + rule.name.substr(6) + "  (" + rule.origin.document + ")\n";
      out_ += wrapped_text("      ", rule.value.as_string());
      overrides(rule);
    }
  }

  void tables() {
    for (const LookupTable& table : plan_.tables) {
      section("table " + table.name);
      out_ += "  " + table.title + "  " + place(table.origin) + "\n";
      out_ += wrapped("    ", table.columns, " | ");
      for (const std::vector<std::string>& row : table.rows) out_ += wrapped("    ", row, " | ");
    }
  }

  void addenda() {
    if (!plan_.addenda.empty()) section("addenda that hold");
    for (const AppliedAddendum& addendum : plan_.addenda) {
      out_ += wrapped("  ", std::vector{addendum.id, addendum.why, place(addendum.origin)});
    }
  }

  void inapplicable() {
    if (plan_.inapplicable.empty()) return;
    section("does not apply");
    for (const Inapplicable& part : plan_.inapplicable) {
      out_ += wrapped("  ", std::vector{part.what, part.why, place(part.origin)});
    }
  }

  const Plan& plan_;
  std::size_t path_width_ = 0;
  std::string out_;
};

}  // namespace

std::string render_plan(const Plan& plan) { return Renderer(plan).render(); }

}  // namespace writ::protocol
