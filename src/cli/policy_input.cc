#include "cli/policy_input.h"

#include <istream>
#include <iterator>

#include "base/file.h"
#include "cli/wiring.h"
#include "policy/term/json_file.h"

namespace writ::cli {
namespace {

constexpr std::size_t kLargestInput = std::size_t{1} << 30;

}  // namespace

Result<rego::Term> read_policy_input(const CommandContext& context, rego::Arena& arena) {
  if (context.arguments.has("--stdin-input")) {
    const std::string text{std::istreambuf_iterator<char>(context.wiring.in), {}};
    return rego::parse_json_file(arena, text, "standard input");
  }
  const auto named = context.arguments.value("--input");
  if (!named) return rego::Term();
  WRIT_TRY(const std::string text, read_file(context.path(*named), kLargestInput));
  return rego::parse_json_file(arena, text, *named);
}

}  // namespace writ::cli
