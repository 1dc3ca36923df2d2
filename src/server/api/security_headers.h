#pragma once
// Fields that every answer of the API carries, so that a browser makes nothing of it but what it
// is. What an operation set itself stands. What other origins may read is foreign_origins.h's to
// say.
#include "net/http.h"

namespace writ::server {

// `is_encrypted`: came over TLS; Strict-Transport-Security is said only there (RFC 6797
// section 7.2).
void add_security_headers(net::Response& response, bool is_encrypted);

}  // namespace writ::server
