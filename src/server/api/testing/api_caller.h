#pragma once
// Asks the routes of an Api without sockets: the request goes to its handler as the server would
// hand it over.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "net/router.h"

namespace writ::server::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Ask {
  net::Method method = net::Method::GET;
  std::string target;  // path and query
  std::string body = {};
  Fields fields = {};
  std::string peer = "127.0.0.1:4711";
  bool is_encrypted = false;
};

class ApiCaller {
 public:
  explicit ApiCaller(std::vector<net::Route> routes) {
    auto router = net::Router::build(std::move(routes));
    EXPECT_TRUE(router) << router.error().text();
    if (router) router_.emplace(*std::move(router));
  }

  net::Response send(const Ask& ask) const {
    auto answer = answer_of(ask);
    if (answer && std::holds_alternative<net::Response>(*answer)) {
      return std::get<net::Response>(*std::move(answer));
    }
    ADD_FAILURE() << "no whole response for " << ask.target;
    return {};
  }
  // What is held while there is more to come.
  std::optional<net::Subscription> subscribe(const Ask& ask) const {
    auto answer = answer_of(ask);
    if (answer && std::holds_alternative<net::Subscription>(*answer)) {
      return std::get<net::Subscription>(*std::move(answer));
    }
    ADD_FAILURE() << "no subscription for " << ask.target;
    return std::nullopt;
  }
  // "200 body"
  std::string said(const Ask& ask) const {
    const net::Response response = send(ask);
    return std::to_string(response.status) + (response.body.empty() ? "" : " " + response.body);
  }

 private:
  std::optional<net::Answer> answer_of(const Ask& ask) const {
    net::Request request;
    request.method = ask.method;
    request.target = ask.target;
    const std::size_t mark = std::min(ask.target.find('?'), ask.target.size());
    request.path = request.target.substr(0, mark);
    if (mark < ask.target.size()) request.query = request.target.substr(mark + 1);
    request.body = ask.body;
    for (const auto& [name, value] : ask.fields) request.fields.add(name, value);
    const auto match = router_->find(request.method, request.path);
    if (!match || match->route == nullptr) {
      ADD_FAILURE() << "no route for " << ask.target;
      return std::nullopt;
    }
    net::Context context;
    context.parameters = match->parameters;
    context.peer = ask.peer;
    context.is_encrypted = ask.is_encrypted;
    context.is_on_pool = true;
    context.deadline = std::chrono::steady_clock::now() + match->route->timeout;
    auto answer = match->route->handler(request, context);
    if (!answer) {
      ADD_FAILURE() << answer.error().text();
      return std::nullopt;
    }
    return *std::move(answer);
  }

  std::optional<net::Router> router_;
};

// A body of JSON, and the field that says so.
inline Ask ask_json(net::Method method, std::string target, std::string body, Fields fields = {}) {
  fields.emplace_back("Content-Type", "application/json");
  return {method, std::move(target), std::move(body), std::move(fields)};
}

}  // namespace writ::server::testing
