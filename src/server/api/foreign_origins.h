#pragma once
// Who may read answers in a page of another origin (CORS, the Fetch standard section 3.2):
// operations with `x-origins: clients` are answered to origins that `OriginCheck` knows, by their
// names, never to all, and never with cookies: no answer allows credentials.
//
// Thread-safe.
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/handler.h"

namespace writ::server {

// Whether pages of this origin, as a browser spells it, may read answers. Blocking.
using OriginCheck = std::function<Result<bool>(std::string_view origin)>;

class ForeignOrigins {
 public:
  // An empty check: none may.
  explicit ForeignOrigins(OriginCheck check) : check_(std::move(check)) {}

  // Whether it takes a look at the store to answer: never on the loop.
  static bool are_asked(const net::Request& request);
  // The fields of an answer. What cannot be looked up is not allowed.
  void mark(const net::Request& request, net::Response& response) const;
  // What a browser asks before it sends a request. `methods`: of the path.
  net::Response preflight(const net::Request& request,
                          const std::vector<std::string>& methods) const;

 private:
  bool is_allowed(const net::Request& request) const;

  const OriginCheck check_;
};

}  // namespace writ::server
