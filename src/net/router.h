#pragma once
// Finds the route of a method and a path. A trie of segments, built once; lookup allocates only
// for decoded parameters.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/handler.h"

namespace writ::net {

class Router {
 public:
  // Errors: invalid_input (a pattern that is none; two routes for one method and path).
  static Result<Router> build(std::vector<Route> routes);
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  struct Match {
    const Route* route = nullptr;         // null: nothing there
    std::vector<std::string> parameters;  // decoded
    std::string allow;                    // "GET, POST": the path exists, for these methods only
  };
  // HEAD falls back to GET. Errors: invalid_input (an escape that cannot be decoded, an empty or
  // dot segment that would mean another path).
  Result<Match> find(Method method, std::string_view path) const;

 private:
  struct Node;
  Router();
  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace writ::net
