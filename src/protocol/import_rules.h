#pragma once
// Rules about what sources take in from others (LAW-01): `imports` by name, `architecture` by
// folder. Private to the module.
#include "protocol/reading.h"

namespace writ::protocol {

// Whether a rule of this name is one of them.
bool is_import_rule(std::string_view name);

// `rules.imports` and `rules.architecture`: each rule by its id, whole, its globs normalised; or
// `false`, which takes one of a protocol back.
void read_import_rules(Reading& reading, const Value& rules, Law& law);

// Gives the checks of imports the rules that stand. Reports rules that no step looks at.
void apply_import_rules(Plan& plan, std::vector<Diagnostic>& problems);

// "in src/store/**, never src/cli/** or src/app/**: Only the store knows", as the plan shows it.
std::string import_rule_text(const Value& rule);

}  // namespace writ::protocol
