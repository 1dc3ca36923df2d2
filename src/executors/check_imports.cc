// The check of imports (LAW-01): what sources take in from others, against the import and
// architecture rules of the law.
#include <algorithm>

#include "base/file.h"
#include "base/safe_path.h"
#include "executors/check.h"
#include "executors/files_in_scope.h"
#include "scan/import_targets.h"
#include "scan/imports.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;
using scan::Import;

constexpr std::size_t kMaxSource = 4u << 20;
constexpr std::size_t kFindingsKept = 20;

struct Rule {
  std::string name;  // "imports.no-sockets"
  std::vector<std::string> in;
  std::vector<std::string> forbid;
  std::vector<std::string> require;
  std::vector<std::string> may_import;
  std::vector<std::string> may_not_import;
  std::string because;
};

std::vector<std::string> texts_of(const Value& rule, std::string_view key) {
  std::vector<std::string> out;
  const Value* list = rule.find(key);
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& text : list->as_array()) out.push_back(text.as_string());
  return out;
}

std::vector<Rule> rules_of(const StepContext& context) {
  std::vector<Rule> out;
  const Value* rules = context.step.with.find("rules");
  if (rules == nullptr || !rules->is_object()) return out;
  for (const Member& member : rules->as_object()) {
    const Value& rule = member.value;
    out.push_back({member.key, texts_of(rule, "in"), texts_of(rule, "forbid"),
                   texts_of(rule, "require"), texts_of(rule, "may_import"),
                   texts_of(rule, "may_not_import"), std::string(rule.string_or("because", ""))});
  }
  return out;
}

Result<std::string> read_source(const StepContext& context, const std::string& path) {
  return FilesBelow(context.workspace.root()).read(path, kMaxSource);
}

// Folders that hold a Go module, with the module's path.
Result<std::map<std::string, std::string>> go_modules(const StepContext& context,
                                                      const std::vector<std::string>& paths) {
  constexpr std::string_view kWord = "module ";
  std::map<std::string, std::string> out;
  for (const std::string& path : paths) {
    if (path != "go.mod" && !path.ends_with("/go.mod")) continue;
    // Unread, imports of the module would look like those of others, which no rule forbids.
    WRIT_TRY(const std::string text, read_source(context, path));
    std::size_t at = text.starts_with(kWord) ? 0 : text.find("\nmodule ");
    if (at == std::string::npos) continue;
    if (at != 0) ++at;
    at += kWord.size();
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    out[path.size() > 7 ? path.substr(0, path.size() - 7) : ""] = text.substr(at, end - at);
  }
  return out;
}

class Checker {
 public:
  Checker(const StepContext& context, std::vector<Rule> rules, const scan::ImportTargets& targets)
      : context_(context), rules_(std::move(rules)), targets_(targets) {}

  void check(const std::string& path) {
    std::vector<const Rule*> rules;
    for (const Rule& rule : rules_) {
      if (matches_any(rule.in, path)) rules.push_back(&rule);
    }
    if (rules.empty()) return;
    const auto text = read_source(context_, path);
    if (!text) {
      return report(path, {}, *rules.front(), "cannot be read: " + text.error().message, nullptr);
    }
    ++files_;
    const std::vector<Import> imports = scan::read_imports(path, *text);
    for (const Rule* rule : rules) {
      for (const Import& found : imports) check_one(path, found, *rule);
      for (const std::string& wanted : rule->require) expect(path, imports, wanted, *rule);
    }
  }

  std::size_t files() const { return files_; }
  std::vector<Problem> take() { return std::move(problems_); }

 private:
  void report(const std::string& path, Position at, const Rule& rule, std::string message,
              const Import* found) {
    Problem problem;
    problem.file = path;
    problem.at = at;
    problem.rule = rule.name;
    problem.message = std::move(message);
    if (!rule.because.empty()) problem.message += " (" + rule.because + ")";
    problem.remedy = "Keep to the rule, or have the law changed";
    if (found != nullptr) {
      problem.length = found->length;
      problem.line = found->line;
    }
    problems_.push_back(std::move(problem));
  }

  static const std::string* first_match(const std::vector<std::string>& globs,
                                        const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (matches_any(globs, name)) return &name;
    }
    return nullptr;
  }

  void check_one(const std::string& path, const Import& found, const Rule& rule) {
    const std::vector<std::string> names = targets_.names_of(path, found);
    if (first_match(rule.forbid, names) != nullptr) {
      report(path, found.at, rule, "imports " + found.name + ", which is forbidden here", &found);
    }
    if (rule.may_import.empty() && rule.may_not_import.empty()) return;
    for (const std::string& target : targets_.targets_of(path, found)) {
      const bool is_allowed = rule.may_import.empty() || matches_any(rule.may_import, target);
      if (is_allowed && !matches_any(rule.may_not_import, target)) continue;
      return report(path, found.at, rule,
                    "imports " + found.name + ", and may not import from " + target, &found);
    }
  }

  void expect(const std::string& path, const std::vector<Import>& imports,
              const std::string& wanted, const Rule& rule) {
    const bool is_there = std::ranges::any_of(imports, [&](const Import& found) {
      return first_match({wanted}, targets_.names_of(path, found)) != nullptr;
    });
    if (!is_there) report(path, {1, 1}, rule, "does not import " + wanted, nullptr);
  }

  const StepContext& context_;
  std::vector<Rule> rules_;
  const scan::ImportTargets& targets_;
  std::vector<Problem> problems_;
  std::size_t files_ = 0;
};

evidence::Draft imports_evidence(const std::vector<Problem>& problems, std::size_t files) {
  Array first;
  for (const Problem& problem : problems) {
    if (first.size() == kFindingsKept) break;
    first.push_back(Object{{"rule", problem.rule},
                           {"path", problem.file},
                           {"line", problem.at.line},
                           {"column", problem.at.column},
                           {"message", problem.message.substr(0, 400)}});
  }
  evidence::Draft draft;
  draft.kind = evidence::Kind::imports;
  draft.name = "imports";
  draft.facts = {{"imports.violations", Value(problems.size())}, {"imports.files", Value(files)}};
  draft.data =
      Object{{"files", files}, {"violations", problems.size()}, {"findings", std::move(first)}};
  return draft;
}

}  // namespace

Result<StepResult> check_imports(const StepContext& context, const CheckDeps&, std::stop_token) {
  if (!context.tree.files) return fail(Code::internal, "the tree has no list of files");
  std::vector<std::string> all;
  for (const repo::TreeFile& file : *context.tree.files) all.push_back(file.path);
  WRIT_TRY(const std::vector<std::string> files, files_in_scope(context));
  WRIT_TRY(auto modules, go_modules(context, all));
  const scan::ImportTargets targets(all, std::move(modules));
  Checker checker(context, rules_of(context), targets);
  for (const std::string& path : files) {
    if (scan::import_style(path)) checker.check(path);
  }
  std::vector<Problem> problems = checker.take();
  evidence::Draft draft = imports_evidence(problems, checker.files());
  StepResult result = from_problems(std::move(problems),
                                    {"import that breaks a rule", "imports that break a rule"});
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
