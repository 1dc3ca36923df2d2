#include <writ/sdk/local.h>

#include <atomic>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/random.h"
#include "bundles/subscriptions.h"
#include "convert.h"
#include "policy/fabric/fabric.h"
#include "policy/load/load_fabric.h"
#include "session_pool.h"

namespace writ::sdk {
namespace {

constexpr std::string_view kFile = "file://";

Result<rego::BundleVerification> verification_of(const std::vector<BundleKey>& keys) {
  rego::BundleVerification out;
  for (const BundleKey& key : keys) {
    if (key.id.empty() || key.key.empty()) {
      return std::unexpected(
          make_error(ErrorCode::invalid_input, "a key for bundles has no id, or is empty"));
    }
    out.keys[key.id] = {key.algorithm, key.key, {}};
  }
  // Signatures need not name the only key.
  if (keys.size() == 1) out.key_id = keys.front().id;
  return out;
}

std::unexpected<Error> bad_bundle(const FollowedBundle& bundle, const std::string& what) {
  return std::unexpected(
      make_error(ErrorCode::invalid_input, "bundle \"" + bundle.name + "\": " + what));
}

// Adds the bundle, and the service that it comes from, to what is subscribed to.
Result<void> add(bundles::SubscriptionConfig& config, const FollowedBundle& bundle) {
  if (bundle.name.empty()) return bad_bundle(bundle, "it has no name");
  if (bundle.min_delay > bundle.max_delay) return bad_bundle(bundle, "min_delay is over max_delay");
  bundles::BundleConfig out;
  out.name = bundle.name;
  out.min_delay = bundle.min_delay;
  out.max_delay = bundle.max_delay;
  out.long_poll = bundle.long_poll;
  if (bundle.url.starts_with(kFile)) {
    out.file = bundle.url.substr(kFile.size());
  } else {
    const std::size_t slash = bundle.url.rfind('/');
    const std::size_t scheme = bundle.url.find("://");
    const bool has_path = scheme != std::string::npos && slash > scheme + 2;
    if (!has_path) return bad_bundle(bundle, "`" + bundle.url + "` is no URL with a path");
    bundles::ServiceConfig service;
    service.url = bundle.url.substr(0, slash);
    service.token = bundle.token;
    service.headers = bundle.headers;
    service.ca_file = bundle.ca_file;
    out.service = bundle.name;
    out.resource = bundle.url.substr(slash + 1);
    config.services[bundle.name] = std::move(service);
  }
  config.bundles.push_back(std::move(out));
  return {};
}

Result<bundles::SubscriptionConfig> subscription_of(
    const LocalOptions& options, const std::optional<rego::BundleVerification>& verification) {
  bundles::SubscriptionConfig config;
  config.persistence_directory = options.keep_directory;
  std::set<std::string> names;
  for (const FollowedBundle& bundle : options.followed) {
    if (!names.insert(bundle.name).second) return bad_bundle(bundle, "the name stands twice");
    if (const auto added = add(config, bundle); !added) return std::unexpected(added.error());
    config.bundles.back().is_kept = !options.keep_directory.empty();
    config.bundles.back().verification = verification;
  }
  return config;
}

}  // namespace

// In the order in which they need each other; what follows bundles goes first.
class LocalDecider::Impl {
 public:
  explicit Impl(const LocalOptions& options)
      : memory_limit_(options.memory_limit), stack_limit_(options.stack_limit) {
    services_.clock = &clock_;
    services_.random = &random_;
  }

  Result<void> load(const LocalOptions& options) {
    std::optional<rego::BundleVerification> verification;
    if (!options.keys.empty()) {
      auto keys = verification_of(options.keys);
      if (!keys) return std::unexpected(keys.error());
      verification = *std::move(keys);
    }
    auto config = subscription_of(options, verification);
    if (!config) return std::unexpected(config.error());
    std::error_code unknown;
    rego::FabricSources sources{
        options.files, options.bundles, std::filesystem::current_path(unknown), {}};
    sources.loading.verification = verification;
    if (const auto loaded = rego::load_fabric(sources, fabric_); !loaded) {
      return std::unexpected(to_error(loaded.error()));
    }
    if (config->bundles.empty()) return {};
    followed_.emplace(*config, fabric_, clock_, random_);
    followed_->load_kept();
    followed_->start();
    return {};
  }

  bool is_ready() const {
    if (is_ready_.load(std::memory_order_acquire)) return true;
    const bool is_so = !followed_ || followed_->board().is_ready();
    if (is_so) is_ready_.store(true, std::memory_order_release);
    return is_so;
  }

  bool wait_until_ready(std::chrono::milliseconds patience) const {
    return !followed_ || is_ready() || followed_->board().wait_until_ready(patience);
  }

  std::vector<BundleState> bundles() const {
    std::vector<BundleState> out;
    if (!followed_) return out;
    for (auto& [name, row] : followed_->board().rows()) {
      out.push_back({.name = name,
                     .is_active = row.last_successful_activation.has_value(),
                     .revision = row.revision,
                     .problem = row.message});
    }
    return out;
  }

  std::vector<Result<Decision>> decide(std::string_view path, std::span<const Value> inputs,
                                       const DecideOptions& options) {
    std::vector<Result<Decision>> out;
    out.reserve(inputs.size());
    const auto segments = parse_path(path);
    if (!segments || !is_ready()) {
      const Error error = segments ? not_ready() : segments.error();
      out.assign(inputs.size(), std::unexpected(error));
      return out;
    }
    const SessionPool::Borrowed session = sessions_.borrow();
    session->begin();
    for (const Value& input : inputs) out.push_back(decide(*session, *segments, input, options));
    return out;
  }

 private:
  // Requires: the session has begun.
  Result<Decision> decide(rego::Session& session, const std::vector<std::string>& path,
                          const Value& input, const DecideOptions& options) {
    const auto term = term_of(session.arena(), input);
    if (!term) return std::unexpected(term.error());
    rego::DecideOptions how;
    how.limits.time = options.time_limit;
    how.limits.memory_bytes = memory_limit_;
    how.limits.stack_bytes = stack_limit_;
    how.stop = options.stop;
    const auto begin = clock_.steady();
    const auto decided = session.decide(path, *term, how);
    if (!decided) return std::unexpected(to_error(decided.error()));
    if (decided->error != nullptr) {
      Error error = to_error(*decided->error);
      const bool was_stopped = decided->error->code == rego::kCancelError;
      if (was_stopped && options.stop.stop_requested()) {
        error.code = ErrorCode::cancelled;
      } else if (was_stopped && clock_.steady() - begin >= options.time_limit) {
        error.code = ErrorCode::timed_out;
      }
      return std::unexpected(std::move(error));
    }
    Decision decision;
    decision.id = Uuid::v7(clock_, random_).text();
    if (decided->result.is_defined()) decision.result = value_of(decided->result);
    return decision;
  }

  Error not_ready() const {
    std::string names;
    std::string problem;
    for (const BundleState& bundle : bundles()) {
      if (bundle.is_active) continue;
      names += (names.empty() ? "" : ", ") + bundle.name;
      if (problem.empty()) problem = bundle.problem;
    }
    return make_error(ErrorCode::unavailable, "no revision has been active yet of " + names +
                                                  (problem.empty() ? "" : ": " + problem));
  }

  const std::size_t memory_limit_;
  const std::size_t stack_limit_;
  SystemClock clock_;
  SystemRandom random_;
  rego::Services services_;
  rego::Fabric fabric_{{.clock = &clock_}};
  SessionPool sessions_{fabric_, services_};
  mutable std::atomic<bool> is_ready_{false};
  std::optional<bundles::BundleSubscriptions> followed_;
};

LocalDecider::LocalDecider(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalDecider::~LocalDecider() = default;

Result<std::unique_ptr<LocalDecider>> LocalDecider::open(const LocalOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  if (const auto loaded = impl->load(options); !loaded) return std::unexpected(loaded.error());
  return std::unique_ptr<LocalDecider>(new LocalDecider(std::move(impl)));
}

Result<Decision> LocalDecider::decide(std::string_view path, const Value& input,
                                      const DecideOptions& options) const {
  return std::move(impl_->decide(path, std::span(&input, 1), options).front());
}

std::vector<Result<Decision>> LocalDecider::decide_all(std::string_view path,
                                                       std::span<const Value> inputs,
                                                       const DecideOptions& options) const {
  return impl_->decide(path, inputs, options);
}

bool LocalDecider::is_ready() const { return impl_->is_ready(); }
bool LocalDecider::wait_until_ready(std::chrono::milliseconds patience) const {
  return impl_->wait_until_ready(patience);
}
std::vector<BundleState> LocalDecider::bundles() const { return impl_->bundles(); }

}  // namespace writ::sdk
