#include "server/directory/directories.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace writ::server {
namespace {

constexpr std::chrono::seconds kLookEvery{2};

}  // namespace

Directories::Directories(DirectoryNeeds needs, std::vector<FollowedDirectory> followed)
    : needs_(std::move(needs)), followed_(std::move(followed)) {
  for (const FollowedDirectory& one : followed_) {
    syncs_.emplace_back(identity::DirectoryParts{needs_.store, needs_.journal, needs_.clock,
                                                 needs_.random, *needs_.access},
                        one.rules, *one.source);
  }
  const bool is_any_by_itself = std::ranges::any_of(
      followed_, [](const FollowedDirectory& one) { return one.rules.interval.count() > 0; });
  if (is_any_by_itself) {
    thread_ = std::jthread([this](const std::stop_token& stop) { follow_until(stop); });
  }
}

Result<identity::DirectorySync*> Directories::find(std::string_view name) {
  if (name.empty() && syncs_.size() == 1) return &syncs_.front();
  if (name.empty() && syncs_.size() > 1) {
    return fail(Code::invalid_input, "there are several directories", "Say which: ?directory=NAME");
  }
  const auto found = std::ranges::find_if(
      syncs_, [&](const identity::DirectorySync& one) { return one.rules().name == name; });
  if (found != syncs_.end()) return &*found;
  return fail(Code::not_found,
              name.empty() ? "accounts follow no directory"
                           : "accounts follow no directory `" + std::string(name) + "`",
              "Name it in `identity.directories` of the settings");
}

Result<identity::SyncReport> Directories::run(identity::DirectorySync& sync,
                                              const identity::SyncAsked& asked,
                                              const std::stop_token& stop) {
  auto done = sync.run(asked, stop);
  count(sync, done ? std::nullopt : std::optional(done.error()));
  return done;
}

void Directories::count(const identity::DirectorySync& sync,
                        const std::optional<Error>& error) const {
  if (needs_.metrics != nullptr) {
    needs_.metrics
        ->counters("writ_directory_runs_total",
                   "Runs that made accounts what a directory says, or did not.", {"outcome"})
        .with({error ? "failed" : "applied"})
        .add();
  }
  if (error && needs_.log != nullptr) {
    needs_.log->write_error("identity", "directory.not_followed", *error, {},
                            {{"directory", sync.rules().name}});
  }
}

void Directories::follow_until(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    for (identity::DirectorySync& sync : syncs_) {
      const auto done = sync.run_if_due(stop);
      // Another server has begun at the same moment: that is as good.
      if (!done && done.error().code == Code::lease_lost) continue;
      if (!done || *done) count(sync, done ? std::nullopt : std::optional(done.error()));
    }
    std::unique_lock lock(mutex_);
    wakes_.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

}  // namespace writ::server
