#include "policy/compile/metadata.h"

#include "policy/term/build.h"

namespace writ::rego {
namespace {

Term entry(Arena& arena, const std::vector<Term>& path, const Term* annotations) {
  std::vector<Member> members{{make_string(arena, "path"), make_array(arena, path)}};
  if (annotations != nullptr) members.push_back({make_string(arena, "annotations"), *annotations});
  return make_object(arena, std::move(members));
}

bool is_prefix(const std::vector<Term>& prefix, const std::vector<Term>& of) {
  return prefix.size() <= of.size() && std::equal(prefix.begin(), prefix.end(), of.begin());
}

const ast::Term& name_of(const ast::Rule& rule) {
  return rule.ref.is(ast::Term::Kind::ref) ? rule.ref.parts[0] : rule.ref;
}

// Annotations of scope `document` that any rule of the same name carries.
void add_document(Arena& arena, const Program& program, const ast::Module& module,
                  const ast::Rule& rule, const Node& node, std::vector<Term>& out) {
  for (const ast::Module& other : program.modules) {
    if (other.package != module.package) continue;
    for (const ast::Rule& same : other.rules) {
      if (name_of(same).name != name_of(rule).name) continue;
      for (const ast::Annotations& one : same.annotations) {
        if (one.scope == "document") out.push_back(entry(arena, node.path, &one.value));
      }
    }
  }
}

void add_packages(Arena& arena, const Program& program, const ast::Module& module,
                  std::vector<Term>& out) {
  std::vector<Term> path = module.package;
  for (;; path.pop_back()) {
    for (const ast::Module& other : program.modules) {
      if (!is_prefix(other.package, module.package) || other.package.size() != path.size())
        continue;
      for (const ast::Annotations& one : other.package_annotations) {
        const bool is_own = path.size() == module.package.size();
        if (one.scope == "subpackages" || (is_own && one.scope == "package")) {
          out.push_back(entry(arena, path, &one.value));
        }
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

Term metadata_chain(Arena& arena, const Program& program, const ast::Module& module,
                    const ast::Rule& rule, const Node& node) {
  std::vector<Term> out;
  const Term* own = nullptr;
  for (const ast::Annotations& one : rule.annotations) {
    if (one.scope == "rule") own = &one.value;
  }
  out.push_back(entry(arena, node.path, own));
  add_document(arena, program, module, rule, node, out);
  add_packages(arena, program, module, out);
  return make_array(arena, out);
}

}  // namespace writ::rego
