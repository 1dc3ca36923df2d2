#pragma once
// What is to be known of bundles that are kept up to date: where they come from, how often they are
// asked for, and what they are held to. Plain values: a server reads them from its configuration,
// the SDK takes them from its caller.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/bundle/signature.h"

namespace writ::bundles {

// A server that is asked for bundles, or told of decisions.
struct ServiceConfig {
  std::string url;                   // without a slash at the end
  std::string token = {};            // of the Authorization field; empty: none
  std::string scheme = "Bearer";     // before the token
  std::filesystem::path token_path;  // holds the token instead; read at each request
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds response_time{10'000};  // until it begins to answer
  std::string ca_file;                              // PEM; empty: the system's
};

struct BundleConfig {
  std::string name;
  std::string service = {};    // empty: `resource` is a file
  std::string resource = {};   // path below the service's URL
  std::filesystem::path file;  // of a file:// resource
  std::chrono::milliseconds min_delay{60'000};
  std::chrono::milliseconds max_delay{120'000};
  std::chrono::seconds long_poll{0};                  // 0: answers come at once
  bool is_kept = false;                               // on disk, `persist`
  std::uint64_t size_limit = std::uint64_t{1} << 30;  // packed; also of each file in it
  // Set: the bundle must be signed so. Otherwise no signed one is read.
  std::optional<rego::BundleVerification> verification;
};

struct SubscriptionConfig {
  std::map<std::string, ServiceConfig> services;  // by the names that bundles call them
  std::vector<BundleConfig> bundles;              // names are unique
  std::filesystem::path persistence_directory;    // of those that are kept
};

}  // namespace writ::bundles
