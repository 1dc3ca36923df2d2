#pragma once
// What does the work of one step kind. The engine calls it between two digests of the tree and
// records what it returns; an executor never touches the store's rows or the ledger itself.
//
// Implementations are in executors/, one file per kind. `execute` runs on a worker thread;
// several may run at once.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "evidence/record.h"
#include "execution/state.h"
#include "execution/workspace.h"
#include "protocol/plan.h"
#include "store/blob_store.h"

namespace writ::identity {
struct SignedAct;
}

namespace writ::execution {

// Something wrong at a place: what the terminal shows under a step, and a blocker carries.
struct Problem {
  std::string file;  // relative to the root; may be empty
  Position at;
  std::uint32_t length = 0;
  std::string rule;  // "pass-only-body"; may be empty
  std::string message;
  std::string remedy;
  std::string line;  // source line for display; may be empty
};

enum class Verdict : std::uint8_t { passed, failed, waiting };

struct StepResult {
  Verdict verdict = Verdict::passed;
  std::string reason;   // failed, waiting: why, one line
  std::string failure;  // failed: exit | timeout | signal | unavailable | output
  std::vector<evidence::Draft> evidence;
  std::vector<Problem> problems;
  std::string isolation;  // commands: what was really had
  std::string isolation_note;
  std::optional<WallTime> wake;  // waiting: until when
  // Overrides the plan's `blocks` for this failure (an unreadable context file is a HARD_STOP).
  std::optional<protocol::BlockerKind> blocker;
};

// A signed word that was recorded for this step and attempt, verified when it was recorded, and
// again by who reads it out of the store.
struct SignedWord {
  std::string kind;  // approval, rejection, submission
  std::string key_id;
  std::string envelope;  // the DSSE envelope's JSON
  WallTime at;           // when it was received
  std::string tree;      // hex: the tree it speaks of
  // What it says, where it was just verified as a word about this attempt and that tree; null: it
  // comes out of the store, and has to be.
  std::shared_ptr<const identity::SignedAct> verified = nullptr;
};

// Told while a step works; both are called from worker threads.
struct StepEvents {
  std::function<void(std::string_view line)> output;  // redacted output, line-wise
  // pid and kernel start time, recorded durably before the command does anything.
  std::function<Result<void>(int pid, std::uint64_t start_ticks)> process_started;
};

struct StepContext {
  const protocol::Plan& plan;
  const protocol::PlanStep& step;
  RunId run;
  std::string base;              // commit
  std::string plan_digest = {};  // hex; working it out anew takes long
  std::uint32_t attempt = 1;
  WallTime since;                     // the attempt's start
  std::optional<WallTime> wake = {};  // of a step that waits: until when, as it last said
  std::string idempotency_key;        // the same for every attempt: run and step
  std::string token;                  // unique per attempt: finds orphans
  Workspace& workspace;
  Tree tree;  // as it is now
  store::BlobStore& blobs;
  const Clock& clock;
  std::span<const evidence::Record> evidence;  // of the run so far, newest attempts only
  std::span<const SignedWord> words;           // for this step and attempt
  StepEvents events;
};

class StepExecutor {
 public:
  virtual ~StepExecutor() = default;
  // A step that fails is a result. Errors are the host's: they leave the attempt unfinished and
  // stop the run with a clear message. `cancelled` when `stop` was asked for.
  virtual Result<StepResult> execute(const StepContext& context, std::stop_token stop) = 0;
};

// One executor per kind, indexed by StepKind; `gate` has none.
struct Executors {
  StepExecutor* of(protocol::StepKind kind) const { return table[static_cast<std::size_t>(kind)]; }
  StepExecutor* table[7] = {};
};

}  // namespace writ::execution
