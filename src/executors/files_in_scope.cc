#include "executors/files_in_scope.h"

#include <algorithm>

#include "base/safe_path.h"

namespace writ::executors {

bool matches_any(const std::vector<std::string>& globs, std::string_view path) {
  return std::ranges::any_of(globs,
                             [&](const std::string& glob) { return glob_matches(glob, path); });
}

Result<std::vector<std::string>> files_in_scope(const execution::StepContext& context) {
  const Value* with = context.step.with.find("with");
  const std::string_view scope =
      with != nullptr ? with->string_or("scope", "may_change") : "may_change";
  std::vector<std::string> out;
  if (scope == "changed") {
    WRIT_TRY(const auto changes, context.workspace.changes_since(context.base));
    for (const repo::Change& change : changes) {
      if (change.kind != repo::ChangeKind::removed) out.push_back(change.path);
    }
    return out;
  }
  const protocol::Scope& law = context.plan.scope;
  const bool is_whole_tree = scope == "tree" || !law.is_locked;
  if (!context.tree.files) return fail(Code::internal, "the tree has no list of files");
  for (const repo::TreeFile& file : *context.tree.files) {
    const bool is_wanted = is_whole_tree || matches_any(law.may_change, file.path) ||
                           matches_any(law.allowed_new_files, file.path);
    if (is_wanted) out.push_back(file.path);
  }
  return out;
}

}  // namespace writ::executors
