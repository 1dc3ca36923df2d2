#pragma once
// A bundle's `.manifest`: what it calls itself and which part of `data` it owns.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

struct Manifest {
  std::string revision;
  // Paths below `data` that the bundle owns, without slashes around; {""}: everything.
  std::vector<std::string> roots{""};
  int rego_version = 1;
  std::map<std::string, int> file_rego_versions;  // by path or pattern, without a leading slash
  std::string metadata;                           // JSON text of the object; empty: none
};

// Members that are not known are accepted: other tools keep theirs there.
// Errors: invalid_input (no JSON, a member of another type, roots that overlap).
Result<Manifest> parse_manifest(std::string_view text);
// Compact JSON, as written into bundles and as signatures take it.
std::string to_json(const Manifest& manifest);

// Whether one of them is a prefix of the other, by whole segments: "a" and "a/b".
bool roots_overlap(std::string_view a, std::string_view b);
// Whether `path` ("a/b") lies at or below a root.
bool is_owned(const std::vector<std::string>& roots, std::string_view path);

}  // namespace writ::rego
