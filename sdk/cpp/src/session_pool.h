#pragma once
// Sessions for whichever threads ask: a decision borrows one, so that what the last one compiled
// and allocated is used again. Taking and giving back is an atomic exchange; nobody waits.
#include <array>
#include <atomic>
#include <memory>
#include <utility>

#include "policy/fabric/session.h"

namespace writ::sdk {

class SessionPool {
 public:
  // Both are borrowed.
  SessionPool(const rego::Fabric& fabric, const rego::Services& services)
      : fabric_(fabric), services_(services) {}
  // Requires: nothing is borrowed.
  ~SessionPool() {
    for (auto& slot : slots_) delete slot.load();
  }
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  // Gives the session back at its end.
  class Borrowed {
   public:
    Borrowed(SessionPool& pool, std::unique_ptr<rego::Session> session)
        : pool_(pool), session_(std::move(session)) {}
    ~Borrowed() { pool_.give_back(std::move(session_)); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    rego::Session& operator*() const { return *session_; }
    rego::Session* operator->() const { return session_.get(); }

   private:
    SessionPool& pool_;
    std::unique_ptr<rego::Session> session_;
  };

  Borrowed borrow() {
    const std::size_t home = home_slot();
    for (std::size_t i = 0; i < kSlots; ++i) {
      auto& slot = slots_[(home + i) % kSlots];
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      std::unique_ptr<rego::Session> session(slot.exchange(nullptr, std::memory_order_acquire));
      if (session != nullptr) return {*this, std::move(session)};
    }
    return {*this, std::make_unique<rego::Session>(fabric_, services_)};
  }

 private:
  // Sessions that nobody uses, at most; of more threads than that some make one each time.
  static constexpr std::size_t kSlots = 64;

  // Where a thread looks first: another place for each, so that they do not meet.
  static std::size_t home_slot() {
    static std::atomic<std::size_t> threads{0};
    thread_local std::size_t home = threads.fetch_add(1, std::memory_order_relaxed);
    return home % kSlots;
  }

  void give_back(std::unique_ptr<rego::Session> session) {
    const std::size_t home = home_slot();
    rego::Session* const given = session.release();
    for (std::size_t i = 0; i < kSlots; ++i) {
      rego::Session* none = nullptr;
      const bool is_taken = slots_[(home + i) % kSlots].compare_exchange_strong(
          none, given, std::memory_order_release, std::memory_order_relaxed);
      if (is_taken) return;
    }
    delete given;
  }

  const rego::Fabric& fabric_;
  const rego::Services& services_;
  std::array<std::atomic<rego::Session*>, kSlots> slots_{};
};

}  // namespace writ::sdk
