#include "policy/bundle/manifest.h"

#include <algorithm>
#include <utility>

#include "policy/term/build.h"
#include "policy/term/json.h"
#include "policy/term/json_file.h"

namespace writ::rego {
namespace {

std::unexpected<Error> bad(std::string what) {
  return fail(Code::invalid_input, "bundle manifest: " + std::move(what));
}

std::string trimmed(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

Result<int> version_of(const Term& term, std::string_view name) {
  const bool is_known =
      term.is_small_integer() && (term.as_small_integer() == 0 || term.as_small_integer() == 1);
  if (!is_known) return bad(std::string(name) + " must be 0 or 1");
  return static_cast<int>(term.as_small_integer());
}

Result<void> read_roots(const Term& term, Manifest& out) {
  if (!term.is_array()) return bad("roots must be an array");
  out.roots.clear();
  for (const Term& root : term.items()) {
    if (!root.is_string()) return bad("a root must be a string");
    out.roots.push_back(trimmed(root.text()));
  }
  for (std::size_t i = 0; i < out.roots.size(); ++i) {
    for (std::size_t j = i + 1; j < out.roots.size(); ++j) {
      if (!roots_overlap(out.roots[i], out.roots[j])) continue;
      return fail(Code::invalid_input, "manifest has overlapped roots: '" + out.roots[i] +
                                           "' and '" + out.roots[j] + "'");
    }
  }
  return {};
}

Result<void> read_versions(const Term& term, Manifest& out) {
  if (!term.is_object()) return bad("file_rego_versions must be an object");
  for (std::size_t i = 0; i < term.size(); ++i) {
    const Term& path = term.keys()[i];
    WRIT_TRY(const int version, version_of(term.values()[i], "a file's rego version"));
    out.file_rego_versions[trimmed(path.text())] = version;
  }
  return {};
}

}  // namespace

bool roots_overlap(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return a.empty() || (b.starts_with(a) && (b.size() == a.size() || b[a.size()] == '/'));
}

bool is_owned(const std::vector<std::string>& roots, std::string_view path) {
  return std::any_of(roots.begin(), roots.end(), [&](const std::string& root) {
    return root.size() <= path.size() && roots_overlap(root, path);
  });
}

Result<Manifest> parse_manifest(std::string_view text) {
  Arena arena;
  WRIT_TRY(const Term parsed, parse_json_file(arena, text, ".manifest"));
  if (!parsed.is_object()) return bad("it must be an object");
  Manifest out;
  if (const Term* revision = parsed.find("revision")) {
    if (!revision->is_string()) return bad("revision must be a string");
    out.revision = revision->text();
  }
  if (const Term* roots = parsed.find("roots")) WRIT_CHECK(read_roots(*roots, out));
  if (const Term* version = parsed.find("rego_version")) {
    WRIT_TRY(out.rego_version, version_of(*version, "rego_version"));
  }
  if (const Term* versions = parsed.find("file_rego_versions")) {
    WRIT_CHECK(read_versions(*versions, out));
  }
  if (const Term* metadata = parsed.find("metadata")) {
    if (!metadata->is_object()) return bad("metadata must be an object");
    out.metadata = to_json(*metadata);
  }
  return out;
}

std::string to_json(const Manifest& manifest) {
  Arena arena;
  std::vector<Member> members;
  const auto add = [&](std::string_view name, Term value) {
    members.push_back({borrow_string(name), value});
  };
  std::vector<Term> roots;
  for (const std::string& root : manifest.roots) roots.push_back(make_string(arena, root));
  add("revision", make_string(arena, manifest.revision));
  add("roots", make_array(arena, roots));
  add("rego_version", Term::integer(manifest.rego_version));
  if (!manifest.file_rego_versions.empty()) {
    std::vector<Member> versions;
    for (const auto& [path, version] : manifest.file_rego_versions) {
      versions.push_back({make_string(arena, path), Term::integer(version)});
    }
    add("file_rego_versions", make_object(arena, std::move(versions)));
  }
  if (!manifest.metadata.empty()) {
    const auto metadata = parse_json(arena, manifest.metadata);
    WRIT_ASSERT(metadata.has_value());  // parse_manifest wrote it
    add("metadata", *metadata);
  }
  return to_json(make_object(arena, std::move(members)));
}

}  // namespace writ::rego
