#include "cli/settings.h"

#include "base/document.h"
#include "cli/project.h"
#include "cli/wiring.h"
#include "repo/repo.h"

namespace writ::cli {
namespace {

// nullopt: outside a repository, or one without such a file.
Result<std::optional<Document>> load_file(const CommandContext& context) {
  const auto repo = repo::Repo::open(context.global.directory);
  if (!repo && repo.error().code == Code::not_found) return std::nullopt;
  if (!repo) return std::unexpected(repo.error());
  auto file = load_document(ProjectPaths{repo->root()}.settings());
  if (!file && file.error().code == Code::not_found) return std::nullopt;
  if (!file) return std::unexpected(std::move(file).error());
  return std::optional(*std::move(file));
}

}  // namespace

Result<contract::Settings> load_settings(const CommandContext& context,
                                         std::vector<std::string> options) {
  WRIT_TRY(const std::optional<Document> file, load_file(context));
  return contract::Settings::lay("settings", {.file = file ? &*file : nullptr,
                                              .environment = &context.wiring.environment,
                                              .options = std::move(options)});
}

}  // namespace writ::cli
