#pragma once
// Addenda: parts of the law that hold for some work only, by kind of module, work type or what is
// touched (LAW-01). That they hold, or why they do not, is in the plan. Private to the module.
#include "protocol/reading.h"

namespace writ::protocol {

// Adds to `law` what the addenda of `body` say that hold; their phases and context are read later,
// from law.addenda.
void read_addenda(Reading& reading, const Value& body, const Circumstances& circumstances, Law& law,
                  Plan& plan);

}  // namespace writ::protocol
