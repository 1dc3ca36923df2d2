#pragma once
// What went wrong, in the shape that an operation's `x-errors` names: problems (RFC 9457), the
// `detail` of the identity paths, OAuth's `error`.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "contract/openapi/operation.h"
#include "contract/schema.h"
#include "net/http.h"

namespace writ::server {

// One way in which a request breaks the contract.
struct Fault {
  std::string_view where;  // "body", "path", "query", "header"
  std::string pointer;     // into the body, or into the object of the parameters
  std::string type;        // as pydantic calls it: "missing", "string_too_short"
  std::string message;
  std::string remedy;
  Value input;  // what was sent; null where it may be a secret, or is large
};

// From one violation of a body's schema, or of the parameters'. Values of members whose names speak
// of secrets are not repeated, neither in `input` nor in the message.
Fault to_fault(std::string_view where, const contract::Violation& violation, const Value& root);

// Whether a member of that name may hold what nobody else should see.
bool is_secret_name(std::string_view name);

// `trace` becomes the problem's `incident` and X-Trace-Id. `status`: where HTTP has a more exact
// one than the error's code; 0: the code's.
net::Response render_error(contract::ErrorShape shape, const Error& error, std::string_view trace,
                           int status = 0);
// 400 and `invalid_input`; 422 of `detail`; 400 and `invalid_request` of OAuth.
net::Response render_faults(contract::ErrorShape shape, const std::vector<Fault>& faults,
                            std::string_view trace);

// 415; `taken`: the media types that there might have been.
net::Response unsupported_media(contract::ErrorShape shape, std::string_view taken,
                                std::string_view trace);

}  // namespace writ::server
