#pragma once
// What a process does to a log in these tests, and what must be true of the log afterwards.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "ledger/ledger.h"
#include "store/open.h"
#include "store/store.h"

namespace writ::ledger {

// A log in a file, with the key that signs its heads.
struct OpenLog {
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Ledger> ledger;

  static Result<std::unique_ptr<OpenLog>> open(const std::string& path,
                                               const std::string& vfs = {});
  // A log in any store.
  static Result<std::unique_ptr<OpenLog>> open_url(const std::string& url,
                                                   const store::OpenOptions& options = {});
};

const crypto::SecretKey& log_key();
Entry workload_entry(std::uint64_t number);

// Appends the entries [from, to) in transactions of one to three, sequences after every fifth
// and signs after every ninth. `acknowledge` hears of every entry that is durable.
Result<void> run_workload(OpenLog& log, std::uint64_t from, std::uint64_t to,
                          const std::function<void(std::uint64_t)>& acknowledge);

// Opens the log without faults, goes on with it and verifies everything. The number of events.
Result<std::uint64_t> recover(const std::string& path);
// Whether each of the entries [0, count) is in the log at `path` just once.
Result<bool> has_all(const std::string& path, std::uint64_t count);

}  // namespace writ::ledger
