#pragma once
// A set that is never changed, only succeeded: a copy costs a pointer, and one element more costs
// one leaf and the nodes above it, whatever the set's size. Whoever has a copy keeps what it saw,
// without a lock. Six bits of the hash choose the way at each level; a leaf is a small table.
//
// Who changes a set many times at once gives each change the same `Edit`: what was made under it
// nobody else has seen, and is changed in place. Private to identity/rbac.
//
// Requires of T: as for Ref.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "identity/rbac/counted.h"

namespace writ::identity {

using Edit = std::uint64_t;  // never 0, never twice

template <typename T>
class HashTrie {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Whether both are the same set for being one: says nothing if they are not.
  bool shares_all_with(const HashTrie& other) const { return root_ == other.root_; }

  // nullptr: none. `is_it` looks at elements whose hash is equal.
  template <typename IsIt>
  const T* find(std::uint64_t hash, IsIt&& is_it) const {
    const Node* node = root_.get();
    for (unsigned level = 0; node != nullptr && !node->is_leaf; ++level) {
      node = as_inner(node).children[way(hash, level)].get();
    }
    if (node == nullptr) return nullptr;
    const Leaf& leaf = as_leaf(node);
    for (std::uint32_t at = home(hash) & leaf.mask;; at = (at + 1) & leaf.mask) {
      const Slot& slot = leaf.slots()[at];
      if (!slot.element) return nullptr;
      if (slot.hash == hash && is_it(*slot.element)) return slot.element.get();
    }
  }

  // Requires: there is none that is the same.
  void insert(Edit edit, std::uint64_t hash, Ref<const T> element) {
    insert_below(root_, edit, 0, {hash, std::move(element)});
    ++size_;
  }

  // Puts `element` into the place of `old`. Requires: `old` is in it, under this hash.
  void replace(Edit edit, std::uint64_t hash, const T* old, Ref<const T> element) {
    Ref<Node>* at = &root_;
    for (unsigned level = 0; !(*at)->is_leaf; ++level) {
      at = &own_inner(*at, edit).children[way(hash, level)];
    }
    if ((*at)->edit != edit) *at = remade(as_leaf(at->get()), edit, as_leaf(at->get()).mask + 1);
    Leaf& leaf = as_leaf(at->get());
    std::uint32_t slot = home(hash) & leaf.mask;
    while (leaf.slots()[slot].element.get() != old) slot = (slot + 1) & leaf.mask;
    leaf.slots()[slot].element = std::move(element);
  }

  // Requires: `old` is in it, under this hash.
  void erase(Edit edit, std::uint64_t hash, const T* old) {
    Ref<Node>* at = &root_;
    for (unsigned level = 0; !(*at)->is_leaf; ++level) {
      at = &own_inner(*at, edit).children[way(hash, level)];
    }
    const Leaf& leaf = as_leaf(at->get());
    Ref<Node> next;
    if (leaf.count > 1) {
      next = make_leaf(edit, room_for(leaf.count - 1));
      for (std::uint32_t i = 0; i <= leaf.mask; ++i) {
        const Slot& slot = leaf.slots()[i];
        if (slot.element && slot.element.get() != old) put(as_leaf(next.get()), Slot(slot));
      }
    }
    *at = std::move(next);
    --size_;
  }

  // In no order that means anything. `visit(const T&)` returns whether to go on.
  template <typename Visit>
  bool for_each(Visit&& visit) const {
    return each_below(root_.get(), nullptr, visit);
  }
  // Those that `other` may lack: skips what both share.
  template <typename Visit>
  bool for_each_not_shared(const HashTrie& other, Visit&& visit) const {
    return each_below(root_.get(), other.root_.get(), visit);
  }

  // Bytes of nodes; elements are not counted.
  std::size_t node_bytes() const { return bytes_below(root_.get()); }

 private:
  static constexpr unsigned kBits = 6;
  static constexpr unsigned kWays = 1u << kBits;
  static constexpr unsigned kDeepest = 64 / kBits;  // levels that the hash has bits for
  static constexpr std::uint32_t kLargestLeaf = 512;

  struct Slot {
    std::uint64_t hash = 0;
    Ref<const T> element;
  };

  struct Node : Counted {
    Node(Edit made_under, bool leaf) : edit(made_under), is_leaf(leaf) {}
    static void destroy(const Node* node) {
      if (node->is_leaf) {
        const Leaf* leaf = static_cast<const Leaf*>(node);
        for (std::uint32_t i = 0; i <= leaf->mask; ++i) leaf->slots()[i].~Slot();
        leaf->~Leaf();
        ::operator delete(const_cast<Leaf*>(leaf));
      } else {
        delete static_cast<const Inner*>(node);
      }
    }
    const Edit edit;
    const bool is_leaf;
  };

  struct Inner : Node {
    explicit Inner(Edit made_under) : Node(made_under, false) {}
    std::array<Ref<Node>, kWays> children;
  };

  // Its slots stand right behind it: one look into memory less.
  struct Leaf : Node {
    Leaf(Edit made_under, std::uint32_t slots) : Node(made_under, true), mask(slots - 1) {}
    Slot* slots() { return reinterpret_cast<Slot*>(this + 1); }
    const Slot* slots() const { return reinterpret_cast<const Slot*>(this + 1); }
    std::uint32_t count = 0;
    const std::uint32_t mask;
  };

  static Inner& as_inner(Node* node) { return *static_cast<Inner*>(node); }
  static const Inner& as_inner(const Node* node) { return *static_cast<const Inner*>(node); }
  static Leaf& as_leaf(Node* node) { return *static_cast<Leaf*>(node); }
  static const Leaf& as_leaf(const Node* node) { return *static_cast<const Leaf*>(node); }

  static std::size_t way(std::uint64_t hash, unsigned level) {
    return (hash >> (kBits * level)) & (kWays - 1);
  }
  static std::uint32_t home(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 40); }
  // Three quarters of the slots at most are taken.
  static std::uint32_t room_for(std::uint32_t count) {
    return std::bit_ceil(count + count / 3 + 1);
  }

  static Ref<Node> make_leaf(Edit edit, std::uint32_t slots) {
    void* memory = ::operator new(sizeof(Leaf) + slots * sizeof(Slot));
    Leaf* leaf = new (memory) Leaf(edit, slots);
    for (std::uint32_t i = 0; i < slots; ++i) new (leaf->slots() + i) Slot();
    return Ref<Node>(leaf);
  }

  static void put(Leaf& leaf, Slot slot) {
    std::uint32_t at = home(slot.hash) & leaf.mask;
    while (leaf.slots()[at].element) at = (at + 1) & leaf.mask;
    leaf.slots()[at] = std::move(slot);
    ++leaf.count;
  }

  static Ref<Node> remade(const Leaf& from, Edit edit, std::uint32_t slots) {
    Ref<Node> out = make_leaf(edit, slots);
    for (std::uint32_t i = 0; i <= from.mask; ++i) {
      if (from.slots()[i].element) put(as_leaf(out.get()), from.slots()[i]);
    }
    return out;
  }

  // The node, or a copy of it in its place that may be changed.
  static Inner& own_inner(Ref<Node>& at, Edit edit) {
    if (at->edit != edit) {
      Inner* copy = new Inner(edit);
      copy->children = as_inner(at.get()).children;
      at = Ref<Node>(copy);
    }
    return as_inner(at.get());
  }

  static void insert_below(Ref<Node>& root, Edit edit, unsigned level, Slot slot) {
    Ref<Node>* at = &root;
    for (; *at && !(*at)->is_leaf; ++level) {
      at = &own_inner(*at, edit).children[way(slot.hash, level)];
    }
    if (!*at) *at = make_leaf(edit, 1);
    const Leaf& leaf = as_leaf(at->get());
    if (leaf.count >= kLargestLeaf && level < kDeepest) {
      split(*at, edit, level);
      return insert_below(*at, edit, level, std::move(slot));
    }
    const std::uint32_t slots = room_for(leaf.count + 1);
    // A leaf always has a slot that is free, or a search would not end.
    if ((*at)->edit != edit || slots > leaf.mask + 1) *at = remade(leaf, edit, slots);
    put(as_leaf(at->get()), std::move(slot));
  }

  static void split(Ref<Node>& at, Edit edit, unsigned level) {
    const Ref<Node> held = at;
    const Leaf& leaf = as_leaf(held.get());
    at = Ref<Node>(new Inner(edit));
    for (std::uint32_t i = 0; i <= leaf.mask; ++i) {
      if (leaf.slots()[i].element) insert_below(at, edit, level, leaf.slots()[i]);
    }
  }

  template <typename Visit>
  static bool each_below(const Node* node, const Node* other, Visit&& visit) {
    if (node == nullptr || node == other) return true;
    if (!node->is_leaf) {
      const bool both = other != nullptr && !other->is_leaf;
      for (std::size_t i = 0; i < kWays; ++i) {
        const Node* beside = both ? as_inner(other).children[i].get() : nullptr;
        if (!each_below(as_inner(node).children[i].get(), beside, visit)) return false;
      }
      return true;
    }
    const Leaf& leaf = as_leaf(node);
    for (std::uint32_t i = 0; i <= leaf.mask; ++i) {
      if (leaf.slots()[i].element && !visit(*leaf.slots()[i].element)) return false;
    }
    return true;
  }

  static std::size_t bytes_below(const Node* node) {
    if (node == nullptr) return 0;
    if (node->is_leaf) return sizeof(Leaf) + (as_leaf(node).mask + 1) * sizeof(Slot);
    std::size_t out = sizeof(Inner);
    for (const Ref<Node>& child : as_inner(node).children) out += bytes_below(child.get());
    return out;
  }

  Ref<Node> root_;
  std::size_t size_ = 0;
};

}  // namespace writ::identity
