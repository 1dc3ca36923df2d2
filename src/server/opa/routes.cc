#include "server/opa/routes.h"

#include <utility>

#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using net::Method;
using net::Runs;

constexpr std::size_t kDocument = 256u << 20;  // bytes of data or a policy that is put
constexpr std::size_t kInput = 16u << 20;

struct Row {
  Method method;
  std::string_view pattern;
  OpaHandler handler;
  Runs runs;
  std::size_t body_limit;
  Handler counted;
};

constexpr Row kRoutes[] = {
    {Method::POST, "/", &post_default, Runs::on_loop, kInput, Handler::index},
    {Method::GET, "/health", &get_health, Runs::on_loop, 0, Handler::health},
    {Method::GET, "/health/{rule}", &get_health_rule, Runs::on_pool, 0, Handler::health},
    {Method::GET, "/metrics", &get_metrics, Runs::on_pool, 0, Handler::metrics},
    {Method::POST, "/v0/data/{path...}", &post_v0_data, Runs::on_loop, kInput, Handler::v0_data},
    {Method::POST, "/v1/compile", &post_compile, Runs::on_pool, kInput, Handler::v1_compile},
    {Method::POST, "/v1/compile/{path...}", &post_filters, Runs::on_pool, kInput,
     Handler::v1_compile},
    {Method::GET, "/v1/config", &get_config, Runs::on_loop, 0, Handler::v1_config},
    {Method::GET, "/v1/data/{path...}", &get_data, Runs::on_loop, 0, Handler::v1_data},
    {Method::POST, "/v1/data/{path...}", &post_data, Runs::on_loop, kInput, Handler::v1_data},
    {Method::PUT, "/v1/data/{path...}", &put_data, Runs::on_pool, kDocument, Handler::v1_data},
    {Method::PATCH, "/v1/data/{path...}", &patch_data, Runs::on_pool, kDocument, Handler::v1_data},
    {Method::DELETE, "/v1/data/{path...}", &delete_data, Runs::on_pool, 0, Handler::v1_data},
    {Method::GET, "/v1/policies", &list_policies, Runs::on_pool, 0, Handler::v1_policies},
    {Method::GET, "/v1/policies/{id...}", &get_policy, Runs::on_pool, 0, Handler::v1_policies},
    {Method::PUT, "/v1/policies/{id...}", &put_policy, Runs::on_pool, kDocument,
     Handler::v1_policies},
    {Method::DELETE, "/v1/policies/{id...}", &delete_policy, Runs::on_pool, 0,
     Handler::v1_policies},
    {Method::GET, "/v1/query", &get_query, Runs::on_pool, 0, Handler::v1_query},
    {Method::POST, "/v1/query", &post_query, Runs::on_pool, kInput, Handler::v1_query},
    {Method::GET, "/v1/status", &get_status, Runs::on_loop, 0, Handler::v1_status},
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

std::vector<net::Route> opa_routes(OpaService& service) {
  std::vector<net::Route> out;
  for (const Row& row : kRoutes) {
    net::Route& route = out.emplace_back();
    route.method = row.method;
    route.pattern = row.pattern;
    route.runs = row.runs;
    route.body_limit = row.body_limit;
    route.tag = static_cast<std::size_t>(row.counted);
    route.handler = [&service, handler = row.handler](
                        const net::Request& request, net::Context& context) -> Result<net::Answer> {
      Result<net::Answer> answer = handler(service, request, context);
      if (answer) return answer;
      return opa_error(answer.error());
    };
  }
  return out;
}

net::Response render_for_opa(const Error& error, const net::Request&) {
  if (error.code != Code::not_found) return opa_error(error);
  net::Response response;
  response.status = 404;
  response.content_type = "text/plain; charset=utf-8";
  response.body = "404 page not found\n";
  return response;
}

}  // namespace writ::server
