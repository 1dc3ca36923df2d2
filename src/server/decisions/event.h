#pragma once
// One decision as decision logs tell it: OPA's event, with what ties it to what it was made for.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "net/handler.h"
#include "policy/fabric/session.h"
#include "policy/parse/policy_error.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::server {

// What happened. Everything is borrowed, and must outlive the event that is made of it.
struct DecisionFacts {
  std::string_view id;
  std::string_view path;   // "app/allow"; empty for an ad-hoc query
  std::string_view query;  // its text
  rego::Term input;        // undefined: there was none
  rego::Term result;       // undefined: it is
  const rego::PolicyError* error = nullptr;
  const rego::Snapshot* snapshot = nullptr;  // required
  const net::Request* request = nullptr;     // required: its fields tell what it belongs to
  std::string_view peer;
  std::uint64_t number = 0;  // of the request, in this process
  WallTime when;
  rego::Term metrics;
  rego::Term nd_builtin_cache;  // undefined: not asked for
};

// `headers`: which of the request's are told. `labels`: an object.
rego::Term make_event(rego::Arena& arena, const DecisionFacts& facts, const rego::Term& labels,
                      std::span<const std::string> headers);

// {"rand.intn": {"[\"x\",5]": 0}}: what replaying the decision needs.
rego::Term nd_builtin_cache(rego::Arena& arena, std::span<const rego::NdCall> calls);

// A random UUID (RFC 9562 version 4).
std::string make_decision_id(Random& random);

}  // namespace writ::server
