#include "bundles/subscriptions.h"

#include <condition_variable>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

namespace writ::bundles {
namespace {

// How soon a roll-back is noticed.
constexpr std::chrono::milliseconds kLook{250};

// Pauses between attempts are the poller's, which knows when to give up.
net::ClientOptions client_options(const ServiceConfig& service) {
  net::ClientOptions options;
  options.attempts = 1;
  options.breaker_failures = std::numeric_limits<unsigned>::max();
  options.ca_file = service.ca_file;
  return options;
}

}  // namespace

BundleSubscriptions::BundleSubscriptions(const SubscriptionConfig& config, rego::Fabric& fabric,
                                         const Clock& clock, Random& random)
    : activator_(fabric) {
  for (const BundleConfig& bundle : config.bundles) {
    std::unique_ptr<BundleFetch> fetch;
    if (bundle.service.empty()) {
      fetch = fetch_from_file(bundle);
    } else {
      const ServiceConfig& service = config.services.at(bundle.service);
      auto& client = clients_[bundle.service];
      if (client == nullptr) {
        client = std::make_unique<net::Client>(clock, random, client_options(service));
      }
      fetch = fetch_from_service(bundle, service, *client);
    }
    Row& row = rows_.emplace_back();
    if (bundle.is_kept) {
      row.shelf.emplace(config.persistence_directory, bundle.name, bundle.size_limit);
      row.stamp = row.shelf->roll_back_stamp();
    }
    row.poller = std::make_unique<BundlePoller>(
        bundle, std::move(fetch), row.shelf, BundlePoller::Deps{activator_, board_, clock, random});
  }
}

BundleSubscriptions::~BundleSubscriptions() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void BundleSubscriptions::load_kept() {
  std::vector<std::pair<BundlePoller*, rego::Bundle>> kept;
  for (const Row& row : rows_) {
    auto bundle = row.poller->kept_snapshot();
    if (bundle) kept.emplace_back(row.poller.get(), *std::move(bundle));
  }
  std::vector<rego::NamedBundle> named;
  for (const auto& [poller, bundle] : kept) named.push_back({poller->name(), &bundle, {}});
  const std::vector<Result<void>> results = activator_.activate_all(named);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i].first->settle_kept(kept[i].second, results[i]);
  }
}

void BundleSubscriptions::start() {
  for (const Row& row : rows_) {
    threads_.emplace_back(
        [poller = row.poller.get()](const std::stop_token& stop) { poller->run(stop); });
  }
  threads_.emplace_back([this](const std::stop_token& stop) { watch(stop); });
}

void BundleSubscriptions::watch(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wakes;
  while (!stop.stop_requested()) {
    for (Row& row : rows_) {
      if (!row.shelf) continue;
      std::string stamp = row.shelf->roll_back_stamp();
      if (stamp == row.stamp) continue;
      row.stamp = std::move(stamp);
      row.poller->look_at_shelf();
    }
    std::unique_lock lock(mutex);
    wakes.wait_for(lock, stop, kLook, [] { return false; });
  }
}

}  // namespace writ::bundles
