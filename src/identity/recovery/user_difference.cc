#include "identity/recovery/user_difference.h"

#include <optional>
#include <utility>

#include "identity/principals.h"
#include "identity/recovery/restore.h"

namespace writ::identity {
namespace {

constexpr std::size_t kPage = 256;

void add(RestoreReport& report, const User& user, UserFate fate,
         std::vector<std::string> fields = {}) {
  report.is_cut = report.users.size() >= kMostUserDifferences;
  if (!report.is_cut) {
    report.users.push_back({user.id.text(), user.email, fate, std::move(fields)});
  }
}

// Calls `take` with each user until the report is full.
template <typename Take>
Result<void> each_user(store::Tx& tx, const RestoreReport& report, Take&& take) {
  std::optional<PrincipalId> after;
  for (;;) {
    WRIT_TRY(const auto users, list_users(tx, after, kPage));
    for (const User& user : users) WRIT_CHECK(take(user));
    if (users.size() < kPage || report.is_cut) return {};
    after = users.back().id;
  }
}

}  // namespace

UserChange change_between(const User& here, const User& saved) {
  UserChange out;
  if (here.email != saved.email) out.email = saved.email;
  if (here.password != saved.password) out.password = saved.password;
  if (here.is_active != saved.is_active) {
    out.is_active = saved.is_active;
    out.off_by = saved.off_by;
  }
  if (here.may_have_password != saved.may_have_password) {
    out.may_have_password = saved.may_have_password;
  }
  if (here.is_superuser != saved.is_superuser) out.is_superuser = saved.is_superuser;
  // A new address is unverified unless the change says otherwise.
  if (here.is_verified != saved.is_verified || out.email) out.is_verified = saved.is_verified;
  return out;
}

std::vector<std::string> fields_between(const User& here, const User& saved) {
  std::vector<std::string> out;
  if (here.email != saved.email) out.emplace_back("email");
  if (here.is_active != saved.is_active) out.emplace_back("is_active");
  if (here.is_superuser != saved.is_superuser) out.emplace_back("is_superuser");
  if (here.is_verified != saved.is_verified) out.emplace_back("is_verified");
  if (here.may_have_password != saved.may_have_password) {
    out.emplace_back("may_have_password");
  }
  if (here.password != saved.password) out.emplace_back("password");
  return out;
}

Result<void> compare_users(store::Tx& live, store::Tx& saved, RestoreReport& report) {
  WRIT_CHECK(each_user(saved, report, [&](const User& user) -> Result<void> {
    WRIT_TRY(const bool is_erased, was_erased(live, user.id));
    WRIT_TRY(const auto here, find_user(live, user.id));
    if (is_erased) {
      add(report, user, UserFate::stays_deleted);
    } else if (!here) {
      add(report, user, UserFate::returns);
    } else if (auto fields = fields_between(*here, user); !fields.empty()) {
      add(report, user, UserFate::changes, std::move(fields));
    }
    return {};
  }));
  return each_user(live, report, [&](const User& user) -> Result<void> {
    WRIT_TRY(const auto there, find_user(saved, user.id));
    if (!there) add(report, user, UserFate::goes);
    return {};
  });
}

}  // namespace writ::identity
