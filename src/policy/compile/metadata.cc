#include "policy/compile/metadata.h"

#include "policy/term/build.h"

namespace writ::rego {
namespace {

Term entry(Arena& arena, const std::vector<Term>& path, const Term* annotations) {
  std::vector<Member> members{{make_string(arena, "path"), make_array(arena, path)}};
  if (annotations != nullptr) members.push_back({make_string(arena, "annotations"), *annotations});
  return make_object(arena, std::move(members));
}

void add_packages(Arena& arena, const AnnotationIndex& annotations, const ast::Module& module,
                  std::vector<Term>& out) {
  std::vector<Term> path = module.package;
  for (;; path.pop_back()) {
    const bool is_own = path.size() == module.package.size();
    for (const ast::Annotations* one : annotations.of_package(path)) {
      if (one->scope == "subpackages" || (is_own && one->scope == "package")) {
        out.push_back(entry(arena, path, &one->value));
      }
    }
    if (path.empty()) return;
  }
}

}  // namespace

Term metadata_rule(Arena&, const ast::Rule& rule) {
  const ast::Annotations* best = nullptr;
  for (const ast::Annotations& one : rule.annotations) {
    if (best == nullptr || one.scope == "rule") best = &one;
  }
  return best == nullptr ? empty_object() : best->value;
}

Term metadata_chain(Arena& arena, const AnnotationIndex& annotations, const ast::Module& module,
                    const ast::Rule& rule, const Node& node) {
  std::vector<Term> out;
  const Term* own = nullptr;
  for (const ast::Annotations& one : rule.annotations) {
    if (one.scope == "rule") own = &one.value;
  }
  out.push_back(entry(arena, node.path, own));
  for (const ast::Annotations* one : annotations.of_document(module.package, rule)) {
    out.push_back(entry(arena, node.path, &one->value));
  }
  add_packages(arena, annotations, module, out);
  return make_array(arena, out);
}

}  // namespace writ::rego
