#include "server/api/core_operations.h"

#include <array>
#include <memory>
#include <utility>

#include "base/json.h"
#include "contract/generated/openapi.h"
#include "contract/validate_document.h"
#include "server/api/answers.h"
#include "server/api/documentation.h"

namespace writ::server {
namespace {

constexpr std::string_view kContracts = "https://writ.dev/contracts/";

struct Link {
  std::string_view name;
  std::string_view operation;
};
// What clients look for first; those of families that are switched off are left out.
constexpr std::array<Link, 8> kLinks = {{{"description", "getDescription"},
                                         {"documentation", "getDocumentation"},
                                         {"liveness", "getLiveness"},
                                         {"readiness", "getReadiness"},
                                         {"metrics", "getMetrics"},
                                         {"openid_configuration", "getOpenidConfiguration"},
                                         {"jwks", "getJwks"},
                                         {"protected_resource", "getProtectedResource"}}};

// Made once, handed out as often as somebody asks.
Operation always(net::Response response) {
  return [whole = std::make_shared<const net::Response>(std::move(response))](
             const Call&) -> Result<net::Answer> { return *whole; };
}

net::Response kept(std::string content_type, std::string body) {
  net::Response response;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  response.fields.emplace_back("Cache-Control", "public, max-age=60");
  return response;
}

api::Discovery discovery(const CoreOptions& options) {
  api::Discovery out;
  out.version = options.version;
  out.families.assign(options.families.begin(), options.families.end());
  for (const Link& link : kLinks) {
    const contract::DescribedOperation* const there = options.description.find(link.operation);
    if (there == nullptr || !options.families.contains(there->family)) continue;
    out.links.emplace(link.name, there->path);
  }
  return out;
}

Result<net::Answer> get_contract(const Call& call) {
  WRIT_TRY(const Value schema,
           contract::read_contract(std::string(kContracts) + call.text("name")));
  return kept("application/schema+json", to_json(schema));
}

Result<net::Answer> get_readiness(const std::vector<ReadyCheck>& checks) {
  api::Readiness out;
  for (const ReadyCheck& check : checks) {
    const bool is_there = check.look().has_value();
    const bool is_whole = is_there && (!check.takes_writes || check.takes_writes().has_value());
    out.checks[check.name] = is_whole   ? api::ReadinessChecksValue::ok
                             : is_there ? api::ReadinessChecksValue::degraded
                                        : api::ReadinessChecksValue::unavailable;
    if (!is_there) {
      out.status = api::ReadinessStatus::unavailable;
    } else if (!is_whole && out.status == api::ReadinessStatus::ok) {
      out.status = api::ReadinessStatus::degraded;
    }
  }
  const bool is_ready = out.status != api::ReadinessStatus::unavailable;
  return json(is_ready ? 200 : 503, out.to_value());
}

}  // namespace

std::vector<Binding> core_operations(const CoreOptions& options) {
  const Value description = options.description.excerpt(options.families, options.version);
  net::Response page = kept("text/html; charset=utf-8",
                            documentation(options.description, options.families, options.version));
  page.fields.emplace_back("Content-Security-Policy", documentation_policy());
  return {
      {"getDescription", always(kept("application/json", to_json(description)))},
      {"getDocumentation", always(std::move(page))},
      {"getContract", &get_contract},
      {"getDiscovery", always(json(200, discovery(options).to_value()))},
      {"getLiveness", always(json(200, api::Liveness().to_value()))},
      {"getReadiness",
       [checks = options.checks](const Call&) -> Result<net::Answer> {
         return get_readiness(checks);
       }},
  };
}

}  // namespace writ::server
