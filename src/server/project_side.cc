#include "server/project_side.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/id.h"
#include "server/families.h"
#include "store/open.h"

namespace writ::server {
namespace {

constexpr std::chrono::milliseconds kBetweenRounds{200};
// After a round that failed: the store is away, or its disk is full.
constexpr std::chrono::seconds kAfterFailure{2};

void sequence_until(const std::stop_token& stop, ledger::Ledger& ledger,
                    const std::function<void()>& on_news) {
  std::mutex mutex;
  std::condition_variable_any wakes;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    const auto taken = ledger.sequence();
    if (taken && *taken > 0) on_news();
    const std::chrono::milliseconds wait = taken ? kBetweenRounds : kAfterFailure;
    wakes.wait_for(lock, stop, wait, [] { return false; });
  }
}

}  // namespace

// In the order in which they need each other.
struct ProjectSide::Parts {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::BlobStore> blobs;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<identity::Journal> journal;
  std::jthread sequencer;
};

Result<std::unique_ptr<ProjectSide>> ProjectSide::open(const ProjectOptions& options,
                                                       const Clock& clock, Random& random) {
  auto parts = std::make_unique<Parts>();
  store::OpenOptions opening;
  WRIT_TRY(parts->store, store::open(options.store_url, opening));
  WRIT_CHECK(parts->store->migrate(project_migrations(), store::DryRun::no));
  WRIT_TRY(parts->blobs, store::open_blobs(options.store_url, *parts->store,
                                           options.directory / "blobs", clock, random));
  const std::string id = options.id.empty() ? Uuid::v7(clock, random).text() : options.id;
  ledger::LedgerOptions log;
  log.origin = "writ.local/" + id;
  WRIT_TRY(parts->ledger, ledger::Ledger::open(*parts->store, clock, random, std::move(log)));
  const std::string source = options.id.empty() ? "writ:server" : "writ:project/" + options.id;
  parts->journal = std::make_unique<identity::Journal>(*parts->ledger, source, clock, random);
  return std::unique_ptr<ProjectSide>(new ProjectSide(std::move(parts)));
}

ProjectSide::ProjectSide(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ProjectSide::~ProjectSide() { stop(); }

store::Store& ProjectSide::store() { return *parts_->store; }
store::BlobStore& ProjectSide::blobs() { return *parts_->blobs; }
ledger::Ledger& ProjectSide::ledger() { return *parts_->ledger; }
identity::Journal& ProjectSide::journal() { return *parts_->journal; }

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
