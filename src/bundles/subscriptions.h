#pragma once
// The bundles that a server keeps up to date, each polled for on a thread of its own, and the
// roll-backs that are ordered on disk meanwhile.
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "bundles/activator.h"
#include "bundles/board.h"
#include "bundles/config.h"
#include "bundles/poller.h"
#include "net/client.h"
#include "policy/fabric/fabric.h"

namespace writ::bundles {

class BundleSubscriptions {
 public:
  // `fabric`, `clock` and `random` are borrowed.
  BundleSubscriptions(const SubscriptionConfig& config, rego::Fabric& fabric, const Clock& clock,
                      Random& random);
  // Waits for what is under way to be given up.
  ~BundleSubscriptions();
  BundleSubscriptions(const BundleSubscriptions&) = delete;
  BundleSubscriptions& operator=(const BundleSubscriptions&) = delete;

  // Activates what is kept on disk, together. What is wrong with it shows on the board. Blocking.
  void load_kept();
  // Requires: not started yet.
  void start();
  const BundleBoard& board() const { return board_; }

 private:
  struct Row {
    std::unique_ptr<BundlePoller> poller;
    std::optional<rego::BundleShelf> shelf;
    std::string stamp;  // of the newest roll-back that the poller was told of
  };
  void watch(const std::stop_token& stop);

  BundleBoard board_;
  Activator activator_;
  std::map<std::string, std::unique_ptr<net::Client>> clients_;  // by service
  std::vector<Row> rows_;
  std::vector<std::jthread> threads_;  // end before what they use
};

}  // namespace writ::bundles
