#include "server/config/server_config.h"

#include <algorithm>
#include <utility>

#include "base/document.h"
#include "base/suggest.h"
#include "contract/validate_document.h"
#include "net/url.h"
#include "server/config/substitute.h"

namespace writ::server {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::string_view kFile = "file://";

std::string_view without_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  path = without_slashes(path);
  while (true) {
    const std::size_t slash = path.find('/');
    out.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

milliseconds seconds_of(const Value* value, milliseconds fallback) {
  if (value == nullptr) return fallback;
  return milliseconds(static_cast<std::int64_t>(value->as_number() * 1000));
}

// Reads a document that its contract accepts, and finds what no schema can say.
class Reader {
 public:
  Reader(const Document& document, fs::path directory)
      : document_(document), directory_(std::move(directory)) {}

  Result<ServerConfig> read() {
    const Value& root = document_.root;
    read_services();
    read_keys();
    read_bundles();
    if (const Value* const labels = root.find("labels")) {
      for (const Member& label : labels->as_object()) {
        config_.labels[label.key] = label.value.as_string();
      }
    }
    config_.persistence_directory = path_of(root.string_or("persistence_directory", ".opa"));
    if (const Value* const served = root.find("bundle_server")) {
      config_.bundle_directory = path_of(served->string_or("directory", ""));
    }
    if (const Value* const decision = root.find("default_decision")) {
      config_.default_decision = segments_of(decision->as_string());
    }
    if (const Value* const decision = root.find("default_authorization_decision")) {
      config_.authorization_decision = segments_of(decision->as_string());
    }
    if (const Value* const gzip = root.at_path({"server", "encoding", "gzip"})) read_gzip(*gzip);
    if (const Value* const logs = root.find("decision_logs")) read_decision_logs(*logs);
    if (const Value* const status = root.find("status")) read_status(*status);
    if (!wrong_.empty()) return fail(std::move(wrong_));
    show();
    return std::move(config_);
  }

 private:
  void report(const Value& value, std::string message, std::string remedy = {}) {
    wrong_.push_back(document_.diagnostic(value.at(), std::move(message), std::move(remedy)));
  }

  fs::path path_of(std::string_view text) const {
    return (directory_ / fs::path(text)).lexically_normal();
  }

  void read_services() {
    const Value* const services = document_.root.find("services");
    if (services == nullptr) return;
    if (services->is_object()) {
      for (const Member& one : services->as_object()) read_service(one.key, one.value);
      return;
    }
    for (const Value& one : services->as_array()) {
      const std::string name(one.string_or("name", ""));
      if (config_.services.contains(name)) report(one, "there are two services `" + name + "`");
      read_service(name, one);
    }
  }

  void read_service(const std::string& name, const Value& value) {
    bundles::ServiceConfig service;
    service.url = value.string_or("url", "");
    while (service.url.ends_with('/')) service.url.pop_back();
    if (const auto url = net::parse_url(service.url); !url) {
      report(*value.find("url"), url.error().message, "Begin it with http:// or https://");
    }
    if (const Value* const bearer = value.at_path({"credentials", "bearer"})) {
      service.token = bearer->string_or("token", "");
      service.scheme = bearer->string_or("scheme", service.scheme);
      const std::string_view file = bearer->string_or("token_path", "");
      if (!file.empty()) service.token_path = path_of(file);
    }
    if (const Value* const headers = value.find("headers")) {
      for (const Member& one : headers->as_object()) {
        service.headers.emplace_back(one.key, one.value.as_string());
      }
    }
    service.response_time =
        seconds_of(value.find("response_header_timeout_seconds"), service.response_time);
    if (const Value* const tls = value.find("tls"); tls != nullptr && tls->find("ca_cert")) {
      service.ca_file = path_of(tls->string_or("ca_cert", "")).string();
    }
    config_.services[name] = std::move(service);
  }

  void read_keys() {
    const Value* const keys = document_.root.find("keys");
    if (keys == nullptr) return;
    for (const Member& one : keys->as_object()) {
      rego::BundleKey key;
      key.key = one.value.string_or("key", "");
      key.algorithm = one.value.string_or("algorithm", key.algorithm);
      key.scope = one.value.string_or("scope", "");
      keys_[one.key] = std::move(key);
    }
  }

  void read_bundles() {
    const Value* const bundles = document_.root.find("bundles");
    if (bundles == nullptr) return;
    for (const Member& one : bundles->as_object()) {
      bundles::BundleConfig bundle;
      bundle.name = one.key;
      read_source(bundle, one.value);
      read_polling(bundle, one.value);
      bundle.is_kept = one.value.bool_or("persist", false);
      bundle.size_limit = static_cast<std::uint64_t>(
          one.value.integer_or("size_limit_bytes", static_cast<std::int64_t>(bundle.size_limit)));
      if (const Value* const signing = one.value.find("signing")) read_signing(bundle, *signing);
      config_.bundles.push_back(std::move(bundle));
    }
  }

  void read_source(bundles::BundleConfig& bundle, const Value& value) {
    bundle.resource = value.string_or("resource", "bundles/" + bundle.name);
    if (bundle.resource.starts_with(kFile)) {
      bundle.file = path_of(std::string_view(bundle.resource).substr(kFile.size()));
      if (const Value* const service = value.find("service")) {
        report(*service, "a bundle that is a file has no service");
      }
      return;
    }
    bundle.resource = without_slashes(bundle.resource);
    bundle.service = value.string_or("service", "");
    if (bundle.service.empty() && config_.services.size() == 1) {
      bundle.service = config_.services.begin()->first;
    }
    if (config_.services.contains(bundle.service)) return;
    if (bundle.service.empty()) {
      report(value, "bundle `" + bundle.name + "` says no service", "Name one of `services`");
      return;
    }
    report_service(*value.find("service"), bundle.service);
  }

  void read_polling(bundles::BundleConfig& bundle, const Value& value) {
    const Value* const polling = value.find("polling");
    if (polling == nullptr) return;
    const Value* const least = polling->find("min_delay_seconds");
    const Value* const most = polling->find("max_delay_seconds");
    bundle.min_delay = seconds_of(least, bundle.min_delay);
    bundle.max_delay = seconds_of(most, bundle.max_delay);
    // One of them alone moves the other's default along.
    if (least == nullptr) bundle.min_delay = std::min(bundle.min_delay, bundle.max_delay);
    if (most == nullptr) bundle.max_delay = std::max(bundle.max_delay, bundle.min_delay);
    if (bundle.max_delay < bundle.min_delay) {
      report(*most, "max polling delay must be >= min polling delay");
    }
    bundle.long_poll = std::chrono::seconds(polling->integer_or("long_polling_timeout_seconds", 0));
  }

  void read_signing(bundles::BundleConfig& bundle, const Value& value) {
    rego::BundleVerification how;
    how.keys = keys_;
    how.key_id = value.string_or("keyid", "");
    how.scope = value.string_or("scope", "");
    if (const Value* const excluded = value.find("exclude_files")) {
      for (const Value& one : excluded->as_array()) how.excluded.push_back(one.as_string());
    }
    if (!how.key_id.empty() && !keys_.contains(how.key_id)) {
      std::vector<std::string_view> names;
      for (const auto& [name, key] : keys_) names.push_back(name);
      report(*value.find("keyid"),
             "there is no key `" + how.key_id + "`" + did_you_mean(how.key_id, names));
    } else if (keys_.empty()) {
      report(value, "verification key not provided", "Give the key under `keys`");
    }
    bundle.verification = std::move(how);
  }

  void read_decision_logs(const Value& value) {
    auto options = read_decision_log_options(value, document_.name);
    if (!options) {
      const auto& found = options.error().diagnostics;
      wrong_.insert(wrong_.end(), found.begin(), found.end());
      return;
    }
    options->nd_builtin_cache = document_.root.bool_or("nd_builtin_cache", false);
    config_.decision_logs = *std::move(options);
    DecisionLogOptions& logs = *config_.decision_logs;
    if (logs.service.empty()) return;
    // What a service has not taken yet outlives this process, unless it is said otherwise.
    if (logs.buffer.store.empty()) {
      logs.buffer.store = "sqlite:" + (config_.persistence_directory / "decisions.db").string();
    }
    const auto found = config_.services.find(logs.service);
    if (found == config_.services.end()) {
      const Value* const named = value.find("service");
      return report_service(named != nullptr ? *named : value, logs.service);
    }
    const bundles::ServiceConfig& service = found->second;
    logs.destination.url = service.url;
    logs.destination.headers = service.headers;
    logs.destination.bearer_token = service.token;
    logs.destination.bearer_token_path = service.token_path.string();
    logs.destination.timeout = service.response_time;
    logs.destination.ca_file = service.ca_file;
  }

  void read_gzip(const Value& value) {
    const auto from = static_cast<std::int64_t>(config_.gzip_from);
    config_.gzip_from = static_cast<std::size_t>(value.integer_or("min_length", from));
    config_.gzip_level =
        static_cast<int>(value.integer_or("compression_level", config_.gzip_level));
  }

  void read_status(const Value& value) {
    StatusOptions status;
    status.console = value.bool_or("console", false);
    status.service = value.string_or("service", "");
    const bool is_alone = status.service.empty() && !status.console;
    if (is_alone && config_.services.size() == 1) status.service = config_.services.begin()->first;
    if (is_alone && status.service.empty()) {
      report(value, "`status` tells nobody", "Name a `service`, or set `console: true`");
    }
    const std::string partition(without_slashes(value.string_or("partition_name", "")));
    if (!partition.empty()) status.resource += "/" + partition;
    if (!status.service.empty()) {
      const auto found = config_.services.find(status.service);
      if (found == config_.services.end()) {
        return report_service(*value.find("service"), status.service);
      }
      status.destination = found->second;
    }
    config_.status = std::move(status);
  }

  void report_service(const Value& value, const std::string& name) {
    std::vector<std::string_view> names;
    for (const auto& [known, service] : config_.services) names.push_back(known);
    report(value, "there is no service `" + name + "`" + did_you_mean(name, names));
  }

  void show() {
    config_.shown = document_.root.as_object();
    if (Value* const services = config_.shown.find("services")) {
      Object named;
      for (const auto& [name, service] : config_.services) {
        named.set(name, Object{{"url", service.url}});
      }
      *services = Value(std::move(named));
    }
    if (Value* const keys = config_.shown.find("keys")) {
      for (Member& one : keys->as_object()) one.value.as_object().erase("key");
    }
  }

  const Document& document_;
  const fs::path directory_;
  ServerConfig config_;
  std::map<std::string, rego::BundleKey, std::less<>> keys_;
  std::vector<Diagnostic> wrong_;
};

// Messages put parts of the text into backquotes: "expected `:`, found `"s3cret"`".
std::string without_excerpts(const std::string& message) {
  const std::size_t begin = message.find('`');
  const std::size_t end = message.rfind('`');
  if (begin == end) return message;
  return message.substr(0, begin) + "`…`" + message.substr(end + 1);
}

// Where the text is broken anything may stand, a token too.
Error without_excerpts(Error error) {
  error.message = without_excerpts(error.message);
  for (Diagnostic& diagnostic : error.diagnostics) {
    diagnostic.message = without_excerpts(diagnostic.message);
  }
  return error;
}

}  // namespace

Result<ServerConfig> load_server_config(const ConfigSource& source) {
  Document document{"--set", {}, Object{}};
  if (!source.file.empty()) {
    auto loaded = load_document(source.file);
    if (!loaded) return std::unexpected(without_excerpts(std::move(loaded).error()));
    document = *std::move(loaded);
  }
  for (const std::string& one : source.overrides) WRIT_CHECK(apply_override(document.root, one));
  substitute_environment(document.root, source.environment);
  WRIT_CHECK(contract::validate_document("serve", document, contract::Values::hidden));
  return Reader(document, source.directory).read();
}

}  // namespace writ::server
