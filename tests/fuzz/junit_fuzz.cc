// Test reports in XML and JSON: read or refused; what is read has cases, and counts add up.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "base/json.h"
#include "evidence/test_report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  const auto report = evidence::parse_test_report(as_text({data, size}), "fuzz");
  if (!report) return 0;
  WRIT_ASSERT(!report->cases.empty());
  const evidence::Draft draft = evidence::tests_evidence("fuzz", *report, {});
  WRIT_ASSERT(to_json(draft.data).size() <= evidence::kMaxDataBytes);
  const auto fact = [&](const char* name) { return draft.facts.at(name).as_integer(); };
  WRIT_ASSERT(fact("tests.passed") + fact("tests.failed") + fact("tests.skipped") ==
              fact("tests.total"));
  return 0;
}
