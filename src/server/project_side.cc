#include "server/project_side.h"

#include <map>
#include <optional>
#include <utility>

#include "execution/run_shelf.h"
#include "ledger/sequencing.h"
#include "observe/log.h"
#include "project/bare_store.h"
#include "project/store_mover.h"
#include "server/storage/store_switcher.h"
#include "store/copy.h"
#include "store/moving_store.h"
#include "store/open.h"
#include "store/store_time.h"

namespace writ::server {
// In the order in which they need each other.
struct ProjectSide::Parts {
  Parts(const Clock& c, Random& r) : clock(c), random(r) {}

  project::Means means(const ProjectOptions& options);
  Result<void> open_project(const ProjectOptions& options);
  Result<void> open_store(const ProjectOptions& options);
  Result<store::Home> home_of(project::OpenedStore opened) const;
  Result<std::unique_ptr<store::Store>> open_moving(std::string_view url);
  Result<std::optional<store::Home>> follow(const store::Home& old, const store::Moved& moved,
                                            const std::stop_token& stop);
  void tell(const Error& obstacle);
  Result<void> keep_time();

  const Clock& clock;
  Random& random;
  std::filesystem::path blob_directory;
  std::size_t waiting_requests = 0;
  observe::Log* log = nullptr;
  std::string told;  // of what is in the way of following
  std::stop_token stop_opening;
  std::unique_ptr<project::StoreMover> mover;
  store::MovingStore* moving = nullptr;       // what `project` or `bare` has as its store
  std::unique_ptr<project::Project> project;  // null: there is none, and `bare` is used
  project::BareStore bare;
  store::Store* store = nullptr;
  store::BlobStore* blobs = nullptr;
  ledger::Ledger* ledger = nullptr;
  std::string source;
  std::string tool;
  execution::RunShelf shelf;  // without a project
  std::unique_ptr<store::StoreTime> time;
  std::unique_ptr<identity::Journal> journal;
  std::unique_ptr<StoreSwitcher> switcher;
  std::unique_ptr<ledger::Sequencing> sequencing;  // last: it uses the others
  std::unique_ptr<store::Watch> news;
};

project::Means ProjectSide::Parts::means(const ProjectOptions& options) {
  static const std::map<std::string, std::string>
      kNothing;  // no passphrase: nothing is signed here
  return {.clock = clock,
          .random = random,
          .environment = kNothing,
          .tool = options.tool,
          .open_store = [this](std::string_view url) { return open_moving(url); },
          .open_blobs = [this](std::string_view, store::Store&, const std::filesystem::path&)
              -> Result<std::unique_ptr<store::BlobStore>> { return moving->make_blobs(); },
          .follows_moves = false};
}

Result<store::Home> ProjectSide::Parts::home_of(project::OpenedStore opened) const {
  store::Home out{opened.backend, opened.url, std::move(opened.store), nullptr};
  WRIT_TRY(out.blobs, store::open_blobs(opened.url, *out.store, blob_directory, clock, random));
  return out;
}

Result<std::unique_ptr<store::Store>> ProjectSide::Parts::open_moving(std::string_view url) {
  WRIT_TRY(project::OpenedStore opened,
           project::open_moved(*mover, std::string(url), stop_opening));
  WRIT_TRY(store::Home home, home_of(std::move(opened)));
  auto out = std::make_unique<store::MovingStore>(
      std::move(home),
      [this](const store::Home& old, const store::Moved& moved, const std::stop_token& stop) {
        return follow(old, moved, stop);
      },
      store::MovingOptions{.waiting_requests = waiting_requests});
  moving = out.get();
  return out;
}

Result<std::optional<store::Home>> ProjectSide::Parts::follow(const store::Home& old,
                                                              const store::Moved& moved,
                                                              const std::stop_token& stop) {
  auto next = mover->follow(old.url, moved, stop);
  if (!next) {
    tell(next.error());
    return std::unexpected(std::move(next).error());
  }
  told.clear();
  WRIT_TRY(store::Home there, home_of(*std::move(next)));
  return std::optional(std::move(there));
}

// Once for each thing that is in the way: it is tried again and again. Who waits for another
// server, or is to stop, has nothing to tell.
void ProjectSide::Parts::tell(const Error& obstacle) {
  const bool passes = obstacle.code == Code::cancelled || store::says_another_copies(obstacle);
  if (log == nullptr || passes || obstacle.message == told) return;
  told = obstacle.message;
  log->write_error("server", "store.not_followed", obstacle);
}

// Where there is a project its own file can always be changed back to.
Result<std::unique_ptr<project::StoreMover>> mover_of(const ProjectOptions& options,
                                                      const Clock& clock, Random& random) {
  const bool is_project = !options.id.empty();
  const std::string own = "sqlite:" + (options.directory / "writ.db").string();
  WRIT_TRY(project::Backends backends,
           project::Backends::parse(options.backends, is_project ? own : std::string()));
  return std::make_unique<project::StoreMover>(project::MoverNeeds{
      .clock = clock,
      .random = random,
      .backends = std::move(backends),
      .blobs = options.directory / "blobs",
      .source = is_project ? "writ:project/" + options.id : std::string("writ:server")});
}

Result<void> ProjectSide::Parts::open_project(const ProjectOptions& options) {
  WRIT_TRY(project, project::Project::open(means(options), options.directory.parent_path(),
                                           options.store_url));
  store = &project->store();
  blobs = &project->blobs();
  ledger = &project->ledger();
  source = project->source();
  return {};
}

Result<void> ProjectSide::Parts::open_store(const ProjectOptions& options) {
  WRIT_TRY(bare, project::open_bare_store(means(options), options.store_url, options.directory));
  store = bare.store.get();
  blobs = bare.blobs.get();
  ledger = bare.ledger.get();
  source = bare.source;
  return {};
}

// Several servers share what is not a file here, and its clock.
Result<void> ProjectSide::Parts::keep_time() {
  time = std::make_unique<store::StoreTime>(
      *store, clock, [this] { return !moving->home().url.starts_with("postgres"); });
  return time->look();
}

Result<std::unique_ptr<ProjectSide>> ProjectSide::open(const ProjectOptions& options,
                                                       const Clock& clock, Random& random) {
  auto parts = std::make_unique<Parts>(clock, random);
  parts->blob_directory = options.directory / "blobs";
  parts->waiting_requests = options.waiting_requests;
  parts->log = options.log;
  parts->stop_opening = options.stop;
  WRIT_TRY(parts->mover, mover_of(options, clock, random));
  WRIT_CHECK(options.id.empty() ? parts->open_store(options) : parts->open_project(options));
  WRIT_CHECK(parts->keep_time());
  parts->tool = options.tool;
  parts->journal =
      std::make_unique<identity::Journal>(*parts->ledger, parts->source, *parts->time, random);
  parts->switcher = std::make_unique<StoreSwitcher>(*parts->moving, *parts->mover, *parts->journal);
  return std::unique_ptr<ProjectSide>(new ProjectSide(std::move(parts)));
}

ProjectSide::ProjectSide(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ProjectSide::~ProjectSide() { stop(); }

store::Store& ProjectSide::store() { return *parts_->store; }
store::BlobStore& ProjectSide::blobs() { return *parts_->blobs; }
ledger::Ledger& ProjectSide::ledger() { return *parts_->ledger; }
StoreSwitcher& ProjectSide::switcher() { return *parts_->switcher; }
identity::Journal& ProjectSide::journal() { return *parts_->journal; }
const Clock& ProjectSide::clock() const { return *parts_->time; }
const project::Project* ProjectSide::project() const { return parts_->project.get(); }

execution::JournalDeps ProjectSide::journal_deps() {
  execution::RunShelf& shelf =
      parts_->project != nullptr ? parts_->project->shelf() : parts_->shelf;
  return {*parts_->store, *parts_->blobs, *parts_->ledger, parts_->clock,
          parts_->source, "system",       parts_->tool,    &shelf};
}

Result<void> ProjectSide::start(std::function<void()> on_news) {
  WRIT_CHECK(parts_->switcher->start());
  parts_->time->start();
  WRIT_TRY(parts_->sequencing,
           ledger::Sequencing::start(*parts_->store, *parts_->ledger, parts_->random));
  WRIT_TRY(parts_->news, parts_->store->watch(
                             {ledger::sequenced_table()},
                             [on_news = std::move(on_news)](store::Wake) { on_news(); },
                             store::Reach::all_processes));
  return {};
}

// Whoever is on the way to another store gives up first: the others may be waiting for it.
void ProjectSide::stop() {
  parts_->moving->stop();
  parts_->switcher->stop();
  parts_->news.reset();
  parts_->time->stop();
  parts_->sequencing.reset();
}

Result<void> ProjectSide::takes_writes() const {
  auto refusal = parts_->moving->write_refusal();
  if (!refusal) return {};
  return std::unexpected(*std::move(refusal));
}

// What is read in a store that others have left is older and older: who cannot follow is not well.
Result<void> ProjectSide::check() {
  const store::Home home = parts_->moving->home();
  WRIT_TRY(const auto moved,
           home.store->read([](store::Tx& tx) -> Result<std::optional<store::Moved>> {
             WRIT_TRY([[maybe_unused]] const WallTime now, tx.now());
             return store::moved_to(tx);
           }));
  if (!moved || moved->stage != store::MoveStage::gone) return {};
  auto obstacle = parts_->moving->obstacle();
  if (!obstacle) return {};
  return std::unexpected(std::move(*obstacle).context("following the store to " + moved->backend));
}

}  // namespace writ::server
