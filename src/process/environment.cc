#include "process/command.h"

namespace writ::process {
namespace {

// Sorted; a trailing * takes every name that begins so.
constexpr std::string_view kAllowed[] = {"HOME", "LANG",   "LC_*", "PATH",
                                         "TERM", "TMPDIR", "TZ",   "USER"};

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

}  // namespace

std::map<std::string, std::string> allowed_environment(
    const std::map<std::string, std::string>& inherited, const std::vector<std::string>& extra,
    const std::map<std::string, std::string>& set) {
  std::map<std::string, std::string> environment = set;
  for (const auto& [name, value] : inherited) {
    const std::string_view candidate = name;
    const auto allows = [candidate](std::string_view pattern) {
      return matches(pattern, candidate);
    };
    if (std::any_of(std::begin(kAllowed), std::end(kAllowed), allows) ||
        std::any_of(extra.begin(), extra.end(), allows)) {
      environment.try_emplace(name, value);
    }
  }
  return environment;
}

}  // namespace writ::process
