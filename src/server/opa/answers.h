#pragma once
// Bodies as OPA writes them: answers compact with a newline (`?pretty`: indented), errors always
// indented, HTML characters in strings escaped.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/handler.h"
#include "policy/parse/policy_error.h"
#include "policy/term/build.h"
#include "policy/term/term.h"

namespace writ::server {

// The pairs of a request's query.
class Parameters {
 public:
  static Result<Parameters> of(const net::Request& request);
  bool is_empty() const { return pairs_.empty(); }
  // The last of that name; nullptr when there is none.
  const std::string* find(std::string_view name) const;
  // Present without a value, or with one that Go takes for true.
  bool is_set(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// {"code": …, "message": …, "location": …}; borrows from `error`.
rego::Term policy_error(rego::Arena& arena, const rego::PolicyError& error);

net::Response json_answer(int status, const rego::Term& body, const Parameters& parameters);
net::Response empty_answer(int status);

// {"code": …, "message": …, "errors": […]}
net::Response opa_error(int status, std::string_view code, std::string_view message,
                        const std::vector<rego::PolicyError>& errors = {});
// The same for an error of Writ's: not_found and conflict as OPA says them, policies that do not
// compile with their positions.
net::Response opa_error(const Error& error);

}  // namespace writ::server
