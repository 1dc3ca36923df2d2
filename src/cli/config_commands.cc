// writ config: what is committed in .writ/config.yaml for everybody, and the settings of a server
// with where each of them comes from.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/document.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "contract/validate_document.h"

namespace writ::cli {
namespace {

Result<Document> load_config(const CommandContext& context) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  WRIT_TRY(Document config, load_document(ProjectPaths{repo.root()}.config()));
  WRIT_CHECK(contract::validate_document("config", config, contract::Values::hidden));
  return config;
}

Value shown(const contract::Setting& setting) {
  if (setting.is_secret) return {setting.origin == contract::Origin::preset ? "" : "[set]"};
  return setting.value;
}

Value settings_value(const contract::Settings& settings) {
  Array out;
  for (const contract::Setting& setting : settings.all()) {
    Object row{{"name", setting.name},
               {"value", shown(setting)},
               {"origin", contract::kOrigins.name(setting.origin)}};
    if (!setting.place.empty()) row.append("place", setting.place);
    row.append("reloadable", setting.is_reloadable);
    out.emplace_back(std::move(row));
  }
  return out;
}

void print_settings(const CommandContext& context, const contract::Settings& settings) {
  const Style style(context.global.has_color);
  std::size_t widest = 0;
  for (const auto& setting : settings.all()) widest = std::max(widest, setting.name.size());
  for (const contract::Setting& setting : settings.all()) {
    const std::string origin(contract::kOrigins.name(setting.origin));
    context.wiring.out << fmt::format(
        "{}  {}  {}\n", pad(setting.name, widest), printable(to_json(shown(setting))),
        style(Tone::dim, "(" + printable(setting.place.empty() ? origin : setting.place) + ")"));
  }
}

}  // namespace

Result<int> config_check(const CommandContext& context) {
  WRIT_TRY(const Document config, load_config(context));
  WRIT_CHECK(load_settings(context, {}));
  report(context, Object{{"file", config.name}, {"valid", true}}, config.name + " is valid\n");
  return 0;
}

Result<int> config_show(const CommandContext& context) {
  WRIT_TRY(const Document config, load_config(context));
  WRIT_TRY(const contract::Settings settings, load_settings(context, {}));
  if (context.global.is_json) {
    Object both = config.root.as_object();
    both.set("settings", settings_value(settings));
    context.wiring.out << to_pretty_json(Value(std::move(both)));
    return 0;
  }
  context.wiring.out << "project  " << printable(config.root.string_or("project", "")) << "\n\n";
  print_settings(context, settings);
  return 0;
}

}  // namespace writ::cli
