#include "server/writ_server.h"

#include <sys/un.h>

#include <utility>

#include "base/id.h"
#include "contract/openapi/description.h"
#include "net/client.h"
#include "net/server.h"
#include "server/api/api.h"
#include "server/api/core_operations.h"
#include "server/auth/auth_service.h"
#include "server/events/event_tail.h"
#include "server/families.h"
#include "server/oauth/oauth_operations.h"
#include "server/telemetry/telemetry.h"

namespace writ::server {
namespace {

constexpr unsigned kHandlers = 24;
// While the store is on its way the others answer what needs no store, and say that it is busy.
constexpr unsigned kWaitingHandlers = kHandlers / 2;

// "localhost:8181" and ":8181" as OPA takes them.
std::string endpoint_of(const std::string& address) {
  constexpr std::string_view kLocal = "localhost:";
  if (address.starts_with(kLocal)) return "127.0.0.1:" + address.substr(kLocal.size());
  return address.starts_with(':') ? "0.0.0.0" + address : address;
}

net::ServerOptions serving_of(const WritServerOptions& options,
                              const contract::Settings& settings) {
  net::ServerOptions serving;
  // They wait for the store, and some of them for passwords, of which fewer are let in.
  serving.pool_threads = kHandlers;
  serving.tls = {settings.text("tls.certificate"), settings.text("tls.key")};
  const bool uses_tls = !serving.tls.certificate.empty();
  for (const std::string& address : options.addresses) {
    serving.endpoints.push_back({endpoint_of(address), uses_tls && !address.starts_with("unix:")});
  }
  return serving;
}

// Where people and programs reach the server: as it is set, else the first address that has a port
// of its own.
std::string public_url_of(const WritServerOptions& options, const contract::Settings& settings) {
  std::string url = settings.text("server.public_url");
  while (url.ends_with('/')) url.pop_back();
  if (!url.empty()) return url;
  const bool uses_tls = !settings.text("tls.certificate").empty();
  const std::string scheme = uses_tls ? "https://" : "http://";
  for (const std::string& address : options.addresses) {
    if (!address.starts_with("unix:")) return scheme + endpoint_of(address);
  }
  return scheme + "127.0.0.1:8181";
}

// What listens on it answers at once, or is taken for dead.
constexpr std::chrono::milliseconds kSocketPatience{1000};

// Whether the project's own socket is to be listened on: the first server in a directory has it.
bool is_free(const std::string& socket, const Clock& clock, Random& random) {
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (socket.empty() || socket.size() > kLongest) return false;
  net::ClientOptions once;
  once.attempts = 1;
  net::Client client(clock, random, once);
  net::Call call;
  call.url = "unix:" + socket + ":/healthz";
  call.timeout = kSocketPatience;
  const auto answer = client.send(call);
  return !answer && answer.error().code == Code::unavailable;
}

}  // namespace

// In the order in which they need each other; the server goes first.
struct WritServer::Parts {
  explicit Parts(contract::Description described) : description(std::move(described)) {}

  Result<void> build(const WritServerOptions& options, const Clock& clock, Random& random);
  std::vector<net::Route> routes();

  const contract::Description description;
  contract::Settings settings;
  std::unique_ptr<Telemetry> telemetry;
  std::unique_ptr<PolicySide> policy;
  std::unique_ptr<ProjectSide> project;  // null: policies alone
  std::unique_ptr<BackgroundRuns> runs;  // null: it drives none
  Composition composition;
  std::unique_ptr<Api> api;
  std::unique_ptr<net::Server> server;
};

Result<void> WritServer::Parts::build(const WritServerOptions& options, const Clock& clock,
                                      Random& random) {
  CoreOptions core{description, {}, options.version, {}};
  if (!options.project.store_url.empty()) {
    ProjectOptions of_project = options.project;
    of_project.tool = "writ/" + options.version;
    of_project.backends = settings.texts("storage.backends");
    of_project.waiting_requests = kWaitingHandlers;
    of_project.log = &telemetry->log();
    WRIT_TRY(project, ProjectSide::open(of_project, clock, random));
    if (options.driver != nullptr && project->project() != nullptr &&
        settings.flag("features.runs")) {
      runs = std::make_unique<BackgroundRuns>(*project, *options.driver, clock, telemetry->log());
    }
    WRIT_TRY(composition, compose({.project = *project,
                                   .clock = clock,
                                   .random = random,
                                   .description = description,
                                   .settings = settings,
                                   .directory = options.project.directory,
                                   .public_url = public_url_of(options, settings),
                                   .runs = runs.get(),
                                   .metrics = &telemetry->metrics(),
                                   .log = &telemetry->log()}));
    core.checks.push_back({"store", [&side = *project] { return side.check(); },
                           [&side = *project] { return side.takes_writes(); }});
  }
  put(composition, "policy", policy->operations());
  core.families = composition.families;
  core.families.insert("core");
  put(composition, "core", core_operations(core));
  ApiOptions api_options{.description = description, .clock = clock, .random = random};
  api_options.doorkeeper = composition.doorkeeper.get();
  api_options.families = composition.families;
  api_options.allows_origin = composition.allows_origin;
  api_options.rates = rates_of(settings);
  api_options.trusted_proxies = settings.texts("server.trusted_proxies");
  api_options.checks_answers = options.checks_answers;
  api_options.tracer = &telemetry->tracer();
  api_options.log = &telemetry->log();
  if (composition.families.contains("oauth")) {
    api_options.resource_metadata =
        public_url_of(options, settings) + std::string(kProtectedResourcePath);
  }
  // A server of policies says of paths that are nobody's what Open Policy Agent says.
  if (project == nullptr) api_options.elsewhere = contract::ErrorShape::opa;
  WRIT_TRY(api, Api::build(composition.bindings, std::move(api_options)));
  return {};
}

std::vector<net::Route> WritServer::Parts::routes() {
  std::vector<net::Route> raw = api->raw_routes();
  for (net::Route& route : policy->other_routes()) raw.push_back(std::move(route));
  policy->guard(raw);
  std::vector<net::Route> out = api->routes();
  for (net::Route& route : raw) out.push_back(std::move(route));
  return out;
}

Result<std::unique_ptr<WritServer>> WritServer::start(const WritServerOptions& options,
                                                      const Clock& clock, Random& random) {
  WRIT_TRY(contract::Description description, contract::Description::own());
  auto parts = std::make_unique<Parts>(std::move(description));
  if (options.settings) {
    parts->settings = *options.settings;
  } else {
    WRIT_TRY(parts->settings, contract::Settings::lay("settings", {}));
  }
  WRIT_TRY(parts->telemetry,
           Telemetry::open(parts->settings,
                           {options.console, options.version, Uuid::v7(clock, random).text()},
                           clock, random));
  net::ServerOptions serving = serving_of(options, parts->settings);
  if (is_free(options.project.socket.string(), clock, random)) {
    serving.endpoints.push_back({"unix:" + options.project.socket.string(), false});
  }
  PolicySideOptions policy = options.policy;
  policy.version = options.version;
  policy.more_metrics = [&telemetry = *parts->telemetry] { return telemetry.prometheus_text(); };
  WRIT_TRY(parts->policy, PolicySide::open(policy, serving, clock, random));
  WRIT_CHECK(parts->build(options, clock, random));
  serving.render_error = [&api = *parts->api](const Error& error, const net::Request& request,
                                              int status) {
    return api.render(error, request, status);
  };
  serving.on_served = [&policy = *parts->policy,
                       &telemetry = *parts->telemetry](const net::ServerOptions::Served& served) {
    policy.count(served);
    // Decisions are counted there, in cells without locks, and have a log of their own.
    if (served.route == nullptr || served.route->tag == 0) telemetry.count(served);
  };
  WRIT_TRY(parts->server, net::Server::start(std::move(serving), parts->routes()));
  // From here on its destructor takes back what the parts know of each other.
  std::unique_ptr<WritServer> out(new WritServer(std::move(parts)));
  WRIT_CHECK(out->begin(options.version));
  return out;
}

Result<void> WritServer::begin(const std::string& version) {
  parts_->policy->set_server(parts_->server.get());
  if (parts_->project != nullptr) {
    EventTail* const tail = parts_->composition.tail.get();
    if (tail != nullptr) tail->start([&server = *parts_->server] { server.wake(); });
    // In this order: who is woken asks for what is new.
    WRIT_CHECK(parts_->project->start([tail, &server = *parts_->server] {
      if (tail != nullptr) tail->note_news();
      server.wake();
    }));
  }
  if (parts_->runs != nullptr) WRIT_CHECK(parts_->runs->start());
  for (const std::string& address : parts_->server->addresses()) {
    parts_->telemetry->log().write(observe::Level::info, "server", "server.started", "listening",
                                   {{"address", address}, {"version", version}});
  }
  return {};
}

WritServer::WritServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

WritServer::~WritServer() {
  if (parts_->runs != nullptr) parts_->runs->stop();
  // They wake the server.
  if (parts_->project != nullptr) parts_->project->stop();
  if (parts_->composition.tail != nullptr) parts_->composition.tail->stop();
  parts_->policy->set_server(nullptr);
}

Result<void> WritServer::take(const contract::Settings& settings) {
  observe::Log& log = parts_->telemetry->log();
  if (!parts_->settings.text("tls.certificate").empty()) {
    if (auto read = parts_->server->reload_tls(); !read) {
      log.write_error("server", "tls.not_reloaded", read.error());
      return read;
    }
  }
  parts_->telemetry->take(settings);
  for (const std::string& name : settings.changed_since(parts_->settings)) {
    const bool is_taken = settings.find(name)->is_reloadable;
    log.write(is_taken ? observe::Level::info : observe::Level::warning, "server",
              is_taken ? "setting.taken" : "setting.waits_for_restart", name);
  }
  parts_->settings = settings;
  return {};
}

std::vector<std::string> WritServer::addresses() const { return parts_->server->addresses(); }

void WritServer::drain() {
  const std::chrono::milliseconds patience = parts_->settings.duration("server.drain");
  observe::Log& log = parts_->telemetry->log();
  log.write(observe::Level::info, "server", "server.draining", "told to stop",
            {{"patience_ms", patience.count()}});
  parts_->server->drain(patience);
  if (parts_->runs != nullptr) parts_->runs->stop();  // steps are ended; the next server goes on
  log.write(observe::Level::info, "server", "server.stopped", "all is answered");
}

}  // namespace writ::server
