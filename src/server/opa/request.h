#pragma once
// What requests of OPA's API have in common.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/handler.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::server {

// The segments of a path behind the route's literal part; of "" none. They come decoded one by one,
// so that %2F inside a segment stays data.
Result<std::vector<std::string>> document_path(const net::Request& request, std::string_view below);

// A body that is a document, JSON or (by its Content-Type) YAML. Errors: invalid_input.
Result<rego::Term> parse_document(rego::Arena& arena, const net::Request& request);

}  // namespace writ::server
