#include "net/endpoint.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace writ::net {
namespace {

namespace asio = boost::asio;
using Failure = boost::system::error_code;

constexpr std::string_view kUnix = "unix:";
constexpr int kBacklog = 1024;

std::unexpected<Error> bad(std::string_view address, const std::string& why) {
  return fail(Code::invalid_input, "cannot use address " + std::string(address) + ": " + why,
              "Write HOST:PORT with a number for a host, [IPV6]:PORT, or unix:PATH");
}

Result<RawEndpoint> parse_unix(std::string_view address) {
  const std::string path(address.substr(kUnix.size()));
  if (path.empty()) return bad(address, "there is no path");
  if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return bad(address, "the path is longer than a Unix socket's may be");
  }
  return RawEndpoint(asio::local::stream_protocol::endpoint(path));
}

std::string path_of(const RawEndpoint& endpoint) {
  const auto* raw = reinterpret_cast<const sockaddr_un*>(endpoint.data());
  const std::size_t limit = endpoint.size() - offsetof(sockaddr_un, sun_path);
  return std::string(raw->sun_path, strnlen(raw->sun_path, limit));
}

bool is_unix(const RawEndpoint& endpoint) { return endpoint.protocol().family() == AF_UNIX; }

// Nobody answers on it: what is left of a server that died.
void remove_stale(asio::io_context& io, const RawEndpoint& endpoint) {
  asio::generic::stream_protocol::socket probe(io);
  Failure ec;
  probe.connect(endpoint, ec);
  if (ec == asio::error::connection_refused) ::unlink(path_of(endpoint).c_str());
}

}  // namespace

Result<RawEndpoint> parse_endpoint(std::string_view address) {
  if (address.starts_with(kUnix)) return parse_unix(address);
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return bad(address, "there is no port");
  std::string host(address.substr(0, colon));
  const std::string_view digits = address.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return bad(address, "the port is no number below 65536");
  }
  if (host == "localhost") host = "127.0.0.1";
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  Failure ec;
  const auto ip = asio::ip::make_address(host, ec);
  if (ec || ip.is_v6() != is_bracketed) return bad(address, "the host is no IP address");
  return RawEndpoint(asio::ip::tcp::endpoint(ip, port));
}

std::string to_text(const RawEndpoint& endpoint) {
  if (is_unix(endpoint)) {
    const std::string path = path_of(endpoint);
    return path.empty() ? "unix" : std::string(kUnix) + path;
  }
  asio::ip::tcp::endpoint tcp;
  tcp.resize(endpoint.size());
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  const std::string host = tcp.address().to_string();
  return (tcp.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(tcp.port());
}

Result<RawAcceptor> listen_on(asio::io_context& io, const RawEndpoint& endpoint,
                              std::string_view address) {
  if (is_unix(endpoint)) remove_stale(io, endpoint);
  RawAcceptor acceptor(io);
  Failure ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec && !is_unix(endpoint)) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  // Nobody can connect before `listen`: the mode is right from the first moment on.
  if (!ec && is_unix(endpoint) && ::chmod(path_of(endpoint).c_str(), 0600) != 0) {
    ec = Failure(errno, boost::system::system_category());
  }
  if (!ec) acceptor.listen(kBacklog, ec);
  if (!ec) return acceptor;
  return fail(Code::unavailable, "cannot listen on " + std::string(address) + ": " + ec.message(),
              "Choose another address, or end the server that has this one");
}

}  // namespace writ::net
