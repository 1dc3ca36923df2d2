#pragma once
// Keeps a log sequenced for as long as a server lives. Of the servers on one store one does the
// rounds at a time, by a lease on the store's clock; when it dies, or hangs, another one goes on
// as soon as the lease has run out. The lease only keeps them out of each other's way: what makes
// two of them harmless is the head row that every round is fenced by (sequencer.h).
//
// Thread-safe; has a thread of its own. The store and the ledger are borrowed and outlive it.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/units.h"
#include "ledger/ledger.h"
#include "store/store.h"

namespace writ::ledger {

struct SequencingOptions {
  // How long the others wait for a server that says nothing any more. Renewed when a third of it
  // has passed.
  Duration lease{5'000};
};

struct SequencingState {
  bool leads = false;
  std::uint64_t fence = 0;   // of its lease, or of the one it waits for; grows at each take-over
  std::uint64_t events = 0;  // that it has taken into the log
  // What kept it from its work the last time, if anything did. It goes on trying.
  std::optional<Error> failure;
};

// What every round writes to: who watches it hears of events that got their places, by whichever
// process.
const store::Table& sequenced_table();

class Sequencing {
 public:
  static Result<std::unique_ptr<Sequencing>> start(store::Store& store, Ledger& ledger,
                                                   Random& random, SequencingOptions options = {});
  // Finishes the round under way and gives the lease back.
  ~Sequencing();
  Sequencing(const Sequencing&) = delete;
  Sequencing& operator=(const Sequencing&) = delete;

  SequencingState state() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  // Where the lease stands after a look at it.
  struct Standing {
    bool leads = false;
    std::uint64_t fence = 0;
    std::chrono::microseconds left{0};
  };

  Sequencing(store::Store& store, Ledger& ledger, Random& random, SequencingOptions options);
  void run();
  // Does what is to do and says when to come again at the latest.
  Instant take_turn();
  Result<Instant> try_turn();
  Result<Standing> stand();
  void give_back();
  void note(const Standing& standing);
  void wait_until(Instant latest);

  store::Store& store_;
  Ledger& ledger_;
  const SequencingOptions options_;
  std::string name_;  // random: whose lease it is
  Instant renew_at_;  // while it leads

  mutable std::mutex mutex_;
  std::condition_variable wakes_;
  bool is_woken_ = false;
  bool is_stopping_ = false;
  SequencingState state_;
  std::thread thread_;
  std::unique_ptr<store::Watch> watch_;
};

}  // namespace writ::ledger
