#pragma once
// Hands out the bundles of a folder at /bundles/NAME.tar.gz: files, and folders that are packed
// when they are asked for. Answers hold an ETag; a request that has the newest one waits, if it
// says so (`Prefer: wait=N`), until there is another. What cannot be read as a bundle is not handed
// out: the last one that could be stays.
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "net/handler.h"
#include "net/server.h"

namespace writ::server {

class BundleServer {
 public:
  // `clock` is borrowed.
  BundleServer(std::filesystem::path directory, const Clock& clock);
  ~BundleServer();
  BundleServer(const BundleServer&) = delete;
  BundleServer& operator=(const BundleServer&) = delete;

  net::Route route();
  // The server that runs the route, once there is one, to wake those who wait. Borrowed, and taken
  // back before it goes.
  void set_server(net::Server* server);

 private:
  struct Published {
    std::string etag;
    std::string bytes;
  };
  using Bundle = std::shared_ptr<const Published>;  // shared with answers that are being made
  struct Shelf {
    std::string stamp;  // of what was looked at last, good or not
    Bundle bundle;      // the last good one; null: none yet
    std::string wrong;  // with what was looked at last; empty: nothing
  };
  class Waiting;

  Result<net::Answer> answer(const net::Request& request, const net::Context& context);
  net::Subscription hold(const std::string& name, const std::string& etag,
                         std::chrono::seconds wait);
  Result<std::filesystem::path> path_of(const std::string& name) const;
  // Errors: not_found, unavailable (nothing good was there yet).
  Result<Bundle> newest(const std::string& name);
  void watch(const std::stop_token& stop);

  const std::filesystem::path directory_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Shelf> shelves_;
  std::map<std::string, std::size_t> waited_for_;  // by how many
  std::mutex waking_;                              // guards server_ while it is woken
  net::Server* server_ = nullptr;
  std::condition_variable_any wakes_;
  std::jthread thread_;  // ends before what it uses
};

}  // namespace writ::server
