// TAP: read or refused, and every case has a name.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/encoding.h"
#include "evidence/test_report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  // The version line leads straight to the TAP reader.
  const std::string text = "TAP version 14\n" + std::string(as_text({data, size}));
  const auto report = evidence::parse_test_report(text, "fuzz");
  if (!report) return 0;
  WRIT_ASSERT(report->format == "tap" && !report->cases.empty());
  for (const evidence::TestCase& test : report->cases) WRIT_ASSERT(!test.name.empty());
  return 0;
}
