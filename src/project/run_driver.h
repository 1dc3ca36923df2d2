#pragma once
// Begins and drives runs for a server, which knows no executors: it is handed in from above
// (cli/server_runs.h). Thread-safe, but one run is driven by one thread at a time.
#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "execution/outcome.h"

namespace writ::project {

struct RunOrder {
  RunId id;          // chosen by whoever orders it: the same order twice is one run
  std::string spec;  // from the repository's root
  std::map<std::string, std::string> inputs = {};  // name → path, from the root
};

// `resume --replan`: another run, of the same spec as it stands now.
struct ReplanOrder {
  RunId old_run;
  RunId id;  // of the new one, chosen by whoever orders it
  std::map<std::string, std::string> inputs = {};
};

class Project;

// `project` is the server's: what is opened for a run shares its store.
class RunDriver {
 public:
  virtual ~RunDriver() = default;

  // Makes the run durable; nothing of it has run yet. Errors: invalid_input with the diagnostics of
  // the documents, not_permitted (no key here may run), those of the store.
  virtual Result<void> begin(const Project& project, const RunOrder& order) = 0;
  // As `writ resume`: until nothing goes on by itself, nor for a moment more; `tell` gets what
  // watchers are told, as messages (cli/progress_messages.h), from several threads. Blocking.
  // Errors: conflict (it has ended), invalid_input (its spec was edited), unavailable (another
  // process drives it).
  virtual Result<execution::Standing> drive(const Project& project, RunId run,
                                            const std::function<void(Value)>& tell,
                                            std::stop_token stop) = 0;
  // Ends it for good. Errors: conflict, unavailable.
  virtual Result<void> cancel(const Project& project, RunId run) = 0;
  // Makes the new run durable and ends the old one as superseded, both or neither. Errors: those of
  // begin; conflict (it has ended, or nothing was edited), unavailable (it is driven).
  virtual Result<void> replan(const Project& project, const ReplanOrder& order) = 0;
  // The bytes of what `writ export` writes. Errors: tampered, those of the runner's key.
  virtual Result<std::string> bundle(const Project& project, RunId run) = 0;
};

}  // namespace writ::project
