#pragma once
// From a subject to all roles that it holds, nearest first, each once. Private to identity/rbac.
#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "identity/rbac/access_index.h"
#include "identity/rbac/access_subject.h"

namespace writ::identity {

class AccessWalk {
 public:
  AccessWalk(const AccessIndex& index, const AccessSubject* from) : index_(index) {
    if (from != nullptr) add({from, 0});
  }

  // The next one, whose roles are then to be walked; nullptr: that was all.
  const AccessSubject* next() {
    if (at_ == size_) return nullptr;
    const AccessSubject* here = visit(at_).subject;
    for (const RoleEdge& role : here->roles) {
      const AccessSubject* held = index_.find(role);
      if (held != nullptr && !is_known(held)) add({held, at_});
    }
    ++at_;
    return here;
  }
  // Names from the start to the one that `next` gave last.
  std::vector<std::string> way() const;
  std::size_t known() const { return size_; }

 private:
  struct Visit {
    const AccessSubject* subject;
    std::uint32_t from;
  };
  static constexpr std::uint32_t kHere = 32;

  const Visit& visit(std::uint32_t at) const { return at < kHere ? here_[at] : more_[at - kHere]; }
  void add(Visit visit);
  bool is_known(const AccessSubject* subject) const;

  const AccessIndex& index_;
  std::uint32_t at_ = 0;
  std::uint32_t size_ = 0;
  std::array<Visit, kHere> here_;
  std::vector<Visit> more_;
  std::unordered_set<const AccessSubject*> many_;  // all of them, once there are more than fit
};

}  // namespace writ::identity
