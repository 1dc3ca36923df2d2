#pragma once
// Carries out changes of the store (store_switch.h), while servers run.
//
//   rehearse   what would be copied, and whether the other store can take it
//   begin      a row and its event: whichever server sees it copies, one at a time
//   copy_over  while the store is used: all of it, then what has changed meanwhile, until that is
//              little (store/copy_changes.h); then the mark, from which on nobody writes
//              (store/moved.h)
//   follow     for whoever meets the mark: what has changed last, and the end, if nobody else is
//              at it; then the new store
//
// Dies anywhere: until the mark the old store is the one in use, and copying is begun again; behind
// it whoever opens the old store finishes. What decides between going on and taking back is the
// mark's stage, a row of the old store: it becomes `gone` once the new store is whole, and only
// while it is `closing` can a change be taken back.
//
// Thread-safe.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/random.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/accounts/deed.h"
#include "project/backends.h"
#include "project/store_switch.h"
#include "store/blob_store.h"
#include "store/copy.h"
#include "store/copy_changes.h"
#include "store/moved.h"
#include "store/store.h"

namespace writ::project {

// A store by where it is. `url` is a secret.
struct OpenedStore {
  std::string backend;  // empty: it has no name
  std::string url;
  std::unique_ptr<store::Store> store;
};

// What is used, and changed.
struct UsedStore {
  std::string backend;
  std::string url;
  store::Store& store;
  store::BlobStore& blobs;
};

enum class Target : std::uint8_t { empty, unfinished_copy, left_before };
inline constexpr EnumNames<Target, 3> kTargets{{"empty", "unfinished_copy", "left_before"}};

struct Rehearsal {
  std::string from;
  std::string to;
  Target target = Target::empty;
  std::vector<store::TableReport> tables = {};
  std::uint64_t blobs = 0;
  std::uint64_t blob_bytes = 0;
};

struct CopyProgress {
  std::string table;
  std::uint64_t rows = 0;
};

// `clock` and `random` are borrowed.
struct MoverNeeds {
  const Clock& clock;
  Random& random;
  Backends backends;
  std::filesystem::path blobs;  // of stores whose blobs are files
  std::string source;           // of events: "writ:project/<uuid>"
  // How long another process waits for one that copies and says nothing any more.
  std::chrono::milliseconds lease{30'000};
};

class StoreMover {
 public:
  explicit StoreMover(MoverNeeds needs);

  const Backends& backends() const { return needs_.backends; }

  // Errors: not_found (no such name), conflict (it is the store in use, or holds something else),
  // those of either store.
  Result<Rehearsal> rehearse(const UsedStore& used, const std::string& to) const;
  // Looks whether the other store can take it, as `rehearse` does. Errors: likewise; conflict (a
  // change is under way).
  Result<StoreSwitch> begin(const UsedStore& used, const std::string& to,
                            const identity::Deed& deed) const;
  // Until the store is marked. Errors: unavailable (another process is at it), cancelled, conflict
  // (taken back meanwhile), those of either store.
  Result<void> copy_over(const UsedStore& used, const StoreSwitch& change,
                         identity::Journal& journal, const std::stop_token& stop);
  // `url`: of the store that is marked. Errors: unavailable (another process is at it), conflict
  // (taken back), cancelled, tampered (the other store is not the one that was moved to), those of
  // either.
  Result<OpenedStore> follow(const std::string& url, const store::Moved& moved,
                             const std::stop_token& stop = {});
  // Errors: not_found (none is under way), conflict (the new store is whole).
  Result<StoreSwitch> take_back(const UsedStore& used, const identity::Deed& deed) const;

  // What a change that has come to nothing has left in the store in use: changes are noted no more.
  // Nothing to do where none is left, or a change is under way.
  Result<void> tidy(const UsedStore& used) const;

  // Of the copy that is being made here.
  std::optional<CopyProgress> progress() const;

 private:
  // Opened by who moves it: although it is a copy under way, and to be written although it has
  // moved.
  struct Side {
    std::string url;
    std::unique_ptr<store::Store> store;
  };
  using Tables = std::vector<store::TableReport>;

  // Only one copies here at a time: the stores hold this process to be one.
  Result<std::unique_lock<std::mutex>> take_turn();
  static Result<Side> open_side(const std::string& url);
  Result<Side> open_target(const UsedStore& used, const std::string& to) const;
  // What a pass has found.
  struct Passed {
    std::optional<Tables> tables;  // where it compared all of them
    std::uint64_t changes = 0;     // rows, where it compared those that had changed
  };
  // Whether the store is used while it is copied.
  enum class Writers : std::uint8_t { go_on, wait };

  Result<Passed> pass_over(const store::CopyEnds& ends, const store::CopyOptions& options,
                           store::Notes notes, store::CheckBlobs which);
  Result<Passed> one_pass(store::Store& from, store::BlobStore& from_blobs, const Side& to,
                          const StoreSwitch& change, Writers writers, const store::GoOn& goes_on);
  Result<void> make_whole(const Side& from, const Side& to, const StoreSwitch& change,
                          const std::stop_token& stop);
  Result<void> bring_to_its_end(const Side& from, const Side& to, const store::Moved& moved,
                                const std::stop_token& stop);
  Result<void> make_live(const Side& to, const StoreSwitch& change) const;
  Result<std::unique_ptr<store::BlobStore>> blobs_of(const std::string& url,
                                                     store::Store& store) const;
  store::CopyClaim claim(const StoreSwitch& change) const;
  void note(std::optional<CopyProgress> progress);

  const MoverNeeds needs_;
  const std::string holder_;  // random: this process, among those that copy
  std::mutex turn_;           // held for all of `copy_over`, and of `follow`
  mutable std::mutex mutex_;
  std::optional<CopyProgress> progress_;
};

// The store at `url`, or where it has moved, which may mean to finish that: waits for at most
// half a minute for whoever is at it. Errors: those of StoreMover::follow; unavailable.
Result<OpenedStore> open_moved(StoreMover& mover, const std::string& url,
                               const std::stop_token& stop = {});

Value to_value(const Rehearsal& rehearsal);

}  // namespace writ::project
