#pragma once
// The configuration file of `writ serve`, in OPA's format (YAML, or JSON by `.json`): where bundles
// come from, the keys they are signed with, labels, and what is logged. Shape:
// contracts/serve.schema.json; format: https://www.openpolicyagent.org/docs/configuration.
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "bundles/config.h"
#include "server/coding/gzip.h"
#include "server/decisions/options.h"
#include "server/status/status_reporter.h"

namespace writ::server {

struct ServerConfig : bundles::SubscriptionConfig {
  std::map<std::string, std::string> labels;
  std::vector<std::string> default_decision{"system", "main"};
  std::vector<std::string> authorization_decision{"system", "authz", "allow"};
  std::size_t gzip_from = 1024;  // bytes of an answer that is packed for who takes it so
  int gzip_level = kUsualGzipLevel;
  std::filesystem::path bundle_directory;           // that this server hands out; empty: none
  std::optional<DecisionLogOptions> decision_logs;  // with the service that they go to
  std::optional<StatusOptions> status;              // who is told how the server stands
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
