#pragma once
// Objects with literal keys, member by member.
#include <string_view>
#include <utility>
#include <vector>

#include "policy/term/build.h"

namespace writ::rego {

class ObjectBuilder {
 public:
  explicit ObjectBuilder(Arena& arena) : arena_(arena) {}

  // `key` must outlive the object: a literal.
  ObjectBuilder& add(std::string_view key, const Term& value) {
    members_.push_back({borrow_string(key), value});
    return *this;
  }
  ObjectBuilder& add(std::string_view key, std::string_view text) {
    return add(key, make_string(arena_, text));
  }
  Term build() { return make_object(arena_, std::move(members_)); }

 private:
  Arena& arena_;
  std::vector<Member> members_;
};

}  // namespace writ::rego
