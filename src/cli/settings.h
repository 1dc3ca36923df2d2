#pragma once
// The settings of a server as a command sees them: .writ/settings.yaml, the environment, and
// --setting.
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "contract/settings.h"

namespace writ::cli {

// `options`: of --settingting. The file is that of the project of --dir, where there is one.
// Errors: those of Settings::lay and of reading the file.
Result<contract::Settings> load_settings(const CommandContext& context,
                                         std::vector<std::string> options);

}  // namespace writ::cli
