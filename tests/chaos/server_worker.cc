// A server of a test's own: appends the numbered entries from a first one on, has the log
// sequenced, and says what it has been promised: `a NUMBER` for each entry that is durable, `l`
// when it begins to sequence for all. Runs until somebody kills it.
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "ledger/sequencing.h"
#include "ledger_workload.h"

namespace {

using namespace writ;

// One write each: the line is whole or not there.
void say(const std::string& line) {
  const std::string whole = line + "\n";
  if (::write(1, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) std::exit(3);
}

// A server that starts while the database is away waits for it.
Result<std::unique_ptr<ledger::OpenLog>> open(const std::string& url) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (;;) {
    auto log = ledger::OpenLog::open_url(
        url, {.busy_timeout = std::chrono::seconds(20), .connections = 4});
    const bool is_away = !log && log.error().code == Code::unavailable;
    if (!is_away || std::chrono::steady_clock::now() > deadline) return log;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Result<void> serve(const std::string& url, std::uint64_t first) {
  WRIT_TRY(const auto log, open(url));
  WRIT_TRY(const auto sequencing,
           ledger::Sequencing::start(*log->store, *log->ledger, log->random,
                                     {.lease = std::chrono::milliseconds(600)}));
  bool leads = false;
  for (std::uint64_t number = first;; ++number) {
    const ledger::Entry entry = ledger::workload_entry(number);
    const auto done =
        log->store->write([&](store::Tx& tx) { return log->ledger->append(tx, entry); });
    if (!done) return std::unexpected(done.error());
    say("a " + std::to_string(number));
    if (!leads && sequencing->state().leads) say("l");
    leads = sequencing->state().leads;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto done = serve(argv[1], std::strtoull(argv[2], nullptr, 10));
  std::fprintf(stderr, "%s\n", done.error().text().c_str());
  return 1;
}
