#pragma once
// What the commands are given by app/wiring.cc, the one place that knows concrete types: where
// they read and write, time and chance, and makers for the parts with several implementations.
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "execution/engine.h"
#include "execution/step_executor.h"
#include "executors/sub_spec.h"
#include "identity/authority.h"
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

  // `url` as in --store. Errors: those of the adapter.
  std::function<Result<std::unique_ptr<store::Store>>(std::string_view url)> open_store;
  std::function<Result<std::unique_ptr<store::BlobStore>>(const std::filesystem::path& dir)>
      open_blobs;
  std::function<std::unique_ptr<ExecutorSet>(ExecutorNeeds needs)> make_executors;
  execution::OrphanReaper end_orphans;
};

}  // namespace writ::cli
