#include "cli/command.h"

namespace writ::cli {

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto at = values_.find(option);
  return at == values_.end() ? std::vector<std::string>() : at->second;
}

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto at = values_.find(option);
  if (at == values_.end() || at->second.empty()) return std::nullopt;
  return at->second.front();
}

std::string Arguments::positional(std::string_view name) const { return value(name).value_or(""); }

std::vector<std::string> Arguments::positionals(std::string_view name) const {
  return values(name);
}

}  // namespace writ::cli
