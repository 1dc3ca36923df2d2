#pragma once
// What a builtin is: one row of a table, and a function from terms to an outcome.
//
//   Outcome count(Call& call) {
//     const Term& of = call.arg(0);
//     if (of.is_collection()) return Term::integer(static_cast<std::int64_t>(of.size()));
//     if (of.is_string()) return Term::integer(code_points(of.text()));
//     return call.wrong_type(0, "one of {array, object, set, string}");
//   }
//   constexpr Builtin kAggregates[] = {
//       {"count", "(collection: any<string, array[any], …>) => (n: number)", &count}, …
//
// The three outcomes are different things: a value, undefined, and an error. An error makes the
// expression undefined unless the query asked for strict builtin errors.
//
// Functions are called by many threads at once, each with its own Call; they keep no state but
// what Call::cached gives them.
#include <any>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "policy/term/arena.h"
#include "policy/term/build.h"
#include "policy/term/term.h"

namespace writ::rego {

class Call;

// What calling a builtin came to. The text of an error stays in the Call.
class Outcome {
 public:
  Outcome(Term value) : value_(value) {}  // an undefined term is the outcome `undefined`
  static Outcome undefined() { return Term(); }

  bool failed() const { return failed_; }
  const Term& value() const { return value_; }

 private:
  friend class Call;
  Outcome() : failed_(true) {}
  Term value_;
  bool failed_ = false;
};

using Function = Outcome (*)(Call& call);

enum class Trait : std::uint16_t {
  none = 0,
  // Depends on more than its arguments. Called once per query and arguments; the first outcome
  // stands for the rest of the query and is written down for replay.
  nondeterministic = 1,
  // May have many results: returns an array of them, each becomes one solution.
  relation = 2,
  // Accepted in v0 modules only.
  deprecated = 4,
  // The compiler makes calls to it, users do not replace it.
  internal = 8,
  // Looks at the kinds of its arguments itself. Else an argument whose type is declared as one
  // kind (string, number, array, …) has that kind when the function is called.
  checks_operands = 16,
  // Leaves the machine: called only if the query's services allow a network.
  network = 32,
  // Any number of arguments of any type.
  variadic = 64,
};
constexpr Trait operator|(Trait a, Trait b) {
  return static_cast<Trait>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
constexpr bool has(Trait all, Trait one) {
  return (static_cast<std::uint16_t>(all) & static_cast<std::uint16_t>(one)) != 0;
}

struct Builtin {
  std::string_view name;
  // In OPA's notation: "(x: number, ys: array[string]) => (z: any<number, set[any]>)". The type
  // checker works with it; names of arguments show in its messages.
  std::string_view signature;
  Function call = nullptr;
  Trait traits = Trait::none;
  std::string_view infix = {};  // "+"
};

// A request of http.send and what came back. Implemented above policy, by whoever has a network.
struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{5000};
  bool follow_redirects = false;
  bool verify_tls = true;
};
struct HttpResponse {
  int status = 0;
  std::string status_text;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
class Network {
 public:
  virtual ~Network() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
  // Addresses of a host name, as text.
  virtual Result<std::vector<std::string>> resolve(std::string_view host) = 0;
};

// The outside, as far as a query may see it. Borrowed by evaluations; thread-safe.
struct Services {
  const Clock* clock = nullptr;    // required
  Random* random = nullptr;        // required
  Network* network = nullptr;      // nullptr: builtins with Trait::network fail
  std::vector<std::string> hosts;  // that may be reached; "*": all
  Term runtime;                    // what opa.runtime answers; undefined: an empty object
};

// Compiled patterns, parsed certificates and the like, kept from one evaluation to the next.
// Belongs to one thread at a time; bounded.
class CallCache {
 public:
  std::any& slot(std::string_view family, std::string_view key);

 private:
  static constexpr std::size_t kMost = 1024;  // then all are forgotten
  std::unordered_map<std::string, std::any> slots_;
};

struct BuiltinError {
  enum class Kind : std::uint8_t { builtin, type, conflict };
  Kind kind = Kind::builtin;
  std::string message;  // with the builtin's name in front
};

// One call: the arguments, and everything else a builtin may use.
class Call {
 public:
  struct Env {
    Arena* arena = nullptr;
    const Services* services = nullptr;
    CallCache* cache = nullptr;
    WallTime now;             // the same throughout a query
    std::int64_t now_ns = 0;  // likewise
    // Whether to stop: cancelled, or out of budget. May be empty.
    std::function<bool()> stopped;
    // Takes what print() prints; nullptr: nobody does.
    const std::function<void(std::string_view)>* print = nullptr;
    // Takes what trace() notes; likewise.
    const std::function<void(std::string_view)>* note = nullptr;
  };

  Call(const Builtin& builtin, std::span<const Term> args, const Env& env)
      : builtin_(builtin), args_(args), env_(env) {}

  std::string_view name() const { return builtin_.name; }
  std::size_t size() const { return args_.size(); }
  const Term& arg(std::size_t i) const { return args_[i]; }
  std::span<const Term> args() const { return args_; }

  // Where results are made.
  Arena& arena() const { return *env_.arena; }
  Term string(std::string_view text) const { return make_string(arena(), text); }

  const Services& services() const { return *env_.services; }
  std::int64_t now_ns() const { return env_.now_ns; }
  void print(std::string_view line) const {
    if (env_.print != nullptr) (*env_.print)(line);
  }
  void note(std::string_view text) const {
    if (env_.note != nullptr) (*env_.note)(text);
  }
  // False when the query is to end: return anything. Ask in every long loop (about once in 1000
  // steps) and before large allocations.
  bool keep_going() const { return !arena().exhausted() && !(env_.stopped && env_.stopped()); }

  // eval_builtin_error "<name>: <message>".
  Outcome error(std::string message);
  // eval_type_error "<name>: operand <i + 1> must be <wanted> but got <kind of the argument>".
  Outcome wrong_type(std::size_t i, std::string_view wanted);
  // eval_type_error "<name>: operand <i + 1> <message>".
  Outcome bad_operand(std::size_t i, std::string_view message);
  // eval_conflict_error "<message>".
  Outcome conflict(std::string message);
  // eval_type_error "<name>: <message>".
  Outcome type_error(std::string message);

  // Argument `i` as int64. Without it the error has been prepared: `return call.failed();`.
  std::optional<std::int64_t> integer(std::size_t i);
  Outcome failed() const { return {}; }
  const BuiltinError& problem() const { return problem_; }

  // A value made once per (T, key) and thread: compiled patterns and the like.
  //   const auto re = call.cached<Pattern>("regex", pattern, [&] { return compile(pattern); });
  template <typename T, typename Make>
  std::shared_ptr<const T> cached(std::string_view family, std::string_view key, Make make) {
    if (env_.cache == nullptr) return make();
    std::any& slot = env_.cache->slot(family, key);
    if (!slot.has_value()) slot = std::shared_ptr<const T>(make());
    return std::any_cast<const std::shared_ptr<const T>&>(slot);
  }

 private:
  const Builtin& builtin_;
  std::span<const Term> args_;
  const Env& env_;
  BuiltinError problem_;
};

// Texts have code points, not bytes, in all of Rego. Bytes that are no UTF-8 count one each.
std::size_t code_points(std::string_view text);

}  // namespace writ::rego
