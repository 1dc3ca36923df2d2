#pragma once
// `writ policy eval --partial`: what a query comes to while parts of its input are unknown.
#include "cli/command.h"

namespace writ::cli {

Result<int> policy_eval_partially(const CommandContext& context);

}  // namespace writ::cli
