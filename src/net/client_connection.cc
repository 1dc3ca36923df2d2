#include "net/client_connection.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "observe/current_span.h"

namespace writ::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Failure = boost::system::error_code;
using PlainStream = beast::basic_stream<asio::generic::stream_protocol>;
using SecureStream = beast::ssl_stream<PlainStream>;
using Endpoint = asio::generic::stream_protocol::endpoint;

std::unexpected<Error> failure(const Url& url, const std::string& doing, const Failure& ec,
                               const std::stop_token& stop) {
  if (stop.stop_requested()) return fail(Code::cancelled, "the call was cancelled");
  const std::string what = doing + " " + url.origin();
  if (ec == beast::error::timeout) return fail(Code::timed_out, what + " took too long");
  return fail(Code::unavailable, what + ": " + ec.message());
}

template <typename Stream>
class StreamConnection final : public ClientConnection {
 public:
  explicit StreamConnection(asio::ssl::context* tls) : stream_(make_stream(tls)) {}

  // Runs one asynchronous operation to its end; stopping closes the socket under it.
  template <typename Begin>
  Failure run(const std::stop_token& stop, Deadline deadline, Begin&& begin) {
    Failure result;
    lowest().expires_at(deadline);
    begin([&result](const Failure& ec, auto&&...) { result = ec; });
    const std::stop_callback on_stop(stop,
                                     [this] { asio::post(io_, [this] { lowest().close(); }); });
    io_.restart();
    io_.run();
    lowest().expires_never();
    return result;
  }

  Result<void> open(const Url& url, Deadline deadline, const std::stop_token& stop) {
    WRIT_TRY(const std::vector<Endpoint> endpoints, resolve(url));
    Failure ec = asio::error::host_not_found;
    for (const Endpoint& endpoint : endpoints) {
      lowest().close();
      ec = run(stop, deadline,
               [&](auto done) { lowest().async_connect(endpoint, std::move(done)); });
      if (!ec) break;
    }
    if (ec) return failure(url, "connecting to", ec, stop);
    if (url.scheme != Url::Scheme::unix_socket) {
      Failure ignored;  // only slower without
      lowest().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    return secure(url, deadline, stop);
  }

  Exchange exchange(const Url& url, const Call& call, Deadline deadline,
                    std::stop_token stop) override {
    auto message = message_of(url, call);
    Exchange out;
    Failure ec = run(stop, deadline,
                     [&](auto done) { http::async_write(stream_, message, std::move(done)); });
    // Even a failed write may have got through in parts, or whole.
    out.was_sent = true;
    http::response_parser<http::string_body> parser;
    parser.body_limit(call.response_limit);
    if (call.method == Method::HEAD) parser.skip(true);
    if (!ec && call.head_timeout.count() > 0) {
      const Deadline sooner =
          std::min(deadline, std::chrono::steady_clock::now() + call.head_timeout);
      ec = run(stop, sooner, [&](auto done) {
        http::async_read_header(stream_, buffer_, parser, std::move(done));
      });
    }
    if (!ec) {
      ec = run(stop, deadline,
               [&](auto done) { http::async_read(stream_, buffer_, parser, std::move(done)); });
    }
    if (ec == http::error::body_limit) {
      out.response = fail(Code::overloaded, "the response of " + url.origin() + " is larger than " +
                                                std::to_string(call.response_limit) + " bytes");
      return out;
    }
    if (ec) {
      // Closed before the first byte of an answer: an idle connection that the server gave up.
      out.was_sent = !(ec == http::error::end_of_stream && !parser.got_some());
      out.response = failure(url, "calling", ec, stop);
      return out;
    }
    out.may_be_reused = parser.keep_alive() && buffer_.size() == 0;
    out.response = response_of(parser.release());
    return out;
  }

 private:
  Stream make_stream(asio::ssl::context* tls) {
    if constexpr (std::is_same_v<Stream, SecureStream>) {
      return SecureStream(PlainStream(io_), *tls);
    } else {
      return PlainStream(io_);
    }
  }

  PlainStream& lowest() {
    if constexpr (std::is_same_v<Stream, SecureStream>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  Result<std::vector<Endpoint>> resolve(const Url& url) {
    std::vector<Endpoint> out;
    if (url.scheme == Url::Scheme::unix_socket) {
      if (url.host.size() >= 108) {
        return fail(Code::invalid_input, "the path of socket " + url.host + " is too long");
      }
      out.emplace_back(asio::local::stream_protocol::endpoint(url.host));
      return out;
    }
    asio::ip::tcp::resolver resolver(io_);
    Failure ec;
    for (const auto& entry : resolver.resolve(url.host, url.port, ec)) {
      out.emplace_back(entry.endpoint());
    }
    if (ec) return fail(Code::unavailable, "resolving " + url.host + ": " + ec.message());
    return out;
  }

  Result<void> secure(const Url& url, Deadline deadline, const std::stop_token& stop) {
    if constexpr (std::is_same_v<Stream, SecureStream>) {
      stream_.set_verify_callback(asio::ssl::host_name_verification(url.host));
      SSL_set_tlsext_host_name(stream_.native_handle(), url.host.c_str());
      const Failure ec = run(stop, deadline, [&](auto done) {
        stream_.async_handshake(asio::ssl::stream_base::client, std::move(done));
      });
      if (SSL_get_verify_result(stream_.native_handle()) != X509_V_OK && ec) {
        return fail(Code::signature_bad,
                    "the certificate of " + url.origin() + " is not trusted: " + ec.message(),
                    "Give the authority that signed it as ca_file");
      }
      if (ec) return failure(url, "speaking TLS with", ec, stop);
    }
    return {};
  }

  static http::request<http::string_body> message_of(const Url& url, const Call& call) {
    http::request<http::string_body> message;
    const std::string_view method = method_name(call.method);
    message.method_string({method.data(), method.size()});
    message.target(url.target);
    message.set(http::field::host, url.host_field());
    message.set(http::field::user_agent, "writ");
    if (const observe::TraceContext* trace = observe::current_trace()) {
      message.set("traceparent", trace->traceparent());
      if (!trace->state.empty()) message.set("tracestate", trace->state);
    }
    for (const auto& [name, value] : call.fields) message.set(name, value);
    message.body() = call.body;
    if (!call.body.empty() || call.method != Method::GET) message.prepare_payload();
    return message;
  }

  static Response response_of(http::response<http::string_body> message) {
    Response response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      const std::string name(field.name_string());
      const std::string value(field.value());
      if (field.name() == http::field::content_type) response.content_type = value;
      response.fields.emplace_back(name, value);
    }
    response.body = std::move(message.body());
    return response;
  }

  asio::io_context io_{1};
  Stream stream_;
  beast::flat_buffer buffer_;
};

template <typename Stream>
Result<std::unique_ptr<ClientConnection>> open_stream(const Url& url,
                                                      ClientConnection::Deadline deadline,
                                                      const std::stop_token& stop,
                                                      asio::ssl::context* tls) {
  auto connection = std::make_unique<StreamConnection<Stream>>(tls);
  WRIT_CHECK(connection->open(url, deadline, stop));
  return std::unique_ptr<ClientConnection>(std::move(connection));
}

}  // namespace

Result<std::unique_ptr<ClientConnection>> connect_to(const Url& url,
                                                     ClientConnection::Deadline deadline,
                                                     std::stop_token stop,
                                                     asio::ssl::context* tls) {
  if (url.scheme == Url::Scheme::https) return open_stream<SecureStream>(url, deadline, stop, tls);
  return open_stream<PlainStream>(url, deadline, stop, nullptr);
}

}  // namespace writ::net
