#include "identity/token/token_keys.h"

#include <algorithm>

#include "base/json.h"
#include "identity/token/token_key_rows.h"

namespace writ::identity {
namespace {

WallTime later(WallTime time, std::chrono::seconds by) {
  return {time.micros + std::chrono::microseconds(by).count()};
}

bool signs_at(const TokenKeyRow& row, WallTime now) {
  return row.signs_from <= now && now < row.signs_until;
}

// Ends the key that has no end yet, when the next one begins.
Result<void> let_retire(store::Tx& tx, TokenKeyRow row, WallTime at, std::chrono::seconds keep) {
  if (row.signs_until != kNever) return {};
  row.signs_until = at;
  row.published_until = later(at, keep);
  return put_token_key(tx, row);
}

// Secrets of keys that sign no more, and keys that nobody needs any more.
Result<void> erase_what_is_over(store::Tx& tx, WallTime now) {
  WRIT_TRY(const std::vector<TokenKeyRow> rows, list_token_keys(tx));
  for (TokenKeyRow row : rows) {
    if (row.published_until <= now) {
      WRIT_CHECK(erase_token_key(tx, row.id));
    } else if (row.signs_until <= now && !row.sealed.empty()) {
      row.sealed.clear();
      WRIT_CHECK(put_token_key(tx, row));
    }
  }
  return {};
}

// Servers that start at once on an empty store make one key.
Result<void> add_first(store::Tx& tx, TokenKeyRow fresh, WallTime now) {
  WRIT_TRY(const std::vector<TokenKeyRow> rows, list_token_keys(tx));
  if (!rows.empty()) return {};
  fresh.signs_from = now;
  return put_token_key(tx, fresh);
}

Result<std::string> add_next(store::Tx& tx, TokenKeyRow fresh, WallTime now,
                             const TokenKeyOptions& options) {
  WRIT_TRY(const std::vector<TokenKeyRow> rows, list_token_keys(tx));
  if (!rows.empty() && rows.back().signs_from > now) return rows.back().id;
  fresh.signs_from = later(now, options.publish_ahead);
  for (const TokenKeyRow& row : rows) {
    WRIT_CHECK(let_retire(tx, row, fresh.signs_from, options.keep));
  }
  WRIT_CHECK(put_token_key(tx, fresh));
  WRIT_CHECK(erase_what_is_over(tx, now));
  return std::move(fresh.id);
}

// After a key was taken back: the newest that is left signs on without an end, or `fresh` does; it
// begins now if nobody signs.
Result<void> sign_without_gap(store::Tx& tx, TokenKeyRow fresh, WallTime now) {
  WRIT_TRY(const std::vector<TokenKeyRow> rows, list_token_keys(tx));
  fresh.signs_from = now;
  TokenKeyRow next = !rows.empty() && rows.back().signs_until > now ? rows.back() : fresh;
  next.signs_until = kNever;
  next.published_until = kNever;
  if (std::ranges::none_of(rows, [&](const TokenKeyRow& row) { return signs_at(row, now); })) {
    next.signs_from = now;
  }
  return put_token_key(tx, next);
}

// What distinguishes one state of the rows from another.
std::string mark_of(const std::vector<TokenKeyRow>& rows) {
  std::string out;
  for (const TokenKeyRow& row : rows) {
    out += row.id + ' ' + std::to_string(row.signs_from.micros) + ' ' +
           std::to_string(row.signs_until.micros) + (row.sealed.empty() ? " -\n" : " +\n");
  }
  return out;
}

using SharedKey = std::shared_ptr<const crypto::JwsKey>;

// The secret of a row: as `known` has it already, or opened; nullptr: erased.
Result<SharedKey> secret_of(const TokenKeyRow& row,
                            const std::vector<crypto::KeyEncryptionKey>& keks,
                            const TokenKeySet* known) {
  if (row.sealed.empty()) return nullptr;
  if (known != nullptr) {
    for (const TokenKeySet::Entry& entry : known->entries()) {
      if (entry.key && entry.public_key.key_id() == row.id) return entry.key;
    }
  }
  WRIT_TRY(crypto::JwsKey key, open_token_key(row, keks));
  return std::make_shared<const crypto::JwsKey>(std::move(key));
}

}  // namespace

TokenKeySet::TokenKeySet(std::vector<Entry> entries, std::uint64_t generation)
    : entries_(std::move(entries)), generation_(generation) {
  std::vector<crypto::Jwk> keys;
  for (const Entry& entry : entries_) keys.push_back(entry.public_key);
  published_ = crypto::JwkSet(std::move(keys));
}

const crypto::JwsKey* TokenKeySet::signing_key(WallTime now) const {
  const crypto::JwsKey* found = nullptr;
  for (const Entry& entry : entries_) {  // oldest first
    if (entry.key == nullptr) continue;
    // A clock that lags behind the others' may find its key erased: then the next one signs.
    if (entry.signs_from <= now || found == nullptr) found = entry.key.get();
  }
  return found;
}

Result<std::unique_ptr<TokenKeys>> TokenKeys::open(
    store::Store& store, const std::vector<crypto::KeyEncryptionKey>& keks, const Clock& clock,
    TokenKeyOptions options) {
  if (keks.empty()) {
    return fail(Code::invalid_input, "no key-encryption key is configured to seal token keys with",
                "Configure one; `openssl rand -base64 32` makes one");
  }
  std::unique_ptr<TokenKeys> keys(new TokenKeys(store, keks, clock, options));
  WRIT_CHECK(keys->load());
  if (!keys->current()->entries().empty()) return keys;
  WRIT_TRY(const TokenKeyRow fresh, make_token_key(options.algorithm, keks.front()));
  const WallTime now = clock.wall();
  WRIT_CHECK(store.write([&](store::Tx& tx) { return add_first(tx, fresh, now); }));
  WRIT_CHECK(keys->load());
  return keys;
}

std::shared_ptr<const TokenKeySet> TokenKeys::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

Result<std::string> TokenKeys::rotate() {
  WRIT_TRY(const TokenKeyRow fresh, make_token_key(options_.algorithm, keks_.front()));
  const WallTime now = clock_.wall();
  WRIT_TRY(std::string id,
           store_.write([&](store::Tx& tx) { return add_next(tx, fresh, now, options_); }));
  WRIT_CHECK(load());
  return id;
}

Result<void> TokenKeys::keep_fresh(std::chrono::seconds age) {
  WRIT_CHECK(load());
  const WallTime now = clock_.wall();
  const std::shared_ptr<const TokenKeySet> known = current();
  const auto& entries = known->entries();
  if (entries.empty() || later(entries.back().signs_from, age) <= now) {
    WRIT_CHECK(rotate());
    return {};
  }
  const bool is_tidy = std::ranges::none_of(entries, [&](const TokenKeySet::Entry& entry) {
    return entry.published_until <= now || (entry.signs_until <= now && entry.key != nullptr);
  });
  if (is_tidy) return {};
  WRIT_CHECK(store_.write([&](store::Tx& tx) { return erase_what_is_over(tx, now); }));
  return load();
}

Result<void> TokenKeys::revoke(std::string_view key_id) {
  WRIT_TRY(const TokenKeyRow fresh, make_token_key(options_.algorithm, keks_.front()));
  const WallTime now = clock_.wall();
  WRIT_CHECK(store_.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const std::vector<TokenKeyRow> rows, list_token_keys(tx));
    if (std::ranges::find(rows, key_id, &TokenKeyRow::id) == rows.end()) {
      return fail(Code::not_found, "no token key has this id", "Look at the published key set");
    }
    WRIT_CHECK(revoke_token_key(tx, std::string(key_id), now));
    return sign_without_gap(tx, fresh, now);
  }));
  return load();
}

Result<std::size_t> TokenKeys::reseal() {
  return store_.write([&](store::Tx& tx) -> Result<std::size_t> {
    WRIT_TRY(const std::vector<TokenKeyRow> rows, list_token_keys(tx));
    std::size_t changed = 0;
    for (TokenKeyRow row : rows) {
      WRIT_TRY(const bool is_changed, reseal_token_key(row, keks_));
      if (!is_changed) continue;
      WRIT_CHECK(put_token_key(tx, row));
      ++changed;
    }
    return changed;
  });
}

Result<void> TokenKeys::refresh() {
  const auto now = clock_.steady();
  {
    const std::lock_guard lock(mutex_);
    if (refreshed_at_ && now - *refreshed_at_ < options_.refresh_interval) return {};
    refreshed_at_ = now;
  }
  return load();
}

Result<void> TokenKeys::load() {
  const std::lock_guard loading(load_mutex_);  // else an older reading could replace a newer one
  WRIT_TRY(const std::vector<TokenKeyRow> rows,
           store_.read([](store::Tx& tx) { return list_token_keys(tx); }));
  std::string mark = mark_of(rows);
  const std::shared_ptr<const TokenKeySet> known = current();
  if (known != nullptr && mark == loaded_mark_) return {};
  std::vector<TokenKeySet::Entry> entries;
  for (const TokenKeyRow& row : rows) {
    WRIT_TRY(crypto::Jwk public_key, crypto::Jwk::parse(row.public_key));
    WRIT_TRY(auto key, secret_of(row, keks_, known.get()));
    entries.push_back({std::move(key), std::move(public_key), row.signs_from, row.signs_until,
                       row.published_until});
  }
  auto next =
      std::make_shared<const TokenKeySet>(std::move(entries), known ? known->generation() + 1 : 1);
  const std::lock_guard lock(mutex_);
  current_ = std::move(next);
  loaded_mark_ = std::move(mark);
  return {};
}

}  // namespace writ::identity
