#pragma once
// What `?explain=` asks for: how an answer came about, as OPA tells it: events with the syntax that
// each is about, or, with `pretty`, lines of text. Programs that decide have no steps for that:
// the policies are compiled once more to be watched, and the query is evaluated once more.
#include <optional>
#include <string_view>

#include "net/handler.h"
#include "policy/observe/trace.h"
#include "policy/term/build.h"
#include "server/opa/answers.h"

namespace writ::server {

class OpaService;

// notes, fails, full, and debug, which is full; nothing for any other word.
std::optional<rego::Trace::Detail> wanted_explanation(const Parameters& parameters);

struct Explained {
  std::string_view query;
  rego::Term input;
};

// Of the query against the snapshot that the session of this thread has, within the budget of
// decisions. Blocking: for the pool. Errors: invalid_input (policies that do not compile).
Result<rego::Term> explain(rego::Arena& arena, OpaService& service, const net::Context& context,
                           const Explained& what, const Parameters& parameters);

}  // namespace writ::server
