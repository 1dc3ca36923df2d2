#pragma once
// TLS settings (OpenSSL through Asio). Private to net.
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/server.h"

namespace writ::net {

// TLS 1.2 and later, no renegotiation, no compression. Errors: invalid_input (files that cannot be
// read, a key that does not belong to the certificate).
Result<std::shared_ptr<boost::asio::ssl::context>> make_server_context(const TlsFiles& files);
// Verifies the peer against `ca_file`, or the system's authorities where it is empty.
Result<std::shared_ptr<boost::asio::ssl::context>> make_client_context(const std::string& ca_file);

}  // namespace writ::net
