#pragma once
// The request object of http.send and providers.aws.sign_req.
#include <optional>
#include <string>

#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

// What is wrong with the names in it: "missing required request parameters(s): {"url"}". Nothing:
// all are known, and method and url are there.
std::optional<std::string> check_http_request(Arena& arena, const Term& request);

// raw_body if there is one, else body as JSON, else nothing.
std::string http_body(const Term& request);

}  // namespace writ::rego
