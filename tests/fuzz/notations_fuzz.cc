// YAML and JSON as the builtins read them: what is valid can be read, and a value that was read
// stays the same through being written and read again.
#include <string>

#include "base/encoding.h"
#include "budgeted_calls.h"

namespace {

using writ::rego::Term;

void check(std::string_view text, const std::string& family) {
  BudgetedCalls calls;
  const Term is_valid = calls.with(family + ".is_valid", {calls.text(text)}).value;
  const BudgetedCalls::Said read = calls.with(family + ".unmarshal", {calls.text(text)});
  if (!calls.has_budget()) return;
  WRIT_ASSERT(read.error.empty() == is_valid.is_true());
  if (!read.error.empty()) return;
  const Term written = calls.with(family + ".marshal", {read.value}).value;
  const Term again = calls.with(family + ".unmarshal", {written}).value;
  WRIT_ASSERT(!calls.has_budget() || again == read.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  check(text, "yaml");
  check(text, "json");
  return 0;
}
