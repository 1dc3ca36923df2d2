#include "http.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <iostream>
#include <thread>
#include <utility>

namespace documents {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

constexpr std::size_t kLargestBody = std::size_t{1} << 20;

http::response<http::string_body> answer(const http::request<http::string_body>& message,
                                         const Handler& handler) {
  const Request request{.method = std::string(message.method_string()),
                        .path = std::string(message.target()),
                        .body = message.body(),
                        .field = [&](std::string_view name) {
                          return std::string(message[beast::string_view(name.data(), name.size())]);
                        }};
  Response said = handler(request);
  http::response<http::string_body> out{http::int_to_status(static_cast<unsigned>(said.status)),
                                        message.version()};
  out.set(http::field::content_type, "application/json");
  out.keep_alive(message.keep_alive());
  out.body() = std::move(said.body) + "\n";
  out.prepare_payload();
  return out;
}

void converse(tcp::socket socket, const Handler& handler) {
  beast::flat_buffer buffer;
  beast::error_code error;
  for (bool goes_on = true; goes_on;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kLargestBody);
    http::read(socket, buffer, parser, error);
    if (error) return;
    auto response = answer(parser.get(), handler);
    goes_on = response.keep_alive();
    http::write(socket, response, error);
    if (error) return;
  }
}

}  // namespace

std::string serve(unsigned short port, const Handler& handler) try {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), port});
  std::cout << "listening on http://127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;
  for (;;) {
    beast::error_code error;
    tcp::socket socket = acceptor.accept(error);
    if (error) return error.message();
    std::thread(&converse, std::move(socket), std::cref(handler)).detach();
  }
} catch (const boost::system::system_error& error) {
  return error.code().message();
}

}  // namespace documents
