#include "identity/accounts/refresh_tokens.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/random_bytes.h"
#include "identity/accounts/sessions.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kTokens{"identity_refresh_tokens"};      // digest → row
constexpr store::Table kFamilies{"identity_refresh_families"};  // session → secret, digests
constexpr std::size_t kDigest = 32;
constexpr std::size_t kSessionBytes = 16;
constexpr std::size_t kCode = 16;

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
  return tx.put(kTokens, key, to_row(row));
}

struct Family {
  std::string secret = {};
  std::string digests = {};  // of the last generations, the newest last
};

std::string key_of(SessionId session) { return store::Key().id(session).take(); }

Result<std::optional<Family>> read_family(store::Tx& tx, SessionId session) {
  WRIT_TRY(const auto row, tx.get(kFamilies, key_of(session)));
  if (!row) return std::nullopt;
  WRIT_TRY(const Value value, parse_json(*row));
  Family out;
  WRIT_TRY(out.secret, parse_hex(value.string_or("secret", "")));
  WRIT_TRY(out.digests, parse_hex(value.string_or("digests", "")));
  return out;
}

// The next generation; the oldest goes.
Result<void> add(store::Tx& tx, SessionId session, Family family, const std::string& key) {
  family.digests += key;
  while (family.digests.size() > kMostGenerations * kDigest) {
    WRIT_CHECK(tx.erase(kTokens, family.digests.substr(0, kDigest)));
    family.digests.erase(0, kDigest);
  }
  Object out;
  out.append("secret", hex(family.secret));
  out.append("digests", hex(family.digests));
  return tx.put(kFamilies, key_of(session), to_json(Value(std::move(out))));
}

// What a token consists of, as it was shown.
struct Shown {
  std::string key = {};  // of the proof
  SessionId session = {};
  std::string code = {};
  std::string_view proof = {};
};

std::string code_of(std::string_view proof, std::string_view secret) {
  return std::string(crypto::hmac_sha256(secret, proof).view().substr(0, kCode));
}

SecretToken whole_token(SecretToken proof, SessionId session, std::string_view secret) {
  std::string tail(as_text(session.uuid.bytes));
  tail += code_of(proof.text, secret);
  proof.text += crypto::to_base64url(tail);
  return proof;
}

std::optional<Shown> take_apart(std::string_view text) {
  constexpr std::size_t kTail = (((kSessionBytes + kCode) * 8) + 5) / 6;
  if (text.size() <= kTail) return std::nullopt;
  const std::string_view proof = text.substr(0, text.size() - kTail);
  const auto key = secret_token_key(kRefreshPrefix, proof);
  const auto tail = crypto::parse_base64url(text.substr(proof.size()));
  if (!key || !tail || tail->size() != kSessionBytes + kCode) return std::nullopt;
  Shown out{.key = *key, .code = tail->substr(kSessionBytes), .proof = proof};
  std::ranges::copy_n(as_bytes(*tail).begin(), kSessionBytes, out.session.uuid.bytes.begin());
  return out;
}

SecretToken successor_of(std::string_view token, std::string_view salt, SessionId session,
                         std::string_view secret) {
  return whole_token(secret_token_of(kRefreshPrefix, crypto::hmac_sha256(token, salt).view()),
                     session, secret);
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

Result<Refreshed> rotate(store::Tx& tx, const std::string& key, Row row, Family family,
                         std::string_view token, std::string_view client, std::string_view salt,
                         WallTime now) {
  const SecretToken next = successor_of(token, salt, row.session, family.secret);
  WRIT_CHECK(forget_salt(tx, row.parent));
  row.child = next.key;
  row.salt = salt;
  row.used_by = digest_of(client);
  row.used_at = now;
  WRIT_CHECK(write(tx, key, row));
  WRIT_CHECK(
      write(tx, next.key, {.session = row.session, .expires_at = row.expires_at, .parent = key}));
  WRIT_CHECK(add(tx, row.session, std::move(family), next.key));
  return Refreshed{Refresh::rotated, row.session, next.text, row.expires_at};
}

}  // namespace

FirstRefreshToken make_refresh_token(SessionId session) {
  std::string secret = crypto::random_bytes(kDigest);
  SecretToken token = whole_token(make_secret_token(kRefreshPrefix), session, secret);
  return {std::move(token), std::move(secret)};
}

Result<void> put_refresh_token(store::Tx& tx, const FirstRefreshToken& first, SessionId session,
                               WallTime expires_at) {
  WRIT_CHECK(write(tx, first.token.key, {.session = session, .expires_at = expires_at}));
  return add(tx, session, {.secret = first.secret}, first.token.key);
}

Result<Refreshed> refresh(store::Tx& tx, std::string_view token, std::string_view client,
                          std::string_view salt, WallTime now, const Deed& deed) {
  const auto shown = take_apart(token);
  if (!shown) return Refreshed{};
  WRIT_TRY(const auto session, find_session(tx, shown->session, now));
  WRIT_TRY(auto family, read_family(tx, shown->session));
  if (!session || !family ||
      !crypto::equal_constant_time(shown->code, code_of(shown->proof, family->secret))) {
    return Refreshed{};
  }
  WRIT_TRY(auto row, read(tx, shown->key));
  if (row && now >= row->expires_at) return Refreshed{};
  if (row && row->child.empty()) {
    WRIT_CHECK(note_sighting(tx, row->session, now));
    WRIT_CHECK(deed.tell(tx, "writ.session.refreshed", "session/" + row->session.text()));
    return rotate(tx, shown->key, *std::move(row), *std::move(family), token, client, salt, now);
  }
  bool may_repeat = false;
  if (row) {
    WRIT_TRY(may_repeat, is_repeat(tx, *row, client, now));
  }
  if (may_repeat) {
    return Refreshed{Refresh::repeated, row->session,
                     successor_of(token, row->salt, row->session, family->secret).text,
                     row->expires_at};
  }
  // Used before, perhaps so long ago that its row is gone.
  WRIT_CHECK(end_session(tx, shown->session, "refresh_token_reused", deed));
  return Refreshed{Refresh::reused, shown->session};
}

Result<std::optional<SessionId>> find_refresh_session(store::Tx& tx, std::string_view token) {
  const auto shown = take_apart(token);
  if (!shown) return std::nullopt;
  WRIT_TRY(const auto row, read(tx, shown->key));
  if (!row) return std::nullopt;
  return row->session;
}

Result<void> erase_refresh_tokens(store::Tx& tx, SessionId session) {
  WRIT_TRY(const auto family, read_family(tx, session));
  if (!family) return {};
  for (std::size_t i = 0; i < family->digests.size(); i += kDigest) {
    WRIT_CHECK(tx.erase(kTokens, family->digests.substr(i, kDigest)));
  }
  WRIT_CHECK(tx.erase(kFamilies, key_of(session)));
  return {};
}

std::vector<store::Migration> refresh_migrations() {
  return store::make_tables("identity_refresh_tokens", "refresh tokens by their digests",
                            {kTokens, kFamilies});
}

}  // namespace writ::identity
