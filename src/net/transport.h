#pragma once
// The bytes of one connection, plain or under TLS: what a Connection needs of Asio. Everything
// happens on the loop's thread; one read and one write may be under way at a time.
//
// Private to net.
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace writ::net {

using Socket = boost::asio::generic::stream_protocol::socket;

// Who uses a transport. Operations under way keep it alive.
class TransportUser {
 public:
  virtual ~TransportUser() = default;
  virtual void has_opened(bool is_good) = 0;
  // Where bytes may go. Asked for when there is something to read, so that idle peers cost no
  // buffer.
  virtual std::span<char> room() = 0;
  virtual void has_read(std::size_t count) = 0;  // 0: the peer has closed, or is gone
  virtual void has_written(bool is_good) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Handshake, where there is one; then `has_opened`.
  virtual void open(std::shared_ptr<TransportUser> user) = 0;
  virtual void read(std::shared_ptr<TransportUser> user) = 0;
  // Writes what goes without waiting and says how much; nullopt: the peer is gone.
  virtual std::optional<std::size_t> write_now(std::string_view bytes) = 0;
  // Writes all of `bytes`, which stay where they are until `has_written`.
  virtual void write(std::shared_ptr<TransportUser> user, std::string_view bytes) = 0;
  // Says that no more comes from here; what the peer still sends can be read.
  virtual void finish_sending() = 0;
  virtual void close() = 0;
  virtual bool is_encrypted() const = 0;
};

std::unique_ptr<Transport> make_plain_transport(Socket socket);
std::unique_ptr<Transport> make_tls_transport(Socket socket, boost::asio::ssl::context& context);

}  // namespace writ::net
