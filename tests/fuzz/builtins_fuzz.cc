// Any builtin that needs no network: the first line is its name, the second its arguments as a JSON
// array. Whatever they are, it comes to a value, to undefined or to an error with a text; and a
// function of its arguments alone comes to the same a second time.
#include <string>

#include "base/encoding.h"
#include "budgeted_calls.h"
#include "policy/term/json.h"

namespace {

using namespace writ::rego;

bool is_callable(const BuiltinEntry* entry, const Term& args) {
  if (entry == nullptr || entry->is(Trait::network) || !args.is_array()) return false;
  return entry->is(Trait::variadic) || args.size() == entry->arity();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view name = text.substr(0, line);
  BudgetedCalls calls;
  const auto args = parse_json(calls.arena(), text.substr(line + 1));
  const BuiltinEntry* const entry = BuiltinTable::standard().find(name);
  if (!args || !is_callable(entry, *args)) return 0;
  const std::vector<Term> items(args->items().begin(), args->items().end());
  const BudgetedCalls::Said first = calls.with(name, items);
  if (entry->is(Trait::nondeterministic) || entry->is(Trait::internal)) return 0;
  const BudgetedCalls::Said second = calls.with(name, items);
  if (!calls.has_budget()) return 0;
  WRIT_ASSERT(first.error == second.error && first.value == second.value);
  if (first.value.is_defined()) to_json(first.value);
  return 0;
}
