#pragma once
// The configuration file of `writ serve`, in OPA's format (YAML, or JSON by `.json`): where bundles
// come from, the keys they are signed with, labels, and what is logged. Shape:
// contracts/serve.schema.json; format: https://www.openpolicyagent.org/docs/configuration.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "policy/bundle/signature.h"
#include "server/decisions/options.h"

namespace writ::server {

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

struct ServerConfig {
  std::map<std::string, std::string> labels;
  std::map<std::string, ServiceConfig> services;
  std::vector<BundleConfig> bundles;  // by name
  std::filesystem::path persistence_directory;
  std::vector<std::string> default_decision{"system", "main"};
  std::filesystem::path bundle_directory;           // that this server hands out; empty: none
  std::optional<DecisionLogOptions> decision_logs;  // with the service that they go to
  // What /v1/config shows: as written, without credentials, keys and header fields.
  Object shown;
};

struct ConfigSource {
  std::filesystem::path file;                      // empty: none, only what is overridden
  std::filesystem::path directory;                 // that relative paths in the file are seen from
  std::map<std::string, std::string> environment;  // for `${NAME}`; what is not there is empty
  std::vector<std::string> overrides;              // "services.acme.url=http://…", as of --set
};

// Errors: not_found (no such file), invalid_input with a diagnostic for each thing that is wrong:
// an unknown name, a value of another type, a service or key that is not there, delays that
// contradict each other.
Result<ServerConfig> load_server_config(const ConfigSource& source);

}  // namespace writ::server
