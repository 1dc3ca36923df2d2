#pragma once
// How the SDK says that something went wrong. Nothing here throws; the standard library may, where
// memory runs out.
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace writ::sdk {

// What a caller would do something different about.
enum class ErrorCode : std::uint8_t {
  cancelled,      // the caller gave up
  evaluation,     // the policy came to no answer: rules contradict each other, it took too much
  internal,       // a defect, here or in the server
  invalid_input,  // path, input or options; policies that do not load
  not_permitted,  // the server did not accept the credentials
  signature_bad,  // a bundle is not signed as it must be, or a certificate is not trusted
  timed_out,      // the time limit passed
  unavailable,    // nobody answered, or no bundle has been active yet; may be tried again
};
// "timed_out"
std::string_view name_of(ErrorCode code);

// One thing that is wrong with a policy, in OPA's terms.
struct Problem {
  std::string code;  // "rego_parse_error", "eval_conflict_error", …; may be empty
  std::string message;
  std::string file;  // empty: none
  unsigned row = 0;  // from 1; 0: not known
  unsigned column = 0;
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;            // one sentence, no full stop
  std::vector<Problem> problems;  // with policies, where that is what went wrong
  int http_status = 0;            // of the server's answer; 0: there was none

  // "evaluation: … (policy.rego:3: eval_conflict_error: …)": for logs.
  std::string text() const;
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace writ::sdk
