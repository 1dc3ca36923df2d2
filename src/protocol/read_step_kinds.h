#pragma once
// What each kind of step says about its work: fills `with` and a title. `step` is the whole step,
// `what` the value of the key that names the kind.
#include "protocol/reading.h"

namespace writ::protocol {

void read_run(Reading& reading, const Value& step, const Value& what, PlanStep& out);
void read_check(Reading& reading, const Value& step, const Value& what, PlanStep& out);
void read_approval(Reading& reading, const Value& step, const Value& what, PlanStep& out);
void read_external(Reading& reading, const Value& step, const Value& what, PlanStep& out);
void read_wait(Reading& reading, const Value& step, const Value& what, PlanStep& out);
void read_child_spec(Reading& reading, const Value& step, const Value& what, PlanStep& out);

}  // namespace writ::protocol
