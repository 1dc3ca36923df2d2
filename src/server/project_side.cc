#include "server/project_side.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/id.h"
#include "project/migrations.h"
#include "store/open.h"

namespace writ::server {
namespace {

constexpr std::chrono::milliseconds kBetweenRounds{200};
// After a round that failed: the store is away, or its disk is full.
constexpr std::chrono::seconds kAfterFailure{2};

// How many events have their places, at least `known`. Others give places too: commands, and other
// servers on the same store.
std::uint64_t size_of(const ledger::Ledger& ledger, std::uint64_t known) {
  std::uint64_t step = 1;
  for (; ledger.at(known + step - 1); step *= 2) known += step;
  while (step > 1) {
    step /= 2;
    if (ledger.at(known + step - 1)) known += step;
  }
  return known;
}

void sequence_until(const std::stop_token& stop, ledger::Ledger& ledger,
                    const std::function<void()>& on_news) {
  std::mutex mutex;
  std::condition_variable_any wakes;
  std::unique_lock lock(mutex);
  std::uint64_t size = size_of(ledger, 0);
  while (!stop.stop_requested()) {
    const auto taken = ledger.sequence();
    if (const std::uint64_t now = size_of(ledger, size); now > size) {
      size = now;
      on_news();
    }
    const std::chrono::milliseconds wait = taken ? kBetweenRounds : kAfterFailure;
    wakes.wait_for(lock, stop, wait, [] { return false; });
  }
}

}  // namespace

// In the order in which they need each other.
struct ProjectSide::Parts {
  Parts(const Clock& c, Random& r) : clock(c), random(r) {}

  Result<void> open_project(const ProjectOptions& options);
  Result<void> open_store(const ProjectOptions& options);

  const Clock& clock;
  Random& random;
  std::unique_ptr<project::Project> project;  // null: the three below are the server's own
  std::unique_ptr<store::Store> own_store;
  std::unique_ptr<store::BlobStore> own_blobs;
  std::unique_ptr<ledger::Ledger> own_ledger;
  store::Store* store = nullptr;
  store::BlobStore* blobs = nullptr;
  ledger::Ledger* ledger = nullptr;
  std::string source;
  std::string tool;
  std::unique_ptr<identity::Journal> journal;
  std::jthread sequencer;
};

Result<void> ProjectSide::Parts::open_project(const ProjectOptions& options) {
  static const std::map<std::string, std::string>
      kNothing;  // no passphrase: nothing is signed here
  const project::Means means{
      .clock = clock,
      .random = random,
      .environment = kNothing,
      .tool = options.tool,
      .open_store = [](std::string_view url) { return store::open(url, {}); },
      .open_blobs =
          [this](std::string_view url, store::Store& of, const std::filesystem::path& directory) {
            return store::open_blobs(url, of, directory, clock, random);
          }};
  WRIT_TRY(project,
           project::Project::open(means, options.directory.parent_path(), options.store_url));
  store = &project->store();
  blobs = &project->blobs();
  ledger = &project->ledger();
  source = project->source();
  return {};
}

Result<void> ProjectSide::Parts::open_store(const ProjectOptions& options) {
  WRIT_TRY(own_store, store::open(options.store_url, {}));
  WRIT_CHECK(own_store->migrate(project::project_migrations(), store::DryRun::no));
  WRIT_TRY(own_blobs, store::open_blobs(options.store_url, *own_store, options.directory / "blobs",
                                        clock, random));
  ledger::LedgerOptions log;
  log.origin = "writ.local/" + Uuid::v7(clock, random).text();
  WRIT_TRY(own_ledger, ledger::Ledger::open(*own_store, clock, random, std::move(log)));
  store = own_store.get();
  blobs = own_blobs.get();
  ledger = own_ledger.get();
  source = "writ:server";
  return {};
}

Result<std::unique_ptr<ProjectSide>> ProjectSide::open(const ProjectOptions& options,
                                                       const Clock& clock, Random& random) {
  auto parts = std::make_unique<Parts>(clock, random);
  WRIT_CHECK(options.id.empty() ? parts->open_store(options) : parts->open_project(options));
  parts->tool = options.tool;
  parts->journal =
      std::make_unique<identity::Journal>(*parts->ledger, parts->source, clock, random);
  return std::unique_ptr<ProjectSide>(new ProjectSide(std::move(parts)));
}

ProjectSide::ProjectSide(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ProjectSide::~ProjectSide() { stop(); }

store::Store& ProjectSide::store() { return *parts_->store; }
store::BlobStore& ProjectSide::blobs() { return *parts_->blobs; }
ledger::Ledger& ProjectSide::ledger() { return *parts_->ledger; }
identity::Journal& ProjectSide::journal() { return *parts_->journal; }
const project::Project* ProjectSide::project() const { return parts_->project.get(); }

execution::JournalDeps ProjectSide::journal_deps() {
  return {*parts_->store, *parts_->blobs, *parts_->ledger, parts_->clock,
          parts_->source, "system",       parts_->tool};
}

void ProjectSide::start(std::function<void()> on_news) {
  parts_->sequencer =
      std::jthread([&ledger = *parts_->ledger, on_news = std::move(on_news)](
                       const std::stop_token& stop) { sequence_until(stop, ledger, on_news); });
}

void ProjectSide::stop() {
  if (!parts_->sequencer.joinable()) return;
  parts_->sequencer.request_stop();
  parts_->sequencer.join();
}

Result<void> ProjectSide::check() {
  return parts_->store->read([](store::Tx& tx) -> Result<void> {
    WRIT_TRY([[maybe_unused]] const WallTime now, tx.now());
    return {};
  });
}

}  // namespace writ::server
