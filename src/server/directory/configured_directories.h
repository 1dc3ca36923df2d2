#pragma once
// Directories that accounts follow, as `identity.directories` of the settings has them.
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/settings.h"
#include "identity/directory/directory_sync.h"
#include "server/directory/ldap_source.h"

namespace writ::server {

struct ConfiguredDirectory {
  LdapOptions ldap;
  identity::DirectoryRules rules;
};

// Relative names of files are seen from `directory`. Errors: invalid_input, a diagnostic for each
// thing that no schema can say.
Result<std::vector<ConfiguredDirectory>> read_directories(const contract::Settings& settings,
                                                          const std::filesystem::path& directory);

// Whether each could be read now: connects, and shows who asks. Their names. Errors: those of
// read_directories and of LdapSource::look.
Result<std::vector<std::string>> look_at_directories(const contract::Settings& settings,
                                                     const std::filesystem::path& directory,
                                                     const std::stop_token& stop);

}  // namespace writ::server
