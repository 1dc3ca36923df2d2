#include "identity/oauth/revocations.h"

#include <chrono>
#include <utility>

#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kRevoked{"identity_tokens_revoked"};  // jti → when it is over

// Clocks of servers differ: longer than any skew that a check allows.
constexpr std::chrono::seconds kSpare{120};

std::string key_of(std::string_view token_id) { return store::Key().text(token_id).take(); }

WallTime over_at(const AccessClaims& claims) {
  const auto since_epoch = claims.expires_at.time_since_epoch() + kSpare;
  return {std::chrono::microseconds(since_epoch).count()};
}

}  // namespace

std::string token_subject(std::string_view token_id) { return "token/" + std::string(token_id); }

Result<bool> revoke_token(store::Tx& tx, const AccessClaims& claims, const Deed& deed) {
  WRIT_TRY(const bool was_revoked, is_token_revoked(tx, claims.token_id));
  if (was_revoked) return false;
  const auto over = static_cast<std::uint64_t>(over_at(claims).micros);
  WRIT_CHECK(tx.put(kRevoked, key_of(claims.token_id), store::Key().number(over).take()));
  WRIT_CHECK(deed.tell(tx, "writ.token.revoked", token_subject(claims.token_id),
                       Object{{"client", claims.client_id}, {"principal", claims.subject}}));
  return true;
}

Result<bool> is_token_revoked(store::Tx& tx, std::string_view token_id) {
  WRIT_TRY(const auto row, tx.get(kRevoked, key_of(token_id)));
  return row.has_value();
}

Result<std::string> sweep_revocations(store::Tx& tx, std::string after, std::size_t limit,
                                      WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kRevoked, {from, {}}, limit));
  for (const store::Row& row : rows) {
    WRIT_TRY(const std::uint64_t over, store::KeyReader(row.value).number());
    if (static_cast<std::int64_t>(over) <= now.micros) WRIT_CHECK(tx.erase(kRevoked, row.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> revocation_migrations() {
  return store::make_tables("identity_tokens_revoked", "access tokens that were taken back",
                            {kRevoked});
}

}  // namespace writ::identity
