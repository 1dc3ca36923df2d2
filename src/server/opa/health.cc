// Whether this server may be asked.
#include "policy/term/json.h"
#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {

Result<net::Answer> get_health(OpaService&, const net::Request& request, net::Context&) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  return json_answer(200, rego::empty_object(), parameters);
}

// A rule of data.system.health that somebody wrote for this installation.
Result<net::Answer> get_health_rule(OpaService& service, const net::Request& request,
                                    net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  rego::Arena& arena = session.begin();
  std::vector<std::string> path{"system", "health"};
  path.push_back(context.parameters.front());
  WRIT_TRY(const rego::Decision decision, session.decide(path, rego::Term()));
  if (decision.result.is_true()) return json_answer(200, rego::empty_object(), parameters);
  const std::string name = "data.system.health." + context.parameters.front();
  const std::string why = decision.error != nullptr      ? decision.error->text()
                          : decision.result.is_defined() ? "was not true"
                                                         : "was undefined";
  const std::string message = "health check (" + name + ") " + why;
  return json_answer(
      500, make_object(arena, {{rego::borrow_string("error"), rego::borrow_string(message)}}),
      parameters);
}

}  // namespace writ::server
