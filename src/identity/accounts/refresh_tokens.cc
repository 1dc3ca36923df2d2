#include "identity/accounts/refresh_tokens.h"

#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "identity/accounts/sessions.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kTokens{"identity_refresh_tokens"};      // digest → row
constexpr store::Table kFamilies{"identity_refresh_families"};  // session, digest
constexpr std::size_t kPage = 256;

struct Row {
  SessionId session = {};
  WallTime expires_at = {};
  std::string parent = {};   // key of the token that it came from
  std::string child = {};    // key of the token that it brought; empty: still good
  std::string salt = {};     // of the child; forgotten when the child is used
  std::string used_by = {};  // digest of the client
  WallTime used_at = {};
};

std::string hex(std::string_view bytes) { return to_hex(as_bytes(bytes)); }

std::string to_row(const Row& row) {
  Object out;
  out.append("session", row.session.text());
  out.append("expires", row.expires_at.micros);
  out.append("parent", hex(row.parent));
  out.append("child", hex(row.child));
  out.append("salt", hex(row.salt));
  out.append("used_by", hex(row.used_by));
  out.append("used", row.used_at.micros);
  return to_json(Value(std::move(out)));
}

Result<Row> from_row(std::string_view text) {
  WRIT_TRY(const Value value, parse_json(text));
  Row out;
  WRIT_TRY(out.session, SessionId::parse(value.string_or("session", "")));
  out.expires_at.micros = value.integer_or("expires", 0);
  WRIT_TRY(out.parent, parse_hex(value.string_or("parent", "")));
  WRIT_TRY(out.child, parse_hex(value.string_or("child", "")));
  WRIT_TRY(out.salt, parse_hex(value.string_or("salt", "")));
  WRIT_TRY(out.used_by, parse_hex(value.string_or("used_by", "")));
  out.used_at.micros = value.integer_or("used", 0);
  return out;
}

Result<std::optional<Row>> read(store::Tx& tx, const std::string& key) {
  WRIT_TRY(const auto row, tx.get(kTokens, key));
  if (!row) return std::nullopt;
  WRIT_TRY(Row out, from_row(*row));
  return out;
}

Result<void> write(store::Tx& tx, const std::string& key, const Row& row) {
  WRIT_CHECK(tx.put(kFamilies, store::Key().id(row.session).text(key).take(), ""));
  return tx.put(kTokens, key, to_row(row));
}

SecretToken successor_of(std::string_view token, std::string_view salt) {
  return secret_token_of(kRefreshPrefix, crypto::hmac_sha256(token, salt).view());
}

std::string digest_of(std::string_view client) {
  return std::string(crypto::sha256(client).view());
}

// Whether the client that used the token may have its answer again.
Result<bool> is_repeat(store::Tx& tx, const Row& row, std::string_view client, WallTime now) {
  if (row.salt.empty() || row.used_by != digest_of(client)) return false;
  if (now.micros - row.used_at.micros > std::chrono::microseconds(kRefreshGrace).count()) {
    return false;
  }
  WRIT_TRY(const auto child, read(tx, row.child));
  return child && child->child.empty();
}

// The successor works: the client has it, and nobody needs to make it again.
Result<void> forget_salt(store::Tx& tx, const std::string& parent) {
  if (parent.empty()) return {};
  WRIT_TRY(auto row, read(tx, parent));
  if (!row) return {};
  row->salt.clear();
  return write(tx, parent, *row);
}

Result<Refreshed> rotate(store::Tx& tx, const std::string& key, Row row, std::string_view token,
                         std::string_view client, std::string_view salt, WallTime now) {
  const SecretToken next = successor_of(token, salt);
  WRIT_CHECK(forget_salt(tx, row.parent));
  row.child = next.key;
  row.salt = salt;
  row.used_by = digest_of(client);
  row.used_at = now;
  WRIT_CHECK(write(tx, key, row));
  WRIT_CHECK(
      write(tx, next.key, {.session = row.session, .expires_at = row.expires_at, .parent = key}));
  return Refreshed{Refresh::rotated, row.session, next.text, row.expires_at};
}

}  // namespace

Result<void> put_refresh_token(store::Tx& tx, const SecretToken& token, SessionId session,
                               WallTime expires_at) {
  return write(tx, token.key, {.session = session, .expires_at = expires_at});
}

Result<Refreshed> refresh(store::Tx& tx, std::string_view token, std::string_view client,
                          std::string_view salt, WallTime now, const Deed& deed) {
  const auto key = secret_token_key(kRefreshPrefix, token);
  if (!key) return Refreshed{};
  WRIT_TRY(auto row, read(tx, *key));
  if (!row || now >= row->expires_at) return Refreshed{};
  WRIT_TRY(const auto session, find_session(tx, row->session, now));
  if (!session) return Refreshed{};
  if (row->child.empty()) {
    WRIT_CHECK(note_sighting(tx, row->session, now));
    WRIT_CHECK(deed.tell(tx, "writ.session.refreshed", "session/" + row->session.text()));
    return rotate(tx, *key, *std::move(row), token, client, salt, now);
  }
  WRIT_TRY(const bool may_repeat, is_repeat(tx, *row, client, now));
  if (may_repeat) {
    return Refreshed{Refresh::repeated, row->session, successor_of(token, row->salt).text,
                     row->expires_at};
  }
  WRIT_CHECK(end_session(tx, row->session, "refresh_token_reused", deed));
  return Refreshed{Refresh::reused, row->session};
}

Result<void> erase_refresh_tokens(store::Tx& tx, SessionId session) {
  const store::KeyRange family = store::Key().id(session).under();
  for (;;) {
    WRIT_TRY(const auto rows, tx.scan(kFamilies, family, kPage));
    for (const store::Row& row : rows) {
      store::KeyReader reader(row.key);
      WRIT_CHECK(reader.uuid());
      WRIT_TRY(const std::string key, reader.text());
      WRIT_CHECK(tx.erase(kTokens, key));
      WRIT_CHECK(tx.erase(kFamilies, row.key));
    }
    if (rows.size() < kPage) return {};
  }
}

std::vector<store::Migration> refresh_migrations() {
  return store::make_tables("identity_refresh_tokens", "refresh tokens by their digests",
                            {kTokens, kFamilies});
}

}  // namespace writ::identity
