// Whether this server may be asked.
#include "policy/term/json.h"
#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {

namespace {

net::Response unwell(std::string_view why, const Parameters& parameters) {
  rego::Arena arena;
  return json_answer(500,
                     make_object(arena, {{rego::borrow_string("error"), rego::borrow_string(why)}}),
                     parameters);
}

}  // namespace

Result<net::Answer> get_health(OpaService& service, const net::Request& request, net::Context&) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  const bundles::BundleBoard* const board = service.options().bundles;
  const bool is_ready = board == nullptr || board->is_ready();
  const bool asks_for_bundles = parameters.is_set("bundles") || parameters.is_set("bundle");
  if (asks_for_bundles && !is_ready) {
    return unwell("one or more bundles are not activated", parameters);
  }
  const std::string* const excluded = parameters.find("exclude-plugin");
  const bool is_excluded = excluded != nullptr && *excluded == "bundle";
  if (parameters.is_set("plugins") && !is_excluded && !is_ready) {
    return unwell("one or more plugins are not up", parameters);
  }
  return json_answer(200, rego::empty_object(), parameters);
}

// A rule of data.system.health that somebody wrote for this installation.
Result<net::Answer> get_health_rule(OpaService& service, const net::Request& request,
                                    net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  session.begin();
  std::vector<std::string> path{"system", "health"};
  path.push_back(context.parameters.front());
  WRIT_TRY(const rego::Decision decision, session.decide(path, rego::Term()));
  if (decision.result.is_true()) return json_answer(200, rego::empty_object(), parameters);
  const std::string name = "data.system.health." + context.parameters.front();
  const std::string why = decision.error != nullptr      ? decision.error->text()
                          : decision.result.is_defined() ? "was not true"
                                                         : "was undefined";
  const std::string message = "health check (" + name + ") " + why;
  return unwell(message, parameters);
}

}  // namespace writ::server
