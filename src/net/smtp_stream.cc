#include "net/smtp_stream.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "net/tls_context.h"

namespace writ::net {
namespace {

namespace asio = boost::asio;
using Failure = boost::system::error_code;
using Tcp = asio::ip::tcp;

}  // namespace

class SmtpStream::Impl {
 public:
  Result<void> connect(const std::string& host, std::uint16_t port, Reach reach,
                       const SmtpWait& wait) {
    name_ = host + ":" + std::to_string(port);
    WRIT_TRY(const std::vector<Tcp::endpoint> endpoints, resolve(host, port));
    Result<void> done = fail(Code::unavailable, name_ + " has no address");
    std::size_t left = endpoints.size();
    for (const Tcp::endpoint& endpoint : endpoints) {
      // Each gets its share: one that says nothing does not keep the others from being tried.
      const auto now = std::chrono::steady_clock::now();
      const SmtpWait share{now + (wait.until - now) / static_cast<std::int64_t>(left--), wait.stop};
      if (reach == Reach::loopback_alone && !endpoint.address().is_loopback()) {
        return fail(Code::not_permitted,
                    name_ + " is not this machine, and nothing there is to be sent in the open",
                    "Set mail.smtp.security to `starttls` or `tls`");
      }
      close();
      done = run(share, "connecting to", [&](auto call) {
        socket_.async_connect(endpoint, [call](const Failure& ec) { call(ec, 0); });
      });
      if (done || done.error().code == Code::cancelled) break;
    }
    if (!done) return done;
    Failure ignored;  // only slower without
    socket_.set_option(Tcp::no_delay(true), ignored);
    return {};
  }

  Result<void> secure(const std::string& host, const std::string& ca_file, const SmtpWait& wait) {
    if (!unread_.empty() || socket_.available(ignored_) > 0) {
      close();
      return fail(Code::signature_bad, name_ + " sent more in the open than it was asked for",
                  "Somebody between may have added it: use `mail.smtp.security: tls`");
    }
    WRIT_TRY(context_, make_client_context(ca_file));
    tls_.emplace(socket_, *context_);
    tls_->set_verify_callback(asio::ssl::host_name_verification(host));
    Failure is_name;
    asio::ip::make_address(host, is_name);
    if (is_name) SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());  // RFC 6066: names
    auto done = run(wait, "speaking TLS with", [&](auto call) {
      tls_->async_handshake(asio::ssl::stream_base::client,
                            [call](const Failure& ec) { call(ec, 0); });
    });
    if (!done && SSL_get_verify_result(tls_->native_handle()) != X509_V_OK) {
      return fail(Code::signature_bad, "the certificate of " + name_ + " is not trusted",
                  "Give the authority that signed it as mail.smtp.ca_file");
    }
    return done;
  }

  Result<void> write(std::string_view bytes, const SmtpWait& wait) {
    return run(wait, "writing to", [&](auto call) {
      with_stream([&](auto& stream) { asio::async_write(stream, asio::buffer(bytes), call); });
    });
  }

  Result<SmtpReply> read_reply(const SmtpWait& wait) {
    for (;;) {
      WRIT_TRY(auto parsed, parse_smtp_reply(unread_));
      if (parsed) {
        unread_.erase(0, parsed->size);
        return std::move(parsed->reply);
      }
      std::array<char, 4096> room;
      std::size_t count = 0;
      WRIT_CHECK(run(
          wait, "waiting for",
          [&](auto call) {
            with_stream([&](auto& stream) { stream.async_read_some(asio::buffer(room), call); });
          },
          &count));
      unread_.append(room.data(), count);
    }
  }

  bool is_secure() const { return tls_.has_value(); }

  std::string own_address() const {
    Failure ec;
    const auto address = socket_.local_endpoint(ec).address();
    return address.is_v6() ? "[IPv6:" + address.to_string() + "]" : "[" + address.to_string() + "]";
  }

 private:
  // One asynchronous operation, from `begin` to its end. Time and stop close the socket under it.
  template <typename Begin>
  Result<void> run(const SmtpWait& wait, const char* doing, Begin&& begin,
                   std::size_t* count = nullptr) {
    std::optional<Failure> result;
    begin([&result, count](const Failure& ec, std::size_t size) {
      result = ec;
      if (count != nullptr) *count = size;
    });
    {
      const std::stop_callback on_stop(wait.stop, [this] { asio::post(io_, [this] { close(); }); });
      io_.restart();
      io_.run_until(wait.until);
    }
    const bool is_late = !result;
    if (is_late) close();
    io_.restart();
    io_.run();
    if (result && !*result) return {};  // done, whatever came after it
    if (wait.stop.stop_requested()) {
      return fail(Code::cancelled, "the letter was not sent: stopped");
    }
    const std::string what = std::string(doing) + " the mail server " + name_;
    if (is_late) return fail(Code::timed_out, what + " took too long");
    if (*result) return fail(Code::unavailable, what + ": " + result->message());
    return fail(Code::internal, what + " came to no end");
  }

  template <typename Use>
  void with_stream(Use&& use) {
    if (tls_) {
      use(*tls_);
    } else {
      use(socket_);
    }
  }

  Result<std::vector<Tcp::endpoint>> resolve(const std::string& host, std::uint16_t port) {
    Tcp::resolver resolver(io_);
    Failure ec;
    std::vector<Tcp::endpoint> out;
    for (const auto& entry : resolver.resolve(host, std::to_string(port), ec)) {
      out.push_back(entry.endpoint());
    }
    if (ec)
      return fail(Code::unavailable, "resolving the mail server " + host + ": " + ec.message());
    return out;
  }

  void close() { socket_.close(ignored_); }

  asio::io_context io_{1};
  Tcp::socket socket_{io_};
  std::shared_ptr<asio::ssl::context> context_;  // shared by construction only
  std::optional<asio::ssl::stream<Tcp::socket&>> tls_;
  std::string unread_;
  std::string name_;  // "mail.example.org:587"
  Failure ignored_;
};

SmtpStream::SmtpStream() : impl_(std::make_unique<Impl>()) {}
SmtpStream::~SmtpStream() = default;

Result<void> SmtpStream::connect(const std::string& host, std::uint16_t port, Reach reach,
                                 const SmtpWait& wait) {
  return impl_->connect(host, port, reach, wait);
}
Result<void> SmtpStream::secure(const std::string& host, const std::string& ca_file,
                                const SmtpWait& wait) {
  return impl_->secure(host, ca_file, wait);
}
Result<void> SmtpStream::write(std::string_view bytes, const SmtpWait& wait) {
  return impl_->write(bytes, wait);
}
Result<SmtpReply> SmtpStream::read_reply(const SmtpWait& wait) { return impl_->read_reply(wait); }
bool SmtpStream::is_secure() const { return impl_->is_secure(); }
std::string SmtpStream::own_address() const { return impl_->own_address(); }

}  // namespace writ::net
