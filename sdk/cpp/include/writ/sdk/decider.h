#pragma once
// Asks policies for decisions, wherever they are evaluated: in this process (local.h) or by a
// server of OPA's REST API such as `writ serve` (remote.h). Code that decides takes a `Decider&`
// and does not care which.
//
//   if (const Verdict verdict = decider.allowed("app/authz/allow", input); !verdict) {
//     return forbidden(verdict.why);
//   }
//
// Thread-safe: any number of threads may ask one Decider at the same time.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <writ/sdk/result.h>
#include <writ/sdk/value.h>

namespace writ::sdk {

struct DecideOptions {
  // Until there is an answer: connecting, evaluating, and asking again.
  std::chrono::milliseconds time_limit{2'000};
  // Gives the decision up when it is requested to.
  std::stop_token stop = {};
};

// What a policy says. Undefined, false and an error are three things: no `result`, a result that is
// false, and no Decision at all.
struct Decision {
  std::optional<Value> result;  // nothing: the document is undefined for this input
  // For logs. In process always a UUID of its own; of a server the id in its decision log, empty
  // where it keeps none.
  std::string id;

  bool is_true() const { return result && result->is_true(); }
};

// A decision as a service enforces it: everything but `true` is no.
struct Verdict {
  enum class Reason : std::uint8_t { allowed, denied, undefined, not_boolean, error };
  Reason reason = Reason::error;
  std::string why;          // one sentence for logs; not for the one who was refused
  std::string decision_id;  // empty: there was no decision

  bool is_allowed() const { return reason == Reason::allowed; }
  explicit operator bool() const { return is_allowed(); }
};

class Decider {
 public:
  virtual ~Decider() = default;

  // The document at `path`, "app/authz/allow" for data.app.authz.allow. Blocks; in process it is
  // computing alone that takes time. Errors: all of ErrorCode.
  virtual Result<Decision> decide(std::string_view path, const Value& input,
                                  const DecideOptions& options = {}) const = 0;

  // The same for many inputs; results in their order. In process all come from one revision of
  // policies and data; a server is asked by several connections at once and may change meanwhile.
  // `time_limit` is for each.
  virtual std::vector<Result<Decision>> decide_all(std::string_view path,
                                                   std::span<const Value> inputs,
                                                   const DecideOptions& options = {}) const = 0;

  // Fails closed: undefined, anything but a boolean, and every error are no, and say so.
  Verdict allowed(std::string_view path, const Value& input,
                  const DecideOptions& options = {}) const;
};

// A decision that was made already, or not, as a verdict on what `path` says.
Verdict verdict_of(std::string_view path, const Result<Decision>& decision);

}  // namespace writ::sdk
