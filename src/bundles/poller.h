#pragma once
// Keeps one bundle up to date: asks its publisher, verifies, activates, keeps the good ones on
// disk. Whatever goes wrong leaves the last good one active.
//
//   fetch → unpack and verify → activate → keep → wait a random time, or at once (long polling)
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "bundles/activator.h"
#include "bundles/board.h"
#include "bundles/config.h"
#include "bundles/fetch.h"
#include "policy/shelf/bundle_shelf.h"

namespace writ::bundles {

class BundlePoller {
 public:
  struct Deps {  // borrowed
    Activator& activator;
    BundleBoard& board;
    const Clock& clock;
    Random& random;
  };
  BundlePoller(BundleConfig config, std::unique_ptr<BundleFetch> fetch,
               std::optional<rego::BundleShelf> shelf, const Deps& deps);

  const std::string& name() const { return config_.name; }

  // What was kept on disk, verified; nothing where nothing is. Reports what is wrong with it.
  std::optional<rego::Bundle> kept_snapshot();
  // Takes note of what became of it, and applies the deltas that are kept beside it.
  void settle_kept(const rego::Bundle& bundle, const Result<void>& activated);

  // Until it is told to stop; on a thread of its own.
  void run(const std::stop_token& stop);
  // From another thread: somebody may have gone back to another revision.
  void look_at_shelf();

 private:
  std::chrono::milliseconds step(const std::stop_token& stop);
  Result<Fetched> fetch(const std::stop_token& stop);
  std::chrono::milliseconds took_wrong(const Error& error, int http_code = 0);
  std::chrono::milliseconds took_well(const Fetched& fetched, std::chrono::milliseconds took);
  Result<void> take(Fetched& fetched);
  Result<void> keep(bool is_delta, const std::string& bytes);
  Result<rego::Bundle> verified(const std::string& bytes) const;
  Result<void> activate(const rego::Bundle& bundle, const std::string& etag);
  void note_active(const rego::Bundle& bundle);
  void note_wrong(const Error& error, int http_code);
  void follow_roll_back();
  void rest(std::chrono::milliseconds time, const std::stop_token& stop);
  std::chrono::milliseconds between(std::chrono::milliseconds least,
                                    std::chrono::milliseconds most);

  const BundleConfig config_;
  std::unique_ptr<BundleFetch> fetch_;
  std::optional<rego::BundleShelf> shelf_;
  const Deps deps_;

  // Of the thread that runs.
  std::string etag_;             // of the publisher's newest that was dealt with
  bool is_etag_active_ = false;  // that one is active: deltas may build on it
  std::string digest_;           // of the active snapshot, when nothing was changed since
  bool is_kept_ = true;          // on disk, where it is to be
  bool can_wait_ = true;
  unsigned failures_ = 0;            // in a row
  std::string stamp_;                // of the roll-back that was followed
  std::vector<std::string> deltas_;  // kept, to be applied after the snapshot

  std::mutex mutex_;
  std::condition_variable_any wakes_;
  bool must_look_ = false;                 // at the shelf
  std::stop_source* under_way_ = nullptr;  // of the request; guarded by mutex_
};

}  // namespace writ::bundles
