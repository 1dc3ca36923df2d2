#pragma once
// One who is named in policies or assignments: what it may do itself, the roles that it holds, and
// who holds it. Private to identity/rbac.
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include "identity/rbac/counted.h"
#include "identity/rbac/hash_trie.h"

namespace writ::identity {

// One or two texts and a hash in one piece of memory.
class AccessText : public Counted {
 public:
  static Ref<const AccessText> make(std::uint64_t hash, std::string_view first,
                                    std::string_view second = {}) {
    void* memory = ::operator new(sizeof(AccessText) + first.size() + second.size());
    auto* text = new (memory) AccessText(hash, static_cast<std::uint32_t>(first.size()),
                                         static_cast<std::uint32_t>(second.size()));
    char* bytes = reinterpret_cast<char*>(text + 1);
    std::memcpy(bytes, first.data(), first.size());
    if (!second.empty()) std::memcpy(bytes + first.size(), second.data(), second.size());
    return Ref<const AccessText>(text);
  }
  static void destroy(const AccessText* text) {
    text->~AccessText();
    ::operator delete(const_cast<AccessText*>(text));
  }

  std::uint64_t hash() const { return hash_; }
  std::string_view first() const { return {bytes(), first_size_}; }
  std::string_view second() const { return {bytes() + first_size_, second_size_}; }
  std::size_t memory_bytes() const { return sizeof(*this) + first_size_ + second_size_; }

 private:
  AccessText(std::uint64_t hash, std::uint32_t first_size, std::uint32_t second_size)
      : first_size_(first_size), hash_(hash), second_size_(second_size) {}
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }

  std::uint32_t first_size_;
  std::uint64_t hash_;
  std::uint32_t second_size_;
};

// To a role, by the very name that the role's own subject has.
struct RoleEdge {
  std::uint64_t hash;
  Ref<const AccessText> name;

  std::string_view text() const { return name->first(); }
};

struct AccessSubject : Counted {
  static void destroy(const AccessSubject* subject) { delete subject; }

  std::string_view text() const { return name->first(); }
  bool is_role() const { return is_declared_role || !members.empty(); }
  // Nothing would be lost without it.
  bool is_idle() const { return !is_role() && roles.empty() && rules.empty(); }
  const AccessText* find_rule(std::uint64_t hash, std::string_view object,
                              std::string_view action) const {
    return rules.find(hash, [&](const AccessText& rule) {
      return rule.first() == object && rule.second() == action;
    });
  }

  // What a check reads stands first, in one line of the processor's cache.
  Ref<const AccessText> name;
  std::vector<RoleEdge> roles;   // by name, as bytes sort
  HashTrie<AccessText> rules;    // object, action
  HashTrie<AccessText> members;  // names
  Edit made_under = 0;
  bool is_declared_role = false;
};

}  // namespace writ::identity
