#include "server/api/security_headers.h"

#include <string_view>

namespace writ::server {
namespace {

struct Header {
  std::string_view name;
  std::string_view value;
};
constexpr Header kAlways[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};
constexpr Header kTransport{"Strict-Transport-Security", "max-age=63072000; includeSubDomains"};

}  // namespace

void add_security_headers(net::Response& response, bool is_encrypted) {
  for (const Header& header : kAlways) {
    if (response.field(header.name).empty()) {
      response.fields.emplace_back(header.name, header.value);
    }
  }
  if (is_encrypted) response.fields.emplace_back(kTransport.name, kTransport.value);
}

}  // namespace writ::server
