#pragma once
// Addresses as users write them, as Asio knows them. Private to net.
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::net {

using RawEndpoint = boost::asio::generic::stream_protocol::endpoint;
using RawAcceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

// "127.0.0.1:8181", "[::1]:0", "localhost:80", "unix:/run/writ.sock". Numbers and `localhost` only:
// a server listens where it was told, not where a name happens to point. Errors: invalid_input.
Result<RawEndpoint> parse_endpoint(std::string_view address);
// The same spelling back; "unix" for a Unix socket's peer.
std::string to_text(const RawEndpoint& endpoint);

// Listens. A Unix socket gets mode 0600; one that nobody listens on any more is replaced.
// Errors: unavailable (in use, not permitted).
Result<RawAcceptor> listen_on(boost::asio::io_context& io, const RawEndpoint& endpoint,
                              std::string_view address);

}  // namespace writ::net
