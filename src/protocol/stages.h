#pragma once
// The stages of a plan: the standard list, refined by protocols.
#include <string>
#include <string_view>
#include <vector>

#include "protocol/source.h"

namespace writ::protocol {

class Stages {
 public:
  // The standard list with the stages that `laws` add: a new name goes behind the one that stands
  // before it in the protocol's list. A list that reorders is reported.
  Stages(const std::vector<Law>& laws, std::vector<Diagnostic>& problems);

  // Place in the order; `count()` when there is no such stage.
  std::size_t index(std::string_view stage) const;
  std::size_t count() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  // From here on nothing writes to the tree.
  bool is_frozen(std::string_view stage) const { return index(stage) >= index("validate"); }

 private:
  std::vector<std::string> names_;
};

}  // namespace writ::protocol
