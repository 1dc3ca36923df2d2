#pragma once
// Immutable things that many snapshots share: a count inside, and a pointer that keeps it. Smaller
// than std::shared_ptr by half, and there are millions. Private to identity/rbac.
#include <atomic>
#include <cstdint>
#include <utility>

namespace writ::identity {

class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  void keep() const { count_.fetch_add(1, std::memory_order_relaxed); }
  // Whether that was the last one.
  bool let_go() const { return count_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

 private:
  mutable std::atomic<std::uint32_t> count_{0};
};

// Requires: T is Counted and has `static void destroy(const T*)`.
template <typename T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* to) : to_(to) {
    if (to_ != nullptr) to_->keep();
  }
  Ref(const Ref& from) : Ref(from.to_) {}
  Ref(Ref&& from) noexcept : to_(std::exchange(from.to_, nullptr)) {}
  Ref& operator=(Ref from) noexcept {
    std::swap(to_, from.to_);
    return *this;
  }
  ~Ref() {
    if (to_ != nullptr && to_->let_go()) T::destroy(to_);
  }

  T* get() const { return to_; }
  T& operator*() const { return *to_; }
  T* operator->() const { return to_; }
  explicit operator bool() const { return to_ != nullptr; }
  bool operator==(const Ref& other) const { return to_ == other.to_; }

 private:
  T* to_ = nullptr;
};

}  // namespace writ::identity
