#pragma once
// Puts the data files of a bundle, each at its place, into one document. Linear in what is put
// together: a document that stands alone at its place is not taken apart.
#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

class DataTree {
 public:
  // Errors: invalid_input where there is something already and the two are not both objects.
  Result<void> put(std::span<const std::string> place, const Term& document);
  // The whole document: an object.
  Term document(Arena& arena) const;

 private:
  Result<void> put_here(const Term& document, const std::string& place);
  bool is_empty() const { return !document_.is_defined() && children_.empty(); }
  Result<void> open(const std::string& place);

  Term document_;  // undefined where there are children
  std::map<std::string, DataTree> children_;
};

}  // namespace writ::rego
