#include "identity/rbac/access_walk.h"

#include <algorithm>

namespace writ::identity {

void AccessWalk::add(Visit visit) {
  if (size_ < kHere) {
    here_[size_] = visit;
  } else {
    if (many_.empty()) {
      for (const Visit& known : here_) many_.insert(known.subject);
    }
    more_.push_back(visit);
    many_.insert(visit.subject);
  }
  ++size_;
}

bool AccessWalk::is_known(const AccessSubject* subject) const {
  if (!many_.empty()) return many_.contains(subject);
  for (std::uint32_t i = 0; i < size_; ++i) {
    if (here_[i].subject == subject) return true;
  }
  return false;
}

std::vector<std::string> AccessWalk::way() const {
  std::vector<std::string> out;
  std::uint32_t at = at_ - 1;
  out.emplace_back(visit(at).subject->text());
  while (at != 0) {
    at = visit(at).from;
    out.emplace_back(visit(at).subject->text());
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace writ::identity
