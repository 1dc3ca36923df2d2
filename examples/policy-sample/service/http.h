#pragma once
// As much HTTP as the sample needs: a thread for each connection, over Boost.Beast.
#include <functional>
#include <string>
#include <string_view>

namespace documents {

struct Request {
  std::string method;
  std::string path;
  std::string body;
  // A header field's value; empty where there is none.
  std::function<std::string(std::string_view name)> field;
};

struct Response {
  int status = 200;
  std::string body;  // JSON
};

using Handler = std::function<Response(const Request&)>;

// Listens at 127.0.0.1 and prints `listening on http://…`; a port of 0 takes any. `handler` is
// called by many threads. Returns only when it cannot listen, with the reason.
std::string serve(unsigned short port, const Handler& handler);

}  // namespace documents
