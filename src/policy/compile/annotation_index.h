#pragma once
// Where annotations stand that hold for more than one rule: found once for a program. Private to
// policy.
#include <map>
#include <string>
#include <vector>

#include "policy/compile/program.h"

namespace writ::rego {

class AnnotationIndex {
 public:
  // `modules` must outlive it and stay where they are.
  explicit AnnotationIndex(const std::vector<ast::Module>& modules);

  using List = std::vector<const ast::Annotations*>;
  // Of scope `document`, of all rules in the package that are called as this one.
  const List& of_document(const std::vector<Term>& package, const ast::Rule& rule) const;
  // Of the package itself, whatever their scope. In the order of modules, as above.
  const List& of_package(const std::vector<Term>& package) const;

 private:
  struct Package {
    List own;
    std::map<std::string, List> documents;
  };
  std::map<std::vector<Term>, Package> packages_;
};

}  // namespace writ::rego
