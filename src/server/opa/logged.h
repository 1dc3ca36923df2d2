#pragma once
// What answering one request does for the decision log; nothing at all where none is kept.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/handler.h"
#include "policy/parse/policy_error.h"
#include "policy/term/term.h"
#include "server/opa/annexes.h"

namespace writ::server {

class OpaService;

// What was decided, as its event tells it.
struct LoggedDecision {
  std::span<const std::string> path = {};  // of a document
  std::string_view query = {};             // or the text of a query
  rego::Term input = {};
  rego::Term result = {};
  const rego::PolicyError* error = nullptr;
};

class DecisionLogging {
 public:
  // Everything is borrowed.
  DecisionLogging(OpaService& service, const net::Request& request, const net::Context& context);

  // To be asked before deciding: what to answer instead. On a loop, that the decision must be made
  // elsewhere: it may have to wait. On the pool waits for room in the log.
  std::optional<net::Answer> admit() const;
  // Logs the decision, and waits for its event where answers do. What to answer instead, when the
  // decision must not leave without its event.
  std::optional<net::Answer> record(const LoggedDecision& decision, const Timing& timing);

  // The id of the decision that was recorded; empty when none was.
  const std::string& id() const { return id_; }

 private:
  OpaService& service_;
  const net::Request& request_;
  const net::Context& context_;
  std::string id_;
};

}  // namespace writ::server
