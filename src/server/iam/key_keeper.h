#pragma once
// Looks once a minute whether keys that have a successor may retire
// (identity/graph/key_rotation.h), on a thread of its own, from its making to its end. Servers that
// share a store may all have one.
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "server/iam/iam_operations.h"

namespace writ::server {

class KeyKeeper {
 public:
  explicit KeyKeeper(const IamServices& services);
  KeyKeeper(const KeyKeeper&) = delete;
  KeyKeeper& operator=(const KeyKeeper&) = delete;

 private:
  void run(const std::stop_token& stop);

  const IamServices services_;
  std::mutex mutex_;
  std::condition_variable_any wakes_;
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace writ::server
