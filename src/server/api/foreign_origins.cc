#include "server/api/foreign_origins.h"

#include <algorithm>

namespace writ::server {
namespace {

constexpr std::string_view kOrigin = "Origin";
// What pages send besides what they always may.
constexpr std::string_view kSent = "Authorization, Content-Type";
// What they may read besides what they always may.
constexpr std::string_view kRead = "Retry-After, WWW-Authenticate, X-Trace-Id";
// Seconds for which a browser need not ask again; the answer itself is always checked.
constexpr std::string_view kKept = "600";

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

bool ForeignOrigins::are_asked(const net::Request& request) {
  return request.fields.find(kOrigin).has_value();
}

bool ForeignOrigins::is_allowed(const net::Request& request) const {
  const auto origin = request.fields.find(kOrigin);
  if (!origin || !check_) return false;
  return check_(*origin).value_or(false);
}

void ForeignOrigins::mark(const net::Request& request, net::Response& response) const {
  response.fields.emplace_back("Vary", kOrigin);
  if (!is_allowed(request)) return;
  response.fields.emplace_back("Access-Control-Allow-Origin", *request.fields.find(kOrigin));
  response.fields.emplace_back("Access-Control-Expose-Headers", kRead);
}

net::Response ForeignOrigins::preflight(const net::Request& request,
                                        const std::vector<std::string>& methods) const {
  net::Response out;
  out.status = 204;
  out.fields.emplace_back("Vary",
                          "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  const auto wanted = request.fields.find("Access-Control-Request-Method");
  const bool is_offered = wanted && std::ranges::find(methods, *wanted) != methods.end();
  if (!is_offered || !is_allowed(request)) return out;
  out.fields.emplace_back("Access-Control-Allow-Origin", *request.fields.find(kOrigin));
  out.fields.emplace_back("Access-Control-Allow-Methods", joined(methods));
  out.fields.emplace_back("Access-Control-Allow-Headers", kSent);
  out.fields.emplace_back("Access-Control-Max-Age", kKept);
  return out;
}

}  // namespace writ::server
