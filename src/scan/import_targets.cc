#include "scan/import_targets.h"

#include <algorithm>

namespace writ::scan {
namespace {

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// "a/b" and "../c" → "a/c"; empty when it leads out of the tree.
std::string joined(std::string_view folder, std::string_view relative) {
  std::vector<std::string_view> parts;
  const auto add = [&](std::string_view path) {
    while (!path.empty()) {
      const std::size_t end = std::min(path.find('/'), path.size());
      const std::string_view part = path.substr(0, end);
      path.remove_prefix(std::min(end + 1, path.size()));
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return false;
      } else {
        parts.pop_back();
      }
    }
    return true;
  };
  if (!add(folder) || !add(relative)) return {};
  std::string out;
  for (const std::string_view part : parts) out += (out.empty() ? "" : "/") + std::string(part);
  return out;
}

std::size_t common_length(std::string_view a, std::string_view b) {
  const auto differ = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(differ.in1 - a.begin());
}

std::string with_slashes(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '.', '/');
  return out;
}

}  // namespace

ImportTargets::ImportTargets(std::span<const std::string> paths,
                             std::map<std::string, std::string> go_modules)
    : paths_(paths.begin(), paths.end()), go_modules_(std::move(go_modules)) {
  std::ranges::sort(paths_);
  for (const std::string& path : paths_) reversed_.emplace_back(path.rbegin(), path.rend());
  std::ranges::sort(reversed_);
}

bool ImportTargets::has(std::string_view path) const {
  return !path.empty() && std::ranges::binary_search(paths_, path, std::less<>());
}

// The files whose path is `name` or ends with it, those that share most of the way with `from`.
std::vector<std::string> ImportTargets::by_suffix(std::string_view from,
                                                  std::string_view name) const {
  const std::string end(name.rbegin(), name.rend());
  std::vector<std::string> out;
  std::size_t nearest = 0;
  for (auto at = std::ranges::lower_bound(reversed_, end);
       at != reversed_.end() && at->starts_with(end); ++at) {
    if (at->size() > end.size() && (*at)[end.size()] != '/') continue;
    std::string path(at->rbegin(), at->rend());
    const std::size_t shared = common_length(path, from);
    if (shared < nearest) continue;
    if (shared > nearest) out.clear();
    nearest = shared;
    out.push_back(std::move(path));
  }
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> ImportTargets::of_python(std::string_view from,
                                                  std::string_view name) const {
  const std::size_t dots = std::min(name.find_first_not_of('.'), name.size());
  std::string path = with_slashes(name.substr(dots));
  if (dots > 0) {
    std::string up;
    for (std::size_t i = 1; i < dots; ++i) up += "../";
    path = joined(folder_of(from), up + path);
    for (const std::string& file : {path + ".py", path + "/__init__.py", path + ".pyi"}) {
      if (has(file)) return {file};
    }
    return {};
  }
  for (const std::string& file : {path + ".py", path + "/__init__.py", path + ".pyi"}) {
    if (auto out = by_suffix(from, file); !out.empty()) return out;
  }
  return {};
}

// A package is a folder: the first source in it stands for all.
std::vector<std::string> ImportTargets::of_go(std::string_view name) const {
  for (const auto& [folder, module] : go_modules_) {
    if (module.empty() || !name.starts_with(module)) continue;
    const std::string_view rest = name.substr(module.size());
    if (!rest.empty() && rest.front() != '/') continue;
    std::string inside = joined(folder, rest);
    if (!inside.empty()) inside += '/';
    for (auto at = std::ranges::lower_bound(paths_, inside);
         at != paths_.end() && at->starts_with(inside); ++at) {
      const std::string_view file = std::string_view(*at).substr(inside.size());
      if (file.ends_with(".go") && file.find('/') == file.npos) return {*at};
    }
  }
  return {};
}

std::vector<std::string> ImportTargets::targets_of(std::string_view from,
                                                   const Import& import) const {
  const auto style = import_style(from);
  if (!style) return {};
  if (*style == ImportStyle::go) return of_go(import.name);
  if (*style == ImportStyle::python) {
    std::vector<std::string> out = of_python(from, import.name);
    for (const std::string& part : import.parts) {
      for (std::string& path : of_python(from, part)) out.push_back(std::move(path));
    }
    return out;
  }
  const std::string beside = joined(folder_of(from), import.name);
  if (*style == ImportStyle::include) {
    return has(beside) ? std::vector<std::string>{beside} : by_suffix(from, import.name);
  }
  if (!import.name.starts_with('.')) return {};
  const std::string stem = beside.substr(0, beside.rfind('.'));
  for (const std::string_view end :
       {"", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".svelte", ".vue",
        "/index.ts", "/index.tsx", "/index.js", "/index.mjs"}) {
    if (has(beside + std::string(end))) return {beside + std::string(end)};
  }
  // TypeScript names the file that comes of it: "./tx.js" is tx.ts.
  for (const std::string_view end : {".ts", ".tsx", ".mts", ".cts"}) {
    if (has(stem + std::string(end))) return {stem + std::string(end)};
  }
  return {};
}

std::vector<std::string> ImportTargets::names_of(std::string_view from,
                                                 const Import& import) const {
  std::vector<std::string> out{import.name};
  out.insert(out.end(), import.parts.begin(), import.parts.end());
  if (import_style(from) == ImportStyle::python) {
    const std::size_t plain = out.size();
    for (std::size_t i = 0; i < plain; ++i) out.push_back(with_slashes(out[i]));
  }
  for (std::string& path : targets_of(from, import)) out.push_back(std::move(path));
  return out;
}

}  // namespace writ::scan
