#include "policy/compile/annotation_index.h"

#include "policy/compile/rule_tree.h"

namespace writ::rego {
namespace {

const AnnotationIndex::List kNone;

}  // namespace

AnnotationIndex::AnnotationIndex(const std::vector<ast::Module>& modules) {
  for (const ast::Module& module : modules) {
    Package& package = packages_[module.package];
    for (const ast::Annotations& one : module.package_annotations) package.own.push_back(&one);
    for (const ast::Rule& rule : module.rules) {
      for (const ast::Annotations& one : rule.annotations) {
        if (one.scope == "document") package.documents[name_of(rule)].push_back(&one);
      }
    }
  }
}

const AnnotationIndex::List& AnnotationIndex::of_document(const std::vector<Term>& package,
                                                          const ast::Rule& rule) const {
  const auto found = packages_.find(package);
  if (found == packages_.end()) return kNone;
  const auto document = found->second.documents.find(name_of(rule));
  return document == found->second.documents.end() ? kNone : document->second;
}

const AnnotationIndex::List& AnnotationIndex::of_package(const std::vector<Term>& package) const {
  const auto found = packages_.find(package);
  return found == packages_.end() ? kNone : found->second.own;
}

}  // namespace writ::rego
