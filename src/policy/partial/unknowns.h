#pragma once
// Which references are not known, and which rules depend on such. Private to policy/partial.
#include <map>
#include <string>
#include <vector>

#include "policy/partial/prepared.h"
#include "policy/partial/residual.h"

namespace writ::rego::partial {

// A reference of constants from input or data.
struct GroundRef {
  bool is_data = false;
  std::vector<Term> path;
};

class Unknowns {
 public:
  Unknowns(std::vector<GroundRef> refs, std::vector<GroundRef> disabled,
           bool calls_nondeterministic)
      : refs_(std::move(refs)),
        disabled_(std::move(disabled)),
        calls_nondeterministic_(calls_nondeterministic) {}

  // Whether nothing at the place is known.
  bool covers(bool is_data, const std::vector<Term>& path) const;
  // Whether something strictly below the place is not known.
  bool reaches_below(bool is_data, const std::vector<Term>& path) const;
  // The keys at the place through which one comes to something unknown.
  std::vector<Term> keys_below(bool is_data, const std::vector<Term>& path) const;
  // Whether rules there are to stay rules.
  bool keeps(const Node& node) const;

  // Whether the value of what stands at or below the node depends on something unknown.
  bool taints(const Node& node, Prepared& prepared);
  // Whether the term mentions something unknown, or rules that do.
  bool taints(const ast::Term& term, Prepared& prepared);
  bool taints(const ast::Statement& statement, Prepared& prepared);

 private:
  bool taints_own(const Node& node, Prepared& prepared);
  bool taints_goal(const Goal& goal, Prepared& prepared);
  bool taints_branch(const Branch& branch, Prepared& prepared);
  bool taints_data(const ast::Term& ref, Prepared& prepared);
  bool overlaps(bool is_data, const ast::Term& ref) const;

  std::vector<GroundRef> refs_;
  std::vector<GroundRef> disabled_;
  bool calls_nondeterministic_;
  std::map<const Node*, bool> tainted_;
};

}  // namespace writ::rego::partial
