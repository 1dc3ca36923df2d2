#pragma once
// Which account is whose in which directory, and which roles it has from there alone.
//
// All functions belong to the thread of their transaction.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr std::size_t kMaxDirectoryId = 256;

struct DirectoryLink {
  std::string directory = {};  // its name in the settings
  std::string person = {};     // DirectoryPerson::id
  PrincipalId user = {};
  bool made_the_account = false;  // else there was one before, which was taken over

  bool operator==(const DirectoryLink&) const = default;
};

Result<std::optional<DirectoryLink>> find_directory_link(store::Tx& tx, std::string_view directory,
                                                         std::string_view person);
Result<std::optional<DirectoryLink>> find_directory_link(store::Tx& tx, PrincipalId user);
// In order of the people's ids, from behind `after`.
Result<std::vector<DirectoryLink>> list_directory_links(store::Tx& tx, std::string_view directory,
                                                        std::string_view after, std::size_t limit);
// Errors: conflict (the person, or the account, has a link).
Result<void> put_directory_link(store::Tx& tx, const DirectoryLink& link, const Deed& deed);

// Sorted.
Result<std::vector<std::string>> list_directory_roles(store::Tx& tx, PrincipalId user);
Result<void> put_directory_role(store::Tx& tx, PrincipalId user, std::string_view role);
Result<void> erase_directory_role(store::Tx& tx, PrincipalId user, std::string_view role);

// For whoever deletes the account: link and roles.
Result<void> forget_directory_person(store::Tx& tx, PrincipalId user);

std::vector<store::Migration> directory_migrations();

}  // namespace writ::identity
