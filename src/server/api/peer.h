#pragma once
// Whose requests are counted together.
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace writ::server {

// Who a request is counted for, by where it comes from: the address without the port; of IPv6 the
// network of 64 bits, which one subscriber has whole; one of IPv4 within IPv6 is the one of IPv4.
// Where the peer is one of `trusted` (addresses, "unix"), the last address of X-Forwarded-For, all
// fields of that name in their order, that is not one of them; what is no address there ends the
// search. Empty: the server's own socket, which has no limits.
std::string counted_peer(std::string_view peer, const net::Fields& fields,
                         const std::vector<std::string>& trusted);

}  // namespace writ::server
