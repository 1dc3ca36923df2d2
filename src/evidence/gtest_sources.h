#pragma once
// The test-evidence table (LAW-14), read from GoogleTest sources: what each test asserts. A test
// that looks at status flags only, or at nothing, proves no contract and is listed as such.
//
// Read from tokens, without compiling: assertions are the EXPECT_ and ASSERT_ macros, rapidcheck's
// RC_ASSERT, and calls of functions among the same sources that hold some (helpers). What looks
// only at a flag is defined in docs/formats/test-evidence.md.
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/record.h"

namespace writ::evidence {

struct TestSource {
  std::string path;
  std::string text;
};

struct Assertion {
  std::string kind;                 // "EXPECT_EQ"; "check_same" for a helper
  std::string text;                 // its arguments as written, at most 200 bytes
  std::vector<std::string> fields;  // members and keys it looks at, sorted
  std::uint32_t line = 0;
  bool is_status_only = false;
};

struct SourceTest {
  std::string suite;
  std::string name;
  std::string path;
  std::uint32_t line = 0;
  bool is_disabled = false;
  std::vector<Assertion> assertions;

  std::string full_name() const { return suite + "." + name; }
  // The contract it proves, in words: "Book: keeps the price order".
  std::string contract() const;
  std::vector<std::string> fields() const;  // of all assertions, sorted, each once
  bool is_assertion_free() const { return assertions.empty(); }
  bool is_status_only() const;  // has assertions, and each is
};

// In the order of the sources. Never fails: what is no test is passed over. Helpers may stand in
// any of the sources. Linear in their size.
std::vector<SourceTest> read_gtest_sources(std::span<const TestSource> sources);

// Evidence of kind test_evidence: facts test_evidence.total, .status_only, .assertion_free; the
// tests that prove nothing are listed, as many as fit. `table`, where given, is the whole table as
// a blob.
Draft test_evidence(std::string_view name, std::span<const SourceTest> tests,
                    std::span<const store::BlobRef> table = {});

// Criteria that a test proves, by its full name; tests without any have an empty cell.
using ProvedCriteria = std::map<std::string, std::vector<std::string>, std::less<>>;
std::string test_evidence_markdown(std::span<const SourceTest> tests,
                                   const ProvedCriteria& criteria = {});

}  // namespace writ::evidence
