#pragma once
// What the two ways of asking for a partial evaluation have in common.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/handler.h"
#include "policy/partial/partial.h"

namespace writ::server {

class OpaService;
class Parameters;

// Errors: invalid_input, naming the member (not an array of strings).
Result<std::vector<std::string>> texts_of(const rego::Term& list, std::string_view name);

// `unknowns` and `options` of a request's body. Errors: invalid_input.
Result<rego::PartialOptions> partial_options(const rego::Term& body, const OpaService& service,
                                             const net::Context& context,
                                             const Parameters& parameters);

// Parsing, compiling and evaluating are three things, and OPA says which of them failed.
net::Response refused_compile(const rego::PolicyErrors& errors);

}  // namespace writ::server
