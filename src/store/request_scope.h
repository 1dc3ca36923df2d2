#pragma once
// Tells that what this thread does at the moment is a request, whose sender can be told to come
// again: where something is waited for that is shared by all, few requests wait, so that threads
// are left for the others (store/moving_store.h). What works in the background waits regardless.
//
// Of each thread its own. Nests.

namespace writ::store {

class RequestScope {
 public:
  RequestScope() { ++depth(); }
  ~RequestScope() { --depth(); }
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

  static bool is_current() { return depth() > 0; }

 private:
  static int& depth() {
    thread_local int value = 0;
    return value;
  }
};

}  // namespace writ::store
