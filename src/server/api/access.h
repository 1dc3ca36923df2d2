#pragma once
// Whether a request may be carried out at all: who asks, how often, with which scopes.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/openapi/operation.h"
#include "identity/caller.h"
#include "net/handler.h"
#include "server/api/doorkeeper.h"
#include "server/api/rate_limits.h"

namespace writ::server {

struct AccessNeeds {
  Doorkeeper* doorkeeper = nullptr;  // borrowed; null: nobody can be known
  RateLimits& rates;
  std::vector<std::string> trusted_proxies;
  std::string resource_metadata;
};

// Thread-safe.
class ApiAccess {
 public:
  explicit ApiAccess(AccessNeeds needs) : needs_(std::move(needs)) {}

  struct Verdict {
    std::optional<identity::Caller> caller;
    std::optional<net::Response> refusal;  // nothing: go on
    Code why = Code::not_permitted;        // of a refusal
  };
  Verdict judge(const contract::DescribedOperation& operation, const net::Request& request,
                const net::Context& context, std::string_view trace) const;
  // Of what is no operation: counted as those that machines ask. Nothing: go on.
  std::optional<net::Response> limit_stranger(const net::Request& request,
                                              const net::Context& context) const;

 private:
  std::optional<net::Response> limit(const contract::DescribedOperation& operation,
                                     std::string_view rate, std::string_view who,
                                     std::string_view trace) const;
  net::Response unknown(const contract::DescribedOperation& operation, const Error& error,
                        bool has_shown, std::string_view trace) const;
  std::optional<net::Response> refuse_caller(const contract::DescribedOperation& operation,
                                             const identity::Caller& caller,
                                             std::string_view trace) const;
  std::string challenge(std::string_view error, std::string_view scope) const;

  AccessNeeds needs_;
};

}  // namespace writ::server
