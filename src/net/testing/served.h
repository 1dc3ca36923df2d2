#pragma once
// A server on a port of its own, for tests.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/server.h"

namespace writ::net::testing {

inline Route route(Method method, std::string pattern, Runs runs, Handler handler) {
  Route out;
  out.method = method;
  out.pattern = std::move(pattern);
  out.handler = std::move(handler);
  out.runs = runs;
  return out;
}

inline Response text_response(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

class Served {
 public:
  explicit Served(std::vector<Route> routes, ServerOptions options = {}) {
    if (options.endpoints.empty()) options.endpoints.push_back({"127.0.0.1:0", false});
    if (options.loops == 0) options.loops = 2;
    auto started = Server::start(std::move(options), std::move(routes));
    EXPECT_TRUE(started) << started.error().text();
    if (started) server_ = std::move(*started);
  }
  Server& server() { return *server_; }
  std::string address() const { return server_->addresses().front(); }
  std::string url(const std::string& path) const { return "http://" + address() + path; }

 private:
  std::unique_ptr<Server> server_;
};

}  // namespace writ::net::testing
