// What the server says of itself: configuration, status, metrics.
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "policy/term/json.h"
#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/request_metrics.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::make_string;
using rego::Member;
using rego::Term;

Term labels_of(Arena& arena, const OpaOptions& options) {
  return make_object(arena, {{borrow_string("id"), borrow_string(options.id)},
                             {borrow_string("version"), borrow_string(options.version)}});
}

Term bundle_status(Arena& arena, const std::string& name, const rego::ActiveBundle& bundle) {
  std::vector<Member> members{
      {borrow_string("name"), borrow_string(name)},
      {borrow_string("active_revision"), borrow_string(bundle.manifest.revision)},
      {borrow_string("type"), borrow_string(bundle.is_delta ? "delta" : "snapshot")},
      {borrow_string("size"), Term::integer(static_cast<std::int64_t>(bundle.size))}};
  if (bundle.activated) {
    members.push_back({borrow_string("last_successful_activation"),
                       make_string(arena, to_rfc3339(*bundle.activated))});
  }
  return make_object(arena, std::move(members));
}

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
  const Term config = make_object(
      arena,
      {{borrow_string("default_authorization_decision"), borrow_string("/system/authz/allow")},
       {borrow_string("default_decision"), make_string(arena, slashed(options.default_decision))},
       {borrow_string("labels"), labels_of(arena, options)}});
  return json_answer(200, make_object(arena, {{borrow_string("result"), config}}), parameters);
}

Result<net::Answer> get_status(OpaService& service, const net::Request& request,
                               net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  Arena& arena = session.begin();
  std::vector<Member> bundles;
  for (const auto& [name, bundle] : session.snapshot().bundles) {
    bundles.push_back({borrow_string(name), bundle_status(arena, name, bundle)});
  }
  std::vector<Member> plugins;
  std::vector<Member> members{{borrow_string("labels"), labels_of(arena, service.options())},
                              {borrow_string("bundles"), make_object(arena, std::move(bundles))}};
  if (members.back().value.size() > 0) {
    plugins.push_back({borrow_string("bundle"),
                       make_object(arena, {{borrow_string("state"), borrow_string("OK")}})});
  }
  if (const Decisions* const decisions = service.decisions(); decisions != nullptr) {
    members.push_back({borrow_string("decision_logs"), decisions->status(arena)});
    plugins.push_back({borrow_string("decision_logs"), decisions->plugin_state(arena)});
  }
  if (!plugins.empty()) {
    members.push_back({borrow_string("plugins"), make_object(arena, std::move(plugins))});
  }
  const Term status = make_object(arena, std::move(members));
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
  return response;
}

}  // namespace writ::server
