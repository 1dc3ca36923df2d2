#pragma once
// Asks a bundle's publisher, once, for what is newer than what is there.
#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "bundles/config.h"
#include "net/client.h"

namespace writ::bundles {

struct Wanted {
  std::string etag;              // of what is there; empty: anything
  bool takes_delta = false;      // what is there is what the etag names
  std::chrono::seconds wait{0};  // how long the publisher may hold the request back
};

struct Fetched {
  enum class Kind : std::uint8_t { unchanged, fresh, refused };
  Kind kind = Kind::unchanged;
  int status = 0;     // of HTTP; 0: there was none
  std::string bytes;  // of a fresh one: packed
  std::string etag;
  bool can_wait = false;  // the publisher holds requests back when it is asked to
};

// Belongs to one thread.
class BundleFetch {
 public:
  virtual ~BundleFetch() = default;
  // Blocking. Errors: unavailable, timed_out, cancelled, overloaded (over the size limit),
  // not_found and others of files.
  virtual Result<Fetched> fetch(const Wanted& wanted, const std::stop_token& stop) = 0;
};

// `client` is borrowed.
std::unique_ptr<BundleFetch> fetch_from_service(const BundleConfig& bundle, ServiceConfig service,
                                                net::Client& client);
std::unique_ptr<BundleFetch> fetch_from_file(const BundleConfig& bundle);

}  // namespace writ::bundles
