#include "identity/accounts/own_keys.h"

#include <utility>

#include "identity/accounts/mail_queue.h"
#include "identity/accounts/sessions.h"

namespace writ::identity {
Result<bool> has_signed_in_recently(store::Tx& tx, const Owner& owner) {
  if (!owner.session) return false;
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto session, find_session(tx, *owner.session, now));
  return session && now.micros - session->authenticated_at.micros <
                        std::chrono::microseconds(kRecentSignIn).count();
}

Result<OwnOutcome> make_own_key(const AccountParts& parts, const Owner& owner, ApiKey& key,
                                std::string_view current_password, const Asker& asker) {
  std::optional<User> proved;
  WRIT_TRY(const bool is_recent,
           parts.store.read([&](store::Tx& tx) { return has_signed_in_recently(tx, owner); }));
  if (!is_recent) {
    WRIT_TRY(auto demand, demand_password(parts, owner, current_password, asker));
    if (demand.refusal) return *std::move(demand.refusal);
    proved = std::move(demand.user);
  }
  Wish notice{.id = parts.new_id<WishId>(), .kind = LetterKind::api_key_made};
  return parts.store.write([&](store::Tx& tx) -> Result<OwnOutcome> {
    WRIT_TRY(const WallTime now, tx.now());
    OwnOutcome out{.outcome = OwnChange::done};
    WRIT_TRY(out.user, require_owner(tx, owner, proved, now));
    key.created_at = now;
    WRIT_CHECK(put_api_key(tx, key, parts.deed("principal:" + owner.id.text(), asker.trace)));
    notice.email = out.user.email;
    WRIT_CHECK(put_wish(tx, notice));
    return out;
  });
}

}  // namespace writ::identity
