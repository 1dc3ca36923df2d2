#pragma once
// What the commands of `writ policy` have in common: loading, compiling, and errors in OPA's form.
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/load/load.h"

namespace writ::cli {

struct PolicySetup {
  rego::Loaded loaded;
  std::shared_ptr<const rego::Program> program;  // nullptr: `errors` says why
  rego::PolicyErrors errors;
  // How long it took, under OPA's names: timer_rego_load_files_ns, …
  std::vector<std::pair<std::string, std::int64_t>> timers;
};

// How files and bundles are read: --v0-compatible, --ignore, --verification-key, --skip-verify.
Result<rego::LoadOptions> bundle_load_options(const CommandContext& context);

// Reads what --data, --bundle and PATH name, and compiles it. Errors: those of reading.
// every_rule: observed, and none is left out because the index knows that it cannot hold.
enum class Watched : std::uint8_t { no, observed, every_rule };
Result<PolicySetup> load_policy_setup(const CommandContext& context, Watched watched = Watched::no);

// --format as given, "json" with --json; `fallback` otherwise.
std::string output_format(const CommandContext& context, std::string_view fallback);

// {"errors": […]} on standard output, or their text on standard error.
void print_policy_errors(const CommandContext& context, const rego::PolicyErrors& errors,
                         bool as_json);

}  // namespace writ::cli
