#pragma once
// Everything that accounts follow here. Where one is to be followed by itself, a thread looks every
// few seconds whether it is time, from the making to the end; servers that share a store may all
// have one.
//
// Thread-safe.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "identity/directory/directory_sync.h"
#include "identity/journal.h"
#include "identity/rbac/access_control.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "store/store.h"

namespace writ::server {

struct DirectoryNeeds {
  // Shared with whoever else works with it; the last of them ends it.
  std::shared_ptr<identity::AccessControl> access;
  // Borrowed, and outlive what is made.
  store::Store& store;
  identity::Journal& journal;
  const Clock& clock;
  Random& random;
  observe::Metrics* metrics = nullptr;  // null: nobody counts
  observe::Log* log = nullptr;          // null: nobody is told
};

struct FollowedDirectory {
  std::unique_ptr<identity::DirectorySource> source;
  identity::DirectoryRules rules;
};

class Directories {
 public:
  Directories(DirectoryNeeds needs, std::vector<FollowedDirectory> followed);
  Directories(const Directories&) = delete;
  Directories& operator=(const Directories&) = delete;

  std::vector<identity::DirectorySync>& all() { return syncs_; }
  // `name`: empty for the only one. Errors: not_found; invalid_input (there are several).
  Result<identity::DirectorySync*> find(std::string_view name);
  // A run that was asked for; counted and told as those are that nobody asked for.
  Result<identity::SyncReport> run(identity::DirectorySync& sync, const identity::SyncAsked& asked,
                                   const std::stop_token& stop);
  const DirectoryNeeds& needs() const { return needs_; }

 private:
  void count(const identity::DirectorySync& sync, const std::optional<Error>& error) const;
  void follow_until(const std::stop_token& stop);

  const DirectoryNeeds needs_;
  const std::vector<FollowedDirectory> followed_;
  std::vector<identity::DirectorySync> syncs_;
  std::mutex mutex_;  // guards nothing: what the thread waits with
  std::condition_variable_any wakes_;
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace writ::server
