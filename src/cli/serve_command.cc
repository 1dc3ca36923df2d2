// writ serve: policies over OPA's REST API and a project over Writ's own, until SIGTERM or SIGINT.
#include <condition_variable>
#include <mutex>
#include <ostream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/policy_setup.h"
#include "cli/server_place.h"
#include "cli/server_runs.h"
#include "cli/settings.h"
#include "cli/version.h"
#include "cli/wiring.h"

namespace writ::cli {
namespace {

// Whether an option that is `off` by default says the other word it has.
Result<bool> is_chosen(const Arguments& arguments, const std::string& option,
                       std::string_view word) {
  const auto said = arguments.value(option);
  if (!said || *said == "off") return false;
  if (*said == word) return true;
  return fail(Code::usage, option + " is " + std::string(word) + " or off, not " + *said);
}

Result<ServeOrder> order_of(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  ServeOrder order;
  WRIT_TRY(order.settings, load_settings(context, arguments.values("--setting")));
  order.addresses = arguments.values("--listen");
  for (const std::string& one : arguments.values("--addr")) order.addresses.push_back(one);
  if (order.addresses.empty()) order.addresses = order.settings.texts("server.listen");
  order.directory = context.global.directory;
  for (const std::string& one : arguments.positionals("FILE")) {
    order.files.push_back(context.path(one));
  }
  for (const std::string& one : arguments.values("--bundle")) {
    order.bundles.push_back(context.path(one));
  }
  WRIT_TRY(order.loading, bundle_load_options(context));
  order.version = kVersion;
  if (const auto file = arguments.value("--config-file")) order.config_file = context.path(*file);
  order.overrides = arguments.values("--set");
  WRIT_TRY(order.reads_tokens, is_chosen(arguments, "--authentication", "token"));
  WRIT_TRY(order.is_authorized, is_chosen(arguments, "--authorization", "basic"));
  if (const auto folder = arguments.value("--bundle-dir")) {
    order.bundle_directory = context.path(*folder);
  }
  order.checks_answers = arguments.has("--check-answers");
  // Where there is a project, or a store is named, the server has more than policies to offer.
  WRIT_TRY(const ServerPlace place, find_server_place(context));
  order.store_url = place.store_url;
  order.project_directory = place.directory;
  order.project_id = place.project == nullptr ? "" : place.project->id();
  return order;
}

bool is_local(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("[::1]") ||
         address.starts_with("unix:");
}

void announce(const CommandContext& context, const std::vector<std::string>& addresses,
              bool is_authorized) {
  std::ostream& out = context.wiring.out;
  if (context.global.is_json) {
    Array listening;
    for (const std::string& address : addresses) listening.emplace_back(address);
    out << to_json(Object{{"listening", std::move(listening)}}) << "\n";
  } else if (!context.global.is_quiet) {
    for (const std::string& address : addresses) {
      const bool is_socket = address.starts_with("unix:");
      out << "listening on " << (is_socket ? "" : "http://") << address << "\n";
    }
  }
  out.flush();
  for (const std::string& address : addresses) {
    if (is_authorized || is_local(address)) continue;
    context.wiring.err << "warning: whoever reaches " << address
                       << " may read and change policies and data\n"
                       << std::flush;
  }
}

void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wakes;
  std::unique_lock lock(mutex);
  wakes.wait(lock, stop, [] { return false; });
}

// Settings that cannot be read leave the server as it is.
void reload(const CommandContext& context, RunningServer& server) {
  const auto settings = load_settings(context, context.arguments.values("--setting"));
  const Result<void> taken =
      settings ? server.take(*settings) : Result<void>(std::unexpected(settings.error()));
  if (!taken) {
    context.wiring.err << "the settings stay as they are: " << taken.error().text() << "\n"
                       << std::flush;
  }
}

}  // namespace

Result<int> serve(const CommandContext& context) {
  WRIT_TRY(ServeOrder order, order_of(context));
  ServerRuns runs(context);
  order.driver = &runs;
  WRIT_TRY(const auto server, context.wiring.start_server(order));
  announce(context, server->addresses(), order.is_authorized);
  context.wiring.on_hangup([&] { reload(context, *server); });
  wait_for(context.wiring.stop);
  context.wiring.on_hangup({});
  server->drain();
  return 0;
}

}  // namespace writ::cli
