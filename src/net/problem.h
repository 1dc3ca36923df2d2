#pragma once
// Errors on the wire: RFC 9457 problem details, one shape out of the one error table.
#include <string>

#include "base/result.h"
#include "net/http.h"

namespace writ::net {

// application/problem+json: {type, title, status, code, detail, retryable, remediation,
// diagnostics?}. Internal errors say nothing of their inside but `incident`. `status`: of HTTP
// itself, where it has a more exact one than the error's code; 0: the code's.
Response to_problem(const Error& error, std::string_view incident = {}, int status = 0);

}  // namespace writ::net
