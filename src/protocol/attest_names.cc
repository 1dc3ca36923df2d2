#include "protocol/attest_names.h"

#include <algorithm>

namespace writ::protocol {
namespace {

constexpr AttestRow kAttest[] = {
    {"acceptance_proved", "acceptance.unproved == 0 and acceptance.proved >= 1",
     "Every acceptance criterion is proved by a passed test"},
    {"approved", "approval.count >= 1", "Somebody else than the runner approved"},
    {"artifacts_complete", "artifacts.missing == 0 and artifacts.present >= 1",
     "Everything that the run is to leave is there, addressed by its content"},
    {"budget_held", "diff.over_budget == 0", "The change is within its budget"},
    {"context_read", "context.missing == 0", "Every required document was read"},
    {"evidence_table_complete",
     "test_evidence.total >= 1 and test_evidence.status_only == 0 and "
     "test_evidence.assertion_free == 0",
     "Every test is in the evidence table, and each asserts contents"},
    {"imports_held", "imports.violations == 0", "No import breaks a rule"},
    {"no_deferrals", "deferral.open == 0", "Nothing is put off"},
    {"no_forbidden_patterns", "scan.violations == 0", "The work holds no forbidden pattern"},
    {"no_new_failures", "baseline.undeclared == 0", "Nothing fails that did not fail before"},
    {"register_complete", "register.missing == 0",
     "The register has the sections that the law asks for"},
    {"scope_held", "diff.outside_scope == 0", "Only what may change was changed"},
    {"steps_complete", "steps.unfinished == 0", "Every step before this one passed"},
    {"tests_pass", "tests.failed == 0 and tests.passed >= 1", "The tests ran and passed"},
    {"tests_prove_contracts",
     "tests.failed == 0 and tests.passed >= 1 and test_evidence.assertion_free == 0",
     "The tests passed, and each asserts something"},
};

}  // namespace

std::span<const AttestRow> attest_table() { return kAttest; }

const AttestRow* find_attest(std::string_view name) {
  const auto at = std::ranges::lower_bound(kAttest, name, {}, &AttestRow::name);
  return at != std::end(kAttest) && at->name == name ? at : nullptr;
}

}  // namespace writ::protocol
