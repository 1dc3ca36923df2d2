#include "app/wiring.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <system_error>

#include "executors/approval.h"
#include "executors/check.h"
#include "executors/external.h"
#include "executors/run_command.h"
#include "executors/sub_spec.h"
#include "executors/wait.h"
#include "process/command.h"
#include "server/auth/smtp_mailer.h"
#include "server/config/server_config.h"
#include "server/decisions/buffer.h"
#include "server/directory/configured_directories.h"
#include "server/writ_server.h"
#include "store/directory/directory_blob_store.h"
#include "store/open.h"

extern char** environ;

namespace writ::app {
namespace {

namespace fs = std::filesystem;

// How long what a crash left running has between SIGTERM and SIGKILL.
constexpr Duration kOrphanGrace{2000};

// Writ starts itself as the trampoline of commands. Resolved here: within a sandbox
// /proc/self/exe is another program.
fs::path own_binary() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path("/proc/self/exe") : path;
}

std::map<std::string, std::string> environment_of_process() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

class AllExecutors final : public cli::ExecutorSet {
 public:
  // `environment` is borrowed.
  AllExecutors(cli::ExecutorNeeds needs, const std::map<std::string, std::string>& environment)
      : runner_(own_binary()),
        run_({runner_, environment, needs.masked}),
        check_({runner_, environment, std::move(needs.masked)}),
        approval_(needs.authority),
        external_(needs.authority),
        spec_(std::move(needs.drive_child)) {}

  execution::Executors table() override {
    using protocol::StepKind;
    execution::Executors out;
    const auto set = [&](StepKind kind, execution::StepExecutor& executor) {
      out.table[static_cast<std::size_t>(kind)] = &executor;
    };
    set(StepKind::run, run_);
    set(StepKind::check, check_);
    set(StepKind::approval, approval_);
    set(StepKind::external, external_);
    set(StepKind::wait, wait_);
    set(StepKind::spec, spec_);
    return out;
  }

 private:
  process::Runner runner_;
  executors::RunCommand run_;
  executors::Check check_;
  executors::Approval approval_;
  executors::External external_;
  executors::Wait wait_;
  executors::SubSpec spec_;
};

class Serving final : public cli::RunningServer {
 public:
  explicit Serving(std::unique_ptr<server::WritServer> server) : server_(std::move(server)) {}
  std::vector<std::string> addresses() const override { return server_->addresses(); }
  Result<void> take(const contract::Settings& settings) override { return server_->take(settings); }
  void drain() override { server_->drain(); }

 private:
  std::unique_ptr<server::WritServer> server_;
};

// The directory in which the server was started is what paths in its configuration are seen from.
Result<server::ServerConfig> config_of(const cli::ServeOrder& order,
                                       const std::map<std::string, std::string>& environment) {
  server::ConfigSource source;
  source.file = order.config_file;
  source.directory = order.directory;
  source.environment = environment;
  source.overrides = order.overrides;
  WRIT_TRY(server::ServerConfig config, server::load_server_config(source));
  if (!order.bundle_directory.empty()) config.bundle_directory = order.bundle_directory;
  return config;
}

server::WritServerOptions options_of(const cli::ServeOrder& order) {
  server::WritServerOptions options;
  options.addresses = order.addresses;
  options.version = order.version;
  options.checks_answers = order.checks_answers;
  options.settings = order.settings;
  options.console = &std::cerr;
  server::PolicySideOptions& policy = options.policy;
  policy.directory = order.directory;
  policy.files = order.files;
  policy.bundles = order.bundles;
  policy.loading = order.loading;
  policy.access.reads_tokens = order.reads_tokens;
  policy.access.is_checked = order.is_authorized;
  // Standard output says where the server listens; its log goes beside it.
  policy.streams = {.console = &std::cerr, .errors = &std::cerr};
  options.driver = order.driver;
  options.project.store_url = order.store_url;
  options.project.directory = order.project_directory;
  options.project.id = order.project_id;
  if (!order.project_id.empty()) options.project.socket = order.project_directory / "serve.sock";
  return options;
}

Result<std::size_t> end_orphans(const std::string& token, int pid, std::uint64_t start_ticks) {
  std::optional<process::Started> started;
  if (pid > 0) started = process::Started{pid, start_ticks};
  return process::end_orphans(token, started, kOrphanGrace);
}

bool is_terminal(const std::map<std::string, std::string>& environment) {
  const auto term = environment.find("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && term != environment.end() && term->second != "dumb";
}

std::size_t columns_of_terminal() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return kUsual;
  return size.ws_col;
}

}  // namespace

Parts::Parts(SignalStop& signals) {
  wiring_ = std::unique_ptr<cli::Wiring>(new cli::Wiring{.in = std::cin,
                                                         .out = std::cout,
                                                         .err = std::cerr,
                                                         .columns = columns_of_terminal(),
                                                         .directory = {},
                                                         .environment = environment_of_process(),
                                                         .clock = clock_,
                                                         .random = random_,
                                                         .stop = signals.token(),
                                                         .on_hangup = {},
                                                         .open_store = {},
                                                         .open_blobs = {},
                                                         .make_executors = {},
                                                         .end_orphans = &end_orphans,
                                                         .find_decision = {},
                                                         .look_at_mail = {},
                                                         .look_at_directories = {},
                                                         .start_server = {}});
  cli::Wiring& w = *wiring_;
  w.is_terminal = is_terminal(w.environment);
  // A working directory that was removed is found out by whoever looks into it.
  std::error_code ignored;
  w.directory = fs::current_path(ignored);
  w.on_hangup = [&signals](std::function<void()> act) { signals.on_hangup(std::move(act)); };
  w.open_store = [](std::string_view url) { return store::open(url); };
  w.open_blobs = [this](std::string_view url, store::Store& store, const fs::path& directory) {
    return store::open_blobs(url, store, directory, clock_, random_);
  };
  w.make_executors = [&w](cli::ExecutorNeeds needs) -> std::unique_ptr<cli::ExecutorSet> {
    return std::make_unique<AllExecutors>(std::move(needs), w.environment);
  };
  w.look_at_mail = [this](const contract::Settings& settings) {
    return server::look_at_mail(settings, wiring_->stop);
  };
  w.look_at_directories = [this](const contract::Settings& settings, const fs::path& directory) {
    return server::look_at_directories(settings, directory, wiring_->stop);
  };
  w.find_decision = [this](std::string_view url, std::string_view id) -> Result<std::string> {
    store::OpenOptions options;
    options.clock = &clock_;
    options.if_missing = store::IfMissing::fail;
    WRIT_TRY(const auto store, store::open(url, options));
    return server::find_decision(*store, id);
  };
  w.start_server =
      [this](const cli::ServeOrder& order) -> Result<std::unique_ptr<cli::RunningServer>> {
    server::WritServerOptions options = options_of(order);
    WRIT_TRY(options.policy.config, config_of(order, wiring_->environment));
    options.project.stop = wiring_->stop;
    WRIT_TRY(auto server, server::WritServer::start(options, clock_, random_));
    return std::make_unique<Serving>(std::move(server));
  };
}

Parts::~Parts() = default;

}  // namespace writ::app
