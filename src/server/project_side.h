#pragma once
// What a project's families rest on: its store, its log, and the thread that gives events their
// places in it. A part of WritServer (writ_server.h).
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "execution/journal.h"
#include "identity/journal.h"
#include "ledger/ledger.h"
#include "project/project.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::observe {
class Log;
}  // namespace writ::observe

namespace writ::server {

class StoreSwitcher;  // server/storage/store_switcher.h

struct ProjectOptions {
  std::string store_url;            // as `--store`; empty: there is no project
  std::filesystem::path directory;  // of its files; the blobs stand in `blobs` below it
  // UUID text. Empty: a store without a project; a log that is not there yet gets a name of its
  // own.
  std::string id;
  std::string tool;  // what events say that made them: "writ/0.1.0"
  // Stores that this one can be changed for (project/backends.h).
  std::vector<std::string> backends = {};
  // Requests that may wait at once for a store that is on its way (store/moving_store.h).
  std::size_t waiting_requests = 12;
  // Told when the store has moved and cannot be followed; borrowed, may be null.
  observe::Log* log = nullptr;
  // Ends the wait for a store that is being moved while the server starts.
  std::stop_token stop = {};
  // Where whoever runs the server reaches it without a credential (auth/local_doorkeeper.h).
  // Empty: nowhere. Left alone where another server listens on it, or its path is too long.
  std::filesystem::path socket;
};

class ProjectSide {
 public:
  // Opens and migrates; a store that has moved is followed, now and later. `clock` and `random` are
  // borrowed. Errors: those of the store.
  static Result<std::unique_ptr<ProjectSide>> open(const ProjectOptions& options,
                                                   const Clock& clock, Random& random);
  ~ProjectSide();
  ProjectSide(const ProjectSide&) = delete;
  ProjectSide& operator=(const ProjectSide&) = delete;

  store::Store& store();
  store::BlobStore& blobs();
  ledger::Ledger& ledger();
  StoreSwitcher& switcher();
  identity::Journal& journal();
  // The store's: what is over is over for all servers at once, and stays over when the clock of a
  // machine is set back.
  const Clock& clock() const;
  // Its keys and its files; nullptr: a store without a project. Its repository belongs to one
  // thread at a time.
  const project::Project* project() const;
  // Of journals of runs that are read.
  execution::JournalDeps journal_deps();

  // Begins to give events their places, unless another server on the same store does. `on_news` is
  // called, on a thread of the store's, after events got theirs, by whichever process; it must be
  // quick. Heads are signed by runs that end and where somebody asks for it. Errors: those of the
  // store.
  Result<void> start(std::function<void()> on_news);
  void stop();
  // Whether the store answers.
  Result<void> check();
  // How the last write went, where the store itself refused it: a full disk, a device that fails.
  // Somebody writes every few seconds.
  Result<void> takes_writes() const;

 private:
  struct Parts;
  explicit ProjectSide(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace writ::server
