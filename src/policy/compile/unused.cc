#include "policy/compile/unused.h"

#include <algorithm>
#include <unordered_map>

namespace writ::rego {
namespace {

// How often a slot is mentioned, and by which statement first.
struct Mentions {
  std::size_t count = 0;
  Position first;
};
using AllMentions = std::unordered_map<Slot, Mentions>;

AllMentions mentions_in(const ast::Body& body) {
  AllMentions out;
  for (const ast::Statement& statement : body) {
    visit_slots(statement, [&](Slot slot) {
      Mentions& known = out[slot];
      if (known.count++ == 0) known.first = statement.at;
    });
  }
  return out;
}

// "import data.a as b"
std::string import_text(const ast::Import& import) {
  return "import " + ast::to_text(import.path) + (import.has_alias ? " as " + import.alias : "");
}

bool is_language(const ast::Import& import) {
  const std::string& root = import.path.parts[0].name;
  return root == "future" || root == "rego";
}

}  // namespace

void check_unused(const Names::Scope& scope, const ast::Body& body,
                  const std::vector<ast::Term*>& heads, const NameContext& context) {
  const bool is_asked = std::ranges::any_of(scope.locals, [&](const Names::Local& local) {
    return local.is_declared || context.is_strict;
  });
  if (!is_asked || body.empty()) return;
  AllMentions mentions = mentions_in(body);
  for (const ast::Term* head : heads)
    visit_slots(*head, [&](Slot slot) { ++mentions[slot].count; });
  for (const auto& [name, slot, is_declared] : scope.locals) {
    // An assignment is a mention itself.
    const Mentions& known = mentions[slot];
    if (name.find('$') != std::string::npos || known.count > (is_declared ? 0 : 1)) continue;
    if (!is_declared && !context.is_strict) continue;
    context.errors->push_back({std::string(kCompileError),
                               (is_declared ? "declared var " : "assigned var ") + name + " unused",
                               context.file,
                               is_declared ? body.front().at : known.first,
                               {}});
  }
}

std::set<std::string> unused_arguments(const std::vector<ast::Term>& arguments,
                                       const Names::Scope& scope, const ast::Body& body,
                                       const std::vector<ast::Term>& heads) {
  std::set<std::string> out;
  for (const ast::Term& argument : arguments) pattern_names(argument, out);
  AllMentions mentions = mentions_in(body);
  for (const ast::Term& head : heads) visit_slots(head, [&](Slot slot) { ++mentions[slot].count; });
  std::erase_if(out, [&](const std::string& name) {
    const auto found = scope.slots.find(name);
    return found == scope.slots.end() || mentions.contains(found->second);
  });
  return out;
}

void check_unused_imports(const ast::Module& module, const std::set<std::string>& used,
                          PolicyErrors& errors) {
  for (const ast::Import& import : module.imports) {
    if (is_language(import) || used.contains(import.alias)) continue;
    errors.push_back(
        {std::string(kCompileError), import_text(import) + " unused", module.file, import.at, {}});
  }
}

void check_repeated_imports(const ast::Module& module, PolicyErrors& errors) {
  std::map<std::string, const ast::Import*> seen;
  for (const ast::Import& import : module.imports) {
    if (is_language(import)) continue;
    const auto [found, is_new] = seen.emplace(import.alias, &import);
    if (is_new) continue;
    errors.push_back({std::string(kCompileError),
                      "import must not shadow " + import_text(*found->second),
                      module.file,
                      import.at,
                      {}});
  }
}

}  // namespace writ::rego
