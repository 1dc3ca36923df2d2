#include "policy/observe/observer.h"

#include "policy/eval/machine.h"

namespace writ::rego {

Flow Observe::run(Machine& machine, Term* frame) const {
  Observer* const observer = machine.observer();
  if (observer == nullptr) return Flow::next;
  observer->begin(*this);
  const Flow flow = machine.run(next, frame);
  observer->end(*this);
  return flow;
}

}  // namespace writ::rego
