// writ config: what is committed in .writ/config.yaml for everybody.
#include <ostream>

#include "base/document.h"
#include "base/json.h"
#include "base/yaml.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/wiring.h"
#include "contract/validate_document.h"

namespace writ::cli {
namespace {

Result<Document> load_config(const CommandContext& context) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  WRIT_TRY(Document config, load_document(ProjectPaths{repo.root()}.config()));
  WRIT_CHECK(contract::validate_document("config", config));
  return config;
}

}  // namespace

Result<int> config_check(const CommandContext& context) {
  WRIT_TRY(const Document config, load_config(context));
  report(context, Object{{"file", config.name}, {"valid", true}}, config.name + " is valid\n");
  return 0;
}

Result<int> config_show(const CommandContext& context) {
  WRIT_TRY(const Document config, load_config(context));
  context.wiring.out << (context.global.is_json ? to_pretty_json(config.root)
                                                : to_yaml(config.root));
  return 0;
}

}  // namespace writ::cli
