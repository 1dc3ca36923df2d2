#pragma once
// The stores that a project's can be changed for, by name. URLs hold passwords: they are handed to
// what opens the store and to nobody else, and messages name the backend.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::project {

class Backends {
 public:
  // `listed`: NAME=URL, or NAME=file:PATH for a file that holds the URL, as the setting
  // `storage.backends` has them. `own`: the URL of the project's own file, which is named `sqlite`;
  // empty: there is none. Errors: invalid_input (no name, one that is there twice).
  static Result<Backends> parse(const std::vector<std::string>& listed, const std::string& own);
  // By the settings in the file (which need not be there) and the environment.
  static Result<Backends> load(const std::filesystem::path& settings,
                               const std::map<std::string, std::string>& environment,
                               const std::string& own);

  // Sorted.
  std::vector<std::string> names() const;
  // Errors: not_found naming those there are; those of reading the file.
  Result<std::string> url(std::string_view name) const;
  // Empty: none of them.
  std::string name_of(std::string_view url) const;

 private:
  std::map<std::string, std::string, std::less<>> places_;
};

}  // namespace writ::project
