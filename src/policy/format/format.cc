#include "policy/format/format.h"

#include "policy/format/same_syntax.h"
#include "policy/format/writer.h"

namespace writ::rego {

std::expected<std::string, PolicyErrors> format_module(std::string_view file, std::string_view text,
                                                       const ParseOptions& options) {
  auto module = parse_module(file, text, options);
  if (!module) return std::unexpected(std::move(module).error());
  std::string out = Writer(*module).write_module();
  const auto again = parse_module(file, out, options);
  if (again && is_same_syntax(*module, *again)) return out;
  return std::unexpected(PolicyErrors{{std::string(kFormatError),
                                       "the module cannot be laid out without a change of meaning",
                                       std::string(file),
                                       {},
                                       {}}});
}

}  // namespace writ::rego
