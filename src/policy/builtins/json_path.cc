#include "policy/builtins/json_path.h"

#include <algorithm>

namespace writ::rego {
namespace {

Term decoded_step(Arena& arena, std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const std::string_view rest = step.substr(i);
    const bool is_escape = rest.starts_with("~0") || rest.starts_with("~1");
    out += !is_escape ? step[i] : rest[1] == '1' ? '/' : '~';
    if (is_escape) ++i;
  }
  return make_string(arena, out);
}

}  // namespace

std::optional<Path> parse_path(Arena& arena, const Term& term) {
  if (term.is_array()) return Path(term.items().begin(), term.items().end());
  if (!term.is_string()) return std::nullopt;
  std::string_view text = term.text();
  if (text.empty()) return Path{};
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
  Path path;
  while (true) {
    const std::size_t slash = text.find('/');
    path.push_back(decoded_step(arena, text.substr(0, slash)));
    if (slash == std::string_view::npos) return path;
    text.remove_prefix(slash + 1);
  }
}

void PathTree::add(const Path& path) {
  PathTree* at = this;
  for (const Term& step : path) {
    if (at->ends_here) return;
    at = &at->steps[step];
  }
  if (at == this) return;
  at->ends_here = true;
  at->steps.clear();
}

const PathTree* PathTree::find(const Term& step) const {
  const auto found = steps.find(step);
  return found == steps.end() ? nullptr : &found->second;
}

}  // namespace writ::rego
