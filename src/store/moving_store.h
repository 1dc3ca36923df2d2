#pragma once
// A store that goes where it moves (store/moved.h) while it is used: whoever holds it, watches it
// or waits in a write of it needs not know. Until it has moved it does what the store in it does.
//
//   write fails, for the store has moved  →  wait until it is live elsewhere  →  write there
//
// A write waits for at most `patience`, then it fails with unavailable, and nothing of it has
// happened. Reads go on from the old store as long as nobody can have written to the new one
// (MoveStage::closing); from then on they wait, as writes do, and are made there: nobody reads what
// was, however late this process hears of the move. Requests (request_scope.h) wait only while few
// do. Watches are set anew, and call. Blobs come along: those that were put here a moment ago and
// that nothing refers to yet are put into the new place before it is used, and one that is being
// written is gone on with there.
//
// Thread-safe; has a thread of its own.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "store/blob_store.h"
#include "store/moved.h"
#include "store/store.h"

namespace writ::store {

// A place where a store is. The blobs use the store, so they go first.
struct Home {
  std::string backend;  // the name that the settings know it by; empty: none
  std::string url;      // a secret
  std::shared_ptr<Store> store;
  std::shared_ptr<BlobStore> blobs;
};

// Where the store that is marked so goes on, once it is live there: called again and again until
// then, on a thread that may wait, but for no longer than `stop` lets it. Nothing: not yet.
using FindHome = std::function<Result<std::optional<Home>>(const Home& old, const Moved& moved,
                                                           const std::stop_token& stop)>;

struct MovingOptions {
  // How long a write waits for a store that is on its way.
  std::chrono::milliseconds patience{10'000};
  // Requests that wait at once; the next one fails as if its patience had come to its end.
  std::size_t waiting_requests = 12;
  // Asynchronous writes that wait, beyond which `write_async` answers overloaded.
  std::size_t held_writes = 65'536;
  // Between two looks whether it has arrived, at first and at last: each is twice as long as the
  // one before, more or less. News of the mark cut them short.
  std::chrono::milliseconds first_pause{20};
  std::chrono::milliseconds longest_pause{1'000};
};

class MovingStore final : public Store {
 public:
  MovingStore(Home home, FindHome find, MovingOptions options = {});
  ~MovingStore() override;

  // As long as somebody has it, it stays open.
  Home home() const;
  // The blobs of wherever the store is. Borrows this, and goes before it.
  std::unique_ptr<BlobStore> make_blobs();
  // Why the store that has moved is not live yet, if something is in the way.
  std::optional<Error> obstacle() const;
  // Follows no more, and gives up following: whoever waits is told that the store has moved.
  void stop();
  // Why the last write that somebody waited for was not stored, where that was the storage's doing.
  std::optional<Error> write_refusal() const;

  Result<void> write_async(std::function<Result<void>(Tx&)> body,
                           std::function<void(Result<void>)> done) override;
  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                       Reach reach) override;
  Result<void> check() override { return home().store->check(); }
  StoreStats stats() const override { return home().store->stats(); }

 protected:
  Result<void> write_erased(const std::function<Result<void>(Tx&)>& body) override;
  Result<void> read_erased(const std::function<Result<void>(Tx&)>& body) override;

 private:
  class Blobs;
  class BlobsWriter;
  class Handle;
  struct Watched;
  struct Held {
    std::function<Result<void>(Tx&)> body;
    std::function<void(Result<void>)> done;
  };

  void run();
  void look();
  void hear_of_the_mark(const Home& at);
  void stay();
  // False: it is not live elsewhere yet.
  Result<bool> try_to_move(const Home& at, const Moved& moved);
  // False: time to stop.
  bool rest(std::chrono::milliseconds time);
  // Likewise; until something is heard of the mark.
  bool pause_before_try(int tries);
  void nudge();
  // False: it may have been written to elsewhere, and `body` was not run.
  static Result<bool> read_unless_gone(const Home& at,
                                       const std::function<Result<void>(Tx&)>& body);
  Result<void> move_to(const Home& old, Home next);
  // Those that were put here after the first `past`; how many were put so far.
  Result<std::uint64_t> carry_young_blobs(const Home& from, const Home& to, std::uint64_t past);
  void send_held();
  // Until the store of `old` is another one, or takes writes again. False: neither, in good time,
  // or too many wait already.
  bool await_move(const Home& old, std::chrono::steady_clock::time_point deadline);
  std::chrono::steady_clock::time_point deadline() const;
  void note_young(const crypto::Digest& digest);
  void unwatch(const Watched* watched);
  void note_outcome(const Result<void>& done);

  const FindHome find_;
  const MovingOptions options_;
  std::atomic<bool> is_refusing_ = false;  // `refusal_` says why

  mutable std::mutex mutex_;  // of the following
  std::condition_variable changed_;
  Home home_;
  std::uint64_t looks_ = 0;  // that found the store where it is
  std::size_t waiting_ = 0;  // requests
  bool is_woken_ = false;
  bool has_news_ = false;  // of the mark
  bool is_stopping_ = false;
  std::optional<Error> obstacle_;
  std::optional<Error> refusal_;
  std::deque<Held> held_;  // asynchronous writes that wait for the new place
  struct Young {
    std::chrono::steady_clock::time_point since;
    crypto::Digest digest;
  };
  std::deque<Young> young_;
  std::uint64_t put_ = 0;  // of which the youngest are in `young_`

  // Shared by who puts a blob until it is known whether it comes along, which is settled when the
  // place changes. Taken before the other two.
  std::shared_mutex arriving_;

  std::mutex watching_;  // of the watches; taken before the other
  std::vector<std::shared_ptr<Watched>> watched_;
  std::unique_ptr<Watch> mark_;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace writ::store
