#pragma once
// What rego.metadata.rule() and rego.metadata.chain() are in a rule: constants. Private to
// policy/compile.
#include "policy/compile/annotation_index.h"

namespace writ::rego {

// The rule's own annotations, else those of its document; an empty object without any.
Term metadata_rule(Arena& arena, const ast::Rule& rule);
// From the rule outward: rule, document, package, subpackages around it.
Term metadata_chain(Arena& arena, const AnnotationIndex& annotations, const ast::Module& module,
                    const ast::Rule& rule, const Node& node);

}  // namespace writ::rego
