#include "server/opa/routes.h"

#include <utility>

#include "contract/openapi/description.h"
#include "server/api/api.h"
#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

// Where they are, where they run and what bodies they take is in contracts/openapi.yaml.
struct Row {
  std::string_view operation;
  OpaHandler handler;
  Handler counted;
};

constexpr Row kOperations[] = {
    {"opaPostDefault", &post_default, Handler::index},
    {"opaGetHealth", &get_health, Handler::health},
    {"opaGetHealthRule", &get_health_rule, Handler::health},
    {"getMetrics", &get_metrics, Handler::metrics},
    {"opaPostV0Data", &post_v0_data, Handler::v0_data},
    {"opaPostCompile", &post_compile, Handler::v1_compile},
    {"opaPostFilters", &post_filters, Handler::v1_compile},
    {"opaGetConfig", &get_config, Handler::v1_config},
    {"opaGetData", &get_data, Handler::v1_data},
    {"opaPostData", &post_data, Handler::v1_data},
    {"opaPutData", &put_data, Handler::v1_data},
    {"opaPatchData", &patch_data, Handler::v1_data},
    {"opaDeleteData", &delete_data, Handler::v1_data},
    {"opaListPolicies", &list_policies, Handler::v1_policies},
    {"opaGetPolicy", &get_policy, Handler::v1_policies},
    {"opaPutPolicy", &put_policy, Handler::v1_policies},
    {"opaDeletePolicy", &delete_policy, Handler::v1_policies},
    {"opaGetQuery", &get_query, Handler::v1_query},
    {"opaPostQuery", &post_query, Handler::v1_query},
    {"opaGetStatus", &get_status, Handler::v1_status},
};

}  // namespace

OpaService::OpaService(rego::Fabric& fabric, const rego::Services& services,
                       const net::ServerOptions& serving, OpaOptions options)
    : fabric_(fabric),
      services_(services),
      options_(std::move(options)),
      metrics_(net::Server::loops(serving)) {
  for (std::size_t i = 0; i < net::Server::workers(serving); ++i) {
    sessions_.push_back(std::make_unique<rego::Session>(fabric, services));
  }
}

void OpaService::set_decisions(Decisions* decisions) {
  decisions_ = decisions;
  recorders_.clear();
  for (std::size_t i = 0; decisions != nullptr && i < sessions_.size(); ++i) {
    recorders_.push_back(decisions->make_recorder(fabric_, services_));
  }
}

std::vector<Binding> opa_operations(OpaService& service) {
  std::vector<Binding> out;
  for (const Row& row : kOperations) {
    net::Handler handler = [&service, handler = row.handler](
                               const net::Request& request,
                               net::Context& context) -> Result<net::Answer> {
      Result<net::Answer> answer = handler(service, request, context);
      if (answer) return answer;
      return opa_error(answer.error());
    };
    out.push_back({row.operation, std::move(handler), static_cast<std::size_t>(row.counted)});
  }
  return out;
}

Result<std::vector<net::Route>> opa_routes(OpaService& service) {
  WRIT_TRY(const contract::Description description, contract::Description::own());
  const rego::Services& services = service.services();
  WRIT_TRY(const auto api, Api::build(opa_operations(service), {.description = description,
                                                                .clock = *services.clock,
                                                                .random = *services.random,
                                                                .families = {"policy"}}));
  return api->raw_routes();
}

net::Response render_for_opa(const Error& error, const net::Request&, int status) {
  if (status == 0 && error.code != Code::not_found) return opa_error(error);
  net::Response response;
  response.status = status == 0 ? 404 : status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = (status == 0 ? "404 page not found" : error.message) + "\n";
  return response;
}

}  // namespace writ::server
