#pragma once
// What a backup means for users, by name. Private to recovery.
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/accounts/users.h"
#include "store/store.h"

namespace writ::identity {

struct RestoreReport;

// The members that make `here` what `saved` is. A password is compared as it is kept.
UserChange change_between(const User& here, const User& saved);
// The names of what that changes, as the API has them.
std::vector<std::string> fields_between(const User& here, const User& saved);

// Adds what becomes of users to the report. `live` is still as it was.
Result<void> compare_users(store::Tx& live, store::Tx& saved, RestoreReport& report);

}  // namespace writ::identity
