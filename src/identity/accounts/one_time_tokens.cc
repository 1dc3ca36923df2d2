#include "identity/accounts/one_time_tokens.h"

#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kTokens{"identity_one_time_tokens"};  // digest → row
// user, use → digests, the newest last; the nil user, address → those of registrations
constexpr store::Table kTokensOf{"identity_one_time_tokens_of"};
constexpr std::size_t kDigest = 32;

struct Row {
  OneTimeUse use = OneTimeUse::verify;
  PrincipalId user = {};
  std::uint64_t stamp = 0;
  WallTime made_at = {};
  WallTime expires_at = {};
  OneTimeNote note = {};
  std::string password = {};  // of a registration, whose address is note.email
};

std::string prefix_of(OneTimeUse use) {
  return "writ_" + std::string(kOneTimeUses.name(use)) + "_";
}

std::string key_of(PrincipalId user, OneTimeUse use) {
  return store::Key().id(user).text(kOneTimeUses.name(use)).take();
}
std::string key_of(const Row& row) {
  if (!row.user.uuid.is_nil()) return key_of(row.user, row.use);
  return store::Key().id(PrincipalId{}).text(row.note.email).take();
}

Value to_value(const LinkedIdentity& link) {
  return Object{{"id", link.id.text()},
                {"provider", link.provider},
                {"issuer", link.issuer},
                {"subject", link.subject}};
}

std::string to_row(const Row& row) {
  Object out;
  out.append("use", kOneTimeUses.name(row.use));
  out.append("user", row.user.text());
  out.append("stamp", row.stamp);
  out.append("made", row.made_at.micros);
  out.append("expires", row.expires_at.micros);
  out.append("email", row.note.email);
  if (row.note.session) out.append("session", row.note.session->text());
  out.append("method", kSignInMethods.name(row.note.method));
  if (row.note.link) out.append("link", to_value(*row.note.link));
  out.append("password", row.password);
  return to_json(Value(std::move(out)));
}

Result<LinkedIdentity> link_from(const Value& value, PrincipalId user) {
  LinkedIdentity out{.user = user};
  WRIT_TRY(out.id, LinkedIdentityId::parse(value.string_or("id", "")));
  out.provider = value.string_or("provider", "");
  out.issuer = value.string_or("issuer", "");
  out.subject = value.string_or("subject", "");
  return out;
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
  out.note.email = value.string_or("email", "");
  if (const auto session = value.string_or("session", ""); !session.empty()) {
    WRIT_TRY(out.note.session, SessionId::parse(session));
  }
  out.note.method = kSignInMethods.parse(value.string_or("method", "")).value_or(out.note.method);
  if (const Value* const link = value.find("link")) {
    WRIT_TRY(out.note.link, link_from(*link, out.user));
  }
  out.password = value.string_or("password", "");
  return out;
}

WallTime end_of(OneTimeUse use, WallTime now) {
  return {now.micros + std::chrono::microseconds(lifetime_of(use)).count()};
}

// The row of a token that has not expired.
Result<std::optional<Row>> read(store::Tx& tx, OneTimeUse use, std::string_view token,
                                WallTime now) {
  const auto key = secret_token_key(prefix_of(use), token);
  if (!key) return std::nullopt;
  WRIT_TRY(const auto text, tx.get(kTokens, *key));
  if (!text) return std::nullopt;
  WRIT_TRY(Row row, from_row(*text));
  if (row.use != use || now >= row.expires_at) return std::nullopt;
  return row;
}

Result<void> write(store::Tx& tx, const SecretToken& token, const Row& row) {
  const std::string at = key_of(row);
  WRIT_TRY(const auto former, tx.get(kTokensOf, at));
  std::string digests = former.value_or(std::string());
  while (digests.size() >= kMostOneTimeTokens * kDigest) {
    WRIT_CHECK(tx.erase(kTokens, digests.substr(0, kDigest)));
    digests.erase(0, kDigest);
  }
  WRIT_CHECK(tx.put(kTokensOf, at, digests + token.key));
  return tx.put(kTokens, token.key, to_row(row));
}

Result<void> erase_all(store::Tx& tx, const std::string& at) {
  WRIT_TRY(const auto digests, tx.get(kTokensOf, at));
  if (!digests) return {};
  for (std::size_t i = 0; i < digests->size(); i += kDigest) {
    WRIT_CHECK(tx.erase(kTokens, digests->substr(i, kDigest)));
  }
  WRIT_CHECK(tx.erase(kTokensOf, at));
  return {};
}

Result<void> erase_one(store::Tx& tx, const std::string& at, const std::string& digest) {
  WRIT_CHECK(tx.erase(kTokens, digest));
  WRIT_TRY(auto digests, tx.get(kTokensOf, at));
  for (std::size_t i = 0; digests && i < digests->size(); i += kDigest) {
    if (digests->compare(i, kDigest, digest) != 0) continue;
    digests->erase(i, kDigest);
    if (!digests->empty()) return tx.put(kTokensOf, at, *digests);
    WRIT_CHECK(tx.erase(kTokensOf, at));
    break;
  }
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
                                const User& user, WallTime now, const OneTimeNote& note) {
  return write(tx, token,
               {.use = use,
                .user = user.id,
                .stamp = user.stamp,
                .made_at = now,
                .expires_at = end_of(use, now),
                .note = note});
}

Result<std::optional<OneTimeToken>> find_one_time_token(store::Tx& tx, OneTimeUse use,
                                                        std::string_view token, WallTime now) {
  WRIT_TRY(auto row, read(tx, use, token, now));
  if (!row) return std::nullopt;
  WRIT_TRY(auto user, find_user(tx, row->user));
  if (!user || !user->is_active || user->stamp != row->stamp) return std::nullopt;
  return OneTimeToken{*std::move(user), std::move(row->note)};
}

Result<std::optional<OneTimeToken>> spend_one_time_token(store::Tx& tx, OneTimeUse use,
                                                         std::string_view token, WallTime now) {
  WRIT_TRY(auto found, find_one_time_token(tx, use, token, now));
  if (found) WRIT_CHECK(erase_all(tx, key_of(found->user.id, use)));
  return found;
}

Result<void> erase_one_time_tokens(store::Tx& tx, PrincipalId user) {
  for (std::size_t i = 0; i < kOneTimeUses.names.size(); ++i) {
    WRIT_CHECK(erase_all(tx, key_of(user, static_cast<OneTimeUse>(i))));
  }
  return {};
}

Result<void> put_pending_registration(store::Tx& tx, const SecretToken& token,
                                      const PendingRegistration& pending, WallTime now) {
  return write(tx, token,
               {.use = OneTimeUse::verify,
                .made_at = now,
                .expires_at = end_of(OneTimeUse::verify, now),
                .note = {.email = pending.email},
                .password = pending.password});
}

Result<std::optional<PendingRegistration>> spend_pending_registration(store::Tx& tx,
                                                                      std::string_view token,
                                                                      WallTime now) {
  WRIT_TRY(auto row, read(tx, OneTimeUse::verify, token, now));
  if (!row || !row->user.uuid.is_nil()) return std::nullopt;
  WRIT_CHECK(erase_all(tx, key_of(*row)));
  return PendingRegistration{std::move(row->note.email), std::move(row->password)};
}

Result<std::string> sweep_one_time_tokens(store::Tx& tx, std::string after, std::size_t limit,
                                          WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kTokens, {from, {}}, limit));
  for (const store::Row& one : rows) {
    WRIT_TRY(const Row row, from_row(one.value));
    if (now >= row.expires_at) WRIT_CHECK(erase_one(tx, key_of(row), one.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> one_time_migrations() {
  return store::make_tables("identity_one_time_tokens", "tokens that work once, by their digests",
                            {kTokens, kTokensOf});
}

}  // namespace writ::identity
