#include "identity/accounts/one_time_tokens.h"

#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kTokens{"identity_one_time_tokens"};       // digest → row
constexpr store::Table kTokensOf{"identity_one_time_tokens_of"};  // user, use → digest

struct Row {
  OneTimeUse use = OneTimeUse::verify;
  PrincipalId user = {};
  std::uint64_t stamp = 0;
  WallTime made_at = {};
  WallTime expires_at = {};
};

std::string prefix_of(OneTimeUse use) {
  return "writ_" + std::string(kOneTimeUses.name(use)) + "_";
}

std::string key_of(PrincipalId user, OneTimeUse use) {
  return store::Key().id(user).text(kOneTimeUses.name(use)).take();
}

std::string to_row(const Row& row) {
  Object out;
  out.append("use", kOneTimeUses.name(row.use));
  out.append("user", row.user.text());
  out.append("stamp", row.stamp);
  out.append("made", row.made_at.micros);
  out.append("expires", row.expires_at.micros);
  return to_json(Value(std::move(out)));
}

Result<Row> from_row(std::string_view text) {
  WRIT_TRY(const Value value, parse_json(text));
  const auto use = kOneTimeUses.parse(value.string_or("use", ""));
  if (!use) return fail(Code::tampered, "a one-time token has no use");
  Row out;
  out.use = *use;
  WRIT_TRY(out.user, PrincipalId::parse(value.string_or("user", "")));
  out.stamp = static_cast<std::uint64_t>(value.integer_or("stamp", 0));
  out.made_at.micros = value.integer_or("made", 0);
  out.expires_at.micros = value.integer_or("expires", 0);
  return out;
}

Result<void> erase_former(store::Tx& tx, PrincipalId user, OneTimeUse use) {
  const std::string at = key_of(user, use);
  WRIT_TRY(const auto former, tx.get(kTokensOf, at));
  if (!former) return {};
  WRIT_CHECK(tx.erase(kTokens, *former));
  WRIT_CHECK(tx.erase(kTokensOf, at));
  return {};
}

}  // namespace

std::chrono::seconds lifetime_of(OneTimeUse use) {
  switch (use) {
    case OneTimeUse::verify:
    case OneTimeUse::reset:
      return std::chrono::hours(1);
    case OneTimeUse::magic_link:
      return std::chrono::minutes(10);
    case OneTimeUse::second_factor:
      return std::chrono::minutes(5);
  }
  return std::chrono::seconds(0);
}

SecretToken make_one_time_token(OneTimeUse use) { return make_secret_token(prefix_of(use)); }

Result<void> put_one_time_token(store::Tx& tx, OneTimeUse use, const SecretToken& token,
                                const User& user, WallTime now) {
  WRIT_CHECK(erase_former(tx, user.id, use));
  const auto lifetime = std::chrono::microseconds(lifetime_of(use)).count();
  const Row row{.use = use,
                .user = user.id,
                .stamp = user.stamp,
                .made_at = now,
                .expires_at = WallTime{now.micros + lifetime}};
  WRIT_CHECK(tx.put(kTokensOf, key_of(user.id, use), token.key));
  return tx.put(kTokens, token.key, to_row(row));
}

Result<std::optional<WallTime>> one_time_token_since(store::Tx& tx, OneTimeUse use,
                                                     PrincipalId user, WallTime now) {
  WRIT_TRY(const auto key, tx.get(kTokensOf, key_of(user, use)));
  if (!key) return std::nullopt;
  WRIT_TRY(const auto text, tx.get(kTokens, *key));
  if (!text) return std::nullopt;
  WRIT_TRY(const Row row, from_row(*text));
  if (now >= row.expires_at) return std::nullopt;
  return row.made_at;
}

Result<std::optional<User>> find_one_time_token(store::Tx& tx, OneTimeUse use,
                                                std::string_view token, WallTime now) {
  const auto key = secret_token_key(prefix_of(use), token);
  if (!key) return std::nullopt;
  WRIT_TRY(const auto text, tx.get(kTokens, *key));
  if (!text) return std::nullopt;
  WRIT_TRY(const Row row, from_row(*text));
  if (row.use != use || now >= row.expires_at) return std::nullopt;
  WRIT_TRY(auto user, find_user(tx, row.user));
  if (!user || !user->is_active || user->stamp != row.stamp) return std::nullopt;
  return user;
}

Result<std::optional<User>> spend_one_time_token(store::Tx& tx, OneTimeUse use,
                                                 std::string_view token, WallTime now) {
  WRIT_TRY(auto user, find_one_time_token(tx, use, token, now));
  if (user) WRIT_CHECK(erase_former(tx, user->id, use));
  return user;
}

Result<void> erase_one_time_tokens(store::Tx& tx, PrincipalId user) {
  for (std::size_t i = 0; i < kOneTimeUses.names.size(); ++i) {
    WRIT_CHECK(erase_former(tx, user, static_cast<OneTimeUse>(i)));
  }
  return {};
}

Result<std::string> sweep_one_time_tokens(store::Tx& tx, std::string after, std::size_t limit,
                                          WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kTokens, {from, {}}, limit));
  for (const store::Row& one : rows) {
    WRIT_TRY(const Row row, from_row(one.value));
    if (now < row.expires_at) continue;
    WRIT_CHECK(tx.erase(kTokens, one.key));
    const std::string at = key_of(row.user, row.use);
    WRIT_TRY(const auto newest, tx.get(kTokensOf, at));
    if (newest == one.key) WRIT_CHECK(tx.erase(kTokensOf, at));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> one_time_migrations() {
  return store::make_tables("identity_one_time_tokens", "tokens that work once, by their digests",
                            {kTokens, kTokensOf});
}

}  // namespace writ::identity
