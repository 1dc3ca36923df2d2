#include "net/transport.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace writ::net {
namespace {

namespace asio = boost::asio;
using Failure = boost::system::error_code;
using User = std::shared_ptr<TransportUser>;

bool would_block(const Failure& ec) {
  return ec == asio::error::would_block || ec == asio::error::try_again;
}

void close_socket(Socket& socket) {
  Failure ignored;  // the peer may have gone already
  socket.shutdown(Socket::shutdown_both, ignored);
  socket.close(ignored);
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {
    Failure ignored;  // of a socket that is broken already; the first read says so
    socket_.non_blocking(true, ignored);
  }

  void open(User user) override { user->has_opened(true); }

  // Waits first and reads then: the read that async_read_some tries at once would mostly be in
  // vain.
  void read(User user) override {
    socket_.async_wait(Socket::wait_read, [this,
                                           user = std::move(user)](const Failure& ec) mutable {
      if (ec) return user->has_read(0);
      const std::span<char> room = user->room();
      Failure failure;
      const std::size_t count = socket_.read_some(asio::buffer(room.data(), room.size()), failure);
      if (would_block(failure)) return read(std::move(user));
      user->has_read(failure ? 0 : count);
    });
  }

  std::optional<std::size_t> write_now(std::string_view bytes) override {
    Failure ec;
    const std::size_t count = socket_.write_some(asio::buffer(bytes), ec);
    if (would_block(ec)) return 0;
    if (ec) return std::nullopt;
    return count;
  }

  void write(User user, std::string_view bytes) override {
    asio::async_write(
        socket_, asio::buffer(bytes),
        [user = std::move(user)](const Failure& ec, std::size_t) { user->has_written(!ec); });
  }

  void finish_sending() override {
    Failure ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void close() override { close_socket(socket_); }
  bool is_encrypted() const override { return false; }

 private:
  Socket socket_;
};

class TlsTransport final : public Transport {
 public:
  // OpenSSL counts the references to a context: a later one does not pull this one away.
  TlsTransport(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  void open(User user) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [user = std::move(user)](const Failure& ec) { user->has_opened(!ec); });
  }

  // Into a buffer of its own: the user's may move while the read is under way.
  void read(User user) override {
    if (!unread_.empty()) {
      asio::post(stream_.get_executor(), [this, user = std::move(user)] { deliver(*user); });
      return;
    }
    stream_.async_read_some(asio::buffer(buffer_),
                            [this, user = std::move(user)](const Failure& ec, std::size_t count) {
                              if (ec) return user->has_read(0);
                              unread_ = {buffer_.data(), count};
                              deliver(*user);
                            });
  }

  std::optional<std::size_t> write_now(std::string_view) override { return 0; }

  void write(User user, std::string_view bytes) override {
    asio::async_write(
        stream_, asio::buffer(bytes),
        [user = std::move(user)](const Failure& ec, std::size_t) { user->has_written(!ec); });
  }

  void finish_sending() override {
    Failure ignored;
    stream_.next_layer().shutdown(Socket::shutdown_send, ignored);
  }
  void close() override { close_socket(stream_.next_layer()); }
  bool is_encrypted() const override { return true; }

 private:
  void deliver(TransportUser& user) {
    const std::span<char> room = user.room();
    const std::size_t count = std::min(room.size(), unread_.size());
    std::copy_n(unread_.begin(), count, room.begin());
    unread_.remove_prefix(count);
    user.has_read(count);
  }

  asio::ssl::stream<Socket> stream_;
  std::array<char, 4096> buffer_;
  std::string_view unread_;  // of buffer_
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(Socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context);
}

}  // namespace writ::net
