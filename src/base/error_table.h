#pragma once
// Every error a Writ caller can react to: one row each, in alphabetical order.
//   X(code, HTTP status, exit code, retry, default remediation)
// A code earns a row only if some caller would act differently on it; detail goes into
// Error::message. What a run comes to (blocked, gate shut, waiting) is a value, not an error:
// see execution/outcome.h.
#include <cstdint>
#include <string_view>

#define WRIT_ERROR_TABLE(X)                                                                       \
  X(cancelled, 409, 130, never, "Start it again when you want it")                                \
  X(conflict, 409, 2, again, "Read the resource again and retry with its current version")        \
  X(internal, 500, 1, never, "This is a defect of Writ: please report it with the message")       \
  X(invalid_input, 400, 2, never, "Correct the input at the position shown")                      \
  X(lease_lost, 409, 9, again, "Another process took this step over; look at `writ status`")      \
  X(not_found, 404, 2, never, "Check the name; `writ status` shows the latest run")               \
  X(not_permitted, 403, 8, never, "Use a key whose role in .writ/trust.yaml allows this")         \
  X(overloaded, 429, 9, again, "Wait a moment and retry")                                         \
  X(signature_bad, 403, 7, never, "Sign with a key that is active and trusted")                   \
  X(storage_failed, 507, 9, again, "Free disk space or repair the device, then `writ resume`")    \
  X(tampered, 409, 7, never, "Compare with a backup or another copy: these bytes were changed")   \
  X(timed_out, 504, 9, again, "Raise the timeout or find what hangs")                             \
  X(unauthenticated, 401, 8, never, "Sign in again, or send a token or an API key that is valid") \
  X(unavailable, 503, 9, again, "Retry when the named resource is free or reachable")             \
  X(unsupported, 501, 2, never, "Use one of the forms the message names")                         \
  X(usage, 400, 2, never, "See `writ help`")

namespace writ {

enum class Retry : std::uint8_t { never, again };

enum class Code : std::uint8_t {
#define WRIT_ROW(code, http, exit, retry, remedy) code,
  WRIT_ERROR_TABLE(WRIT_ROW)
#undef WRIT_ROW
};

struct ErrorRow {
  Code code;
  std::string_view name;  // the wire spelling, equal to the enumerator
  int http_status;
  int exit_code;
  Retry retry;
  std::string_view remediation;
};

// The row of `code`. Every code has one.
const ErrorRow& error_row(Code code);

}  // namespace writ
