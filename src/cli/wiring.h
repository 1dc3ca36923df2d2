#pragma once
// What the commands are given by app/wiring.cc, the one place that knows concrete types: where
// they read and write, time and chance, and makers for the parts with several implementations.
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/units.h"
#include "contract/settings.h"
#include "execution/engine.h"
#include "execution/step_executor.h"
#include "executors/sub_spec.h"
#include "identity/authority.h"
#include "policy/load/load.h"
#include "project/run_driver.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::cli {

// Owns one executor of each kind; the table is good for as long as the set.
class ExecutorSet {
 public:
  virtual ~ExecutorSet() = default;
  virtual execution::Executors table() = 0;
};

struct ExecutorNeeds {
  const identity::Authority& authority;       // borrowed
  std::vector<std::filesystem::path> masked;  // out of reach of commands
  executors::DriveChild drive_child;
};

// What `writ serve` was told.
struct ServeOrder {
  std::vector<std::string> addresses;
  std::filesystem::path directory;  // that the paths below are shown from
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> bundles;
  rego::LoadOptions loading;  // the dialect, and what bundles are held to
  std::string version;
  std::filesystem::path config_file;        // empty: none
  std::vector<std::string> overrides;       // of it: "labels.region=eu"
  std::filesystem::path bundle_directory;   // to hand out; empty: what the file says
  bool reads_tokens = false;                // --authentication=token
  bool is_authorized = false;               // --authorization=basic: by data.system.authz.allow
  std::string store_url;                    // of the project; empty: policies alone
  std::filesystem::path project_directory;  // its `.writ`
  std::string project_id;                   // empty: a store without a project
  contract::Settings settings;              // as .writ/settings.yaml, environment and options say
  bool checks_answers = false;              // --check-answers
  project::RunDriver* driver = nullptr;     // borrowed; null: it drives no runs
};

// A server that listens, until it is drained or destroyed.
class RunningServer {
 public:
  virtual ~RunningServer() = default;
  // With the ports that were taken.
  virtual std::vector<std::string> addresses() const = 0;
  // Goes on under these settings, as far as they can change while it runs; the certificate is read
  // again. Errors: invalid_input (the certificate).
  virtual Result<void> take(const contract::Settings& settings) = 0;
  // Answers what is under way and closes; blocks, at most as long as `server.drain` says.
  virtual void drain() = 0;
};

struct Wiring {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool is_terminal = false;         // `out` is one that understands control sequences
  std::size_t columns = 80;         // of that terminal
  std::filesystem::path directory;  // the working directory
  std::map<std::string, std::string> environment;
  const Clock& clock;
  Random& random;
  std::stop_token stop;  // asked for by SIGINT and SIGTERM
  // What SIGHUP is to call, on another thread; nothing: it stops as the others do.
  std::function<void(std::function<void()> act)> on_hangup;

  // `url` as in --store. Errors: those of the adapter.
  std::function<Result<std::unique_ptr<store::Store>>(std::string_view url)> open_store;
  // The blobs of the store at `url`, which is `store`; `dir` for those that are files.
  std::function<Result<std::unique_ptr<store::BlobStore>>(std::string_view url, store::Store& store,
                                                          const std::filesystem::path& dir)>
      open_blobs;
  std::function<std::unique_ptr<ExecutorSet>(ExecutorNeeds needs)> make_executors;
  execution::OrphanReaper end_orphans;
  // The event of a decision, as JSON, from the buffer of a server; `url` as in --store. Errors:
  // not_found, those of the adapter.
  std::function<Result<std::string>(std::string_view url, std::string_view id)> find_decision;
  // Whether letters could be handed to the mail server of the settings now, and where that is;
  // nullopt: none is set. Blocking, for seconds. Errors: the settings do not go together, it cannot
  // be had.
  std::function<Result<std::optional<std::string>>(const contract::Settings& settings)>
      look_at_mail;
  // Whether the directories that accounts follow could be read now, and their names; `directory`:
  // what relative names of files are seen from. Blocking, for seconds. Errors: the settings do not
  // go together, one cannot be had.
  std::function<Result<std::vector<std::string>>(const contract::Settings& settings,
                                                 const std::filesystem::path& directory)>
      look_at_directories;
  // Errors: what it is to serve cannot be read, an address cannot be had.
  std::function<Result<std::unique_ptr<RunningServer>>(const ServeOrder& order)> start_server;
};

}  // namespace writ::cli
