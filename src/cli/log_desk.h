#pragma once
// The log as commands see it: in the project's store, or at a server, which is believed nothing
// that a key can prove.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "crypto/key.h"
#include "ledger/ledger.h"
#include "ledger/log_pages.h"

namespace writ::cli {

struct CommandContext;

struct CheckedLog {
  ledger::LedgerReport report;
  bool knows_pending = true;               // how many wait for their place
  std::vector<std::string> rests_on = {};  // what was not looked at, and whose word was taken
};

class LogDesk {
 public:
  virtual ~LogDesk() = default;

  // `run` as somebody named it. Errors: not_found.
  virtual Result<RunId> resolve_run(std::string_view run) = 0;
  virtual Result<std::vector<ledger::Event>> list(const ledger::Filter& filter) = 0;
  virtual Result<ledger::Event> get(EventId id) = 0;        // not_found
  virtual Result<ledger::Receipt> receipt(EventId id) = 0;  // as Ledger::receipt
  // Those that signed, or may have signed, the heads of this log. Errors: not_found (none is known
  // here).
  virtual Result<std::vector<crypto::PublicKey>> keys() = 0;
  virtual Result<CheckedLog> verify(const std::vector<crypto::PublicKey>& keys) = 0;
  // Signs the head with the key of the log's project. Errors: those of Ledger::checkpoint.
  virtual Result<ledger::Checkpoint> sign_head() = 0;
  // What may be written out: under a head signed now or, where a server does not let this caller
  // sign, the newest one; held to `keys`. Valid as long as the desk.
  virtual Result<ledger::LogPages> pages(const std::vector<crypto::PublicKey>& keys) = 0;
};

// What is verified is looked at itself where no server is named, even where one lives.
enum class LogUse : std::uint8_t { ask, verify };
Result<std::unique_ptr<LogDesk>> open_log_desk(const CommandContext& context, LogUse use);

}  // namespace writ::cli
