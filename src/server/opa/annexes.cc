#include "server/opa/annexes.h"

#include <string>
#include <utility>

#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::Member;
using rego::Term;

Term provenance_of(Arena& arena, const std::string& version, const rego::Snapshot& snapshot) {
  std::vector<Member> bundles;
  for (const auto& [name, bundle] : snapshot.bundles) {
    const Term revision = borrow_string(bundle.manifest.revision);
    bundles.push_back(
        {borrow_string(name), make_object(arena, {{borrow_string("revision"), revision}})});
  }
  // Fields of OPA's build that Writ's does not record stay empty: clients read them by name.
  std::vector<Member> members{{borrow_string("version"), borrow_string(version)},
                              {borrow_string("build_commit"), borrow_string("")},
                              {borrow_string("build_timestamp"), borrow_string("")},
                              {borrow_string("build_hostname"), borrow_string("")}};
  if (!bundles.empty()) {
    members.push_back({borrow_string("bundles"), make_object(arena, std::move(bundles))});
  }
  return make_object(arena, std::move(members));
}

}  // namespace

Term metrics_of(Arena& arena, const rego::DecisionCost& cost, const Timing& timing) {
  const auto nanoseconds = [](std::chrono::nanoseconds time) {
    return Term::integer(time.count());
  };
  const bool was_known = cost.compile.count() == 0;
  std::vector<Member> members{
      {borrow_string("counter_server_query_cache_hit"), Term::integer(was_known ? 1 : 0)},
      {borrow_string("timer_rego_input_parse_ns"), nanoseconds(timing.parse)},
      {borrow_string("timer_rego_query_eval_ns"), nanoseconds(cost.evaluate)},
      {borrow_string("timer_server_handler_ns"),
       nanoseconds(std::chrono::steady_clock::now() - timing.began)}};
  if (!was_known) {
    members.push_back({borrow_string("timer_rego_query_compile_ns"), nanoseconds(cost.compile)});
  }
  return make_object(arena, std::move(members));
}

void add_annexes(Arena& arena, std::vector<Member>& members, const OpaService& service,
                 const rego::Session& session, const Timing& timing, const Parameters& parameters) {
  if (parameters.is_empty()) return;
  if (parameters.is_set("provenance")) {
    members.push_back({borrow_string("provenance"),
                       provenance_of(arena, service.options().version, session.snapshot())});
  }
  if (parameters.is_set("metrics") || parameters.is_set("instrument")) {
    members.push_back({borrow_string("metrics"), metrics_of(arena, session.cost(), timing)});
  }
}

}  // namespace writ::server
