// What the server says of itself: configuration, status, metrics.
#include <fmt/format.h>

#include <iterator>
#include <map>
#include <utility>

#include "policy/term/json.h"
#include "server/opa/answers.h"
#include "server/opa/bundle_status.h"
#include "server/opa/handlers.h"
#include "server/opa/request_metrics.h"
#include "server/opa/service.h"
#include "server/opa/status.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::make_string;
using rego::Member;
using rego::Term;

std::string slashed(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& segment : path) {
    out += '/';
    out += segment;
  }
  return out;
}

void add_metric(std::string& out, std::string_view name, std::string_view kind,
                std::string_view help, std::uint64_t value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help,
                 kind, value);
}

}  // namespace

Result<net::Answer> get_config(OpaService& service, const net::Request& request,
                               net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  Arena& arena = service.session(context.worker).begin();
  const OpaOptions& options = service.options();
  std::map<std::string, Term> members{
      {"default_authorization_decision", borrow_string("/system/authz/allow")}};
  for (const writ::Member& one : options.configuration) {
    members[one.key] = from_value(arena, one.value);
  }
  members["default_decision"] = make_string(arena, slashed(options.default_decision));
  members["labels"] = labels_of(arena, options);
  std::vector<Member> rows;
  for (const auto& [name, value] : members) rows.push_back({make_string(arena, name), value});
  const Term config = make_object(arena, std::move(rows));
  return json_answer(200, make_object(arena, {{borrow_string("result"), config}}), parameters);
}

Result<net::Answer> get_status(OpaService& service, const net::Request& request,
                               net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  Arena& arena = session.begin();
  const Term status = status_of(arena, service, session.snapshot());
  return json_answer(200, make_object(arena, {{borrow_string("result"), status}}), parameters);
}

Result<net::Answer> get_metrics(OpaService& service, const net::Request&, net::Context&) {
  net::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  std::string& out = response.body;
  out = service.metrics().text();
  const auto snapshot = service.fabric().snapshot();
  std::size_t bytes = 0;
  for (const rego::HeldArena& held : snapshot->arenas) bytes += held.arena->reserved();
  add_metric(out, "writ_policy_bundles", "gauge", "Bundles that are active.",
             snapshot->bundles.size());
  add_metric(out, "writ_policy_changes_total", "counter", "Changes of policies, data and bundles.",
             snapshot->version);
  add_metric(out, "writ_policy_data_bytes", "gauge", "Memory that base documents hold.", bytes);
  add_metric(out, "writ_policy_modules", "gauge", "Policies that are loaded.",
             snapshot->policies.size());
  if (service.options().bundles != nullptr) add_bundle_metrics(out, *service.options().bundles);
  if (const net::Server* const server = service.server(); server != nullptr) {
    const net::ServerStats stats = server->stats();
    add_metric(out, "writ_server_connections", "gauge", "Connections that are open.", stats.open);
    add_metric(out, "writ_server_connections_refused_total", "counter",
               "Connections over the limit.", stats.refused);
    add_metric(out, "writ_server_connections_total", "counter", "Connections that were accepted.",
               stats.accepted);
    add_metric(out, "writ_server_timeouts_total", "counter",
               "Connections that were given up because something took too long.", stats.timed_out);
  }
  if (const Decisions* const decisions = service.decisions(); decisions != nullptr) {
    out += decisions->metrics_text();
  }
  if (service.options().more_metrics) out += service.options().more_metrics();
  return response;
}

}  // namespace writ::server
