#pragma once
// All that is kept of a run, brought here to be checked: out of the project's store, or as the
// bundle that a server hands over, which is believed nothing.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/project.h"
#include "cli/server_client.h"
#include "evidence/bundle.h"
#include "execution/run_archive.h"
#include "identity/trust.h"

namespace writ::cli {

struct KeptRun {
  std::unique_ptr<Project> project;          // null: it came as a bundle
  std::unique_ptr<evidence::Bundle> bundle;  // that the archive refers to
  execution::RunArchive archive;
  identity::Trust trust;              // at the base revision: whose signatures count
  std::string bytes;                  // of the bundle
  std::vector<std::string> rests_on;  // what the result rests on because of where it came from
};

// `run` as somebody named it. The whole store, the whole log and all blobs are checked first:
// before a run is looked for whose row somebody may have taken away, and before the head is signed,
// for what is damaged must not get a fresh signature. Errors: tampered, not_found, those of the
// runner's key.
Result<KeptRun> load_kept_run(std::unique_ptr<Project> project, std::string_view run);

// `run` as somebody named it. The trust is that of this repository at the run's base revision,
// where it has that, else what the server says. Errors: those of the server; tampered (no bundle,
// or of another run).
Result<KeptRun> fetch_kept_run(const CommandContext& context, ServerClient& server,
                               std::string_view run);

}  // namespace writ::cli
