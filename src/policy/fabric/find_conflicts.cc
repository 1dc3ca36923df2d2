#include "policy/fabric/find_conflicts.h"

#include <string>

namespace writ::rego {
namespace {

class Finder {
 public:
  // `base`: what stands at the node; never null. Packages are bounded in depth by the parser.
  void look(const Node& node, const std::string& path, const Term& base) {
    if (node.rules != nullptr) report(*node.rules, path);
    for (const auto& [key, child] : node.children) {
      if (!key.is_string()) continue;  // keys of other kinds name no base document
      const Term* const below = base.is_object() ? base.find(key) : &base;
      if (below == nullptr) continue;
      look(*child, path.empty() ? std::string(key.text()) : path + "/" + std::string(key.text()),
           *below);
    }
  }

  PolicyErrors errors;

 private:
  void report(const RuleSet& rules, const std::string& path) {
    PolicyError& error = errors.emplace_back();
    error.code = kCompileError;
    error.message = "conflicting rule for data path " + path + " found";
    const Definition* const first =
        rules.definitions.empty() ? rules.fallback.get() : rules.definitions.front().get();
    if (first == nullptr) return;
    error.at = first->at;
    if (first->file != nullptr) error.file = *first->file;
  }
};

}  // namespace

PolicyErrors find_conflicts(const Program& program, const Term& data) {
  Finder finder;
  finder.look(*program.root, "", data);
  return std::move(finder.errors);
}

}  // namespace writ::rego
