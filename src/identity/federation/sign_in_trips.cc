#include "identity/federation/sign_in_trips.h"

#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kTrips{"identity_sign_in_trips"};  // digest of the state → row

std::string derived(const TripSecrets& secrets, std::string_view what) {
  const std::string text = std::string(what) + ' ' + secrets.state.text;
  return crypto::to_base64url(crypto::hmac_sha256(secrets.browser.text, text).view());
}

void derive(TripSecrets& secrets) {
  secrets.nonce = derived(secrets, "nonce");
  secrets.verifier = derived(secrets, "verifier");
}

std::optional<SecretToken> token_of(std::string_view prefix, std::string_view text) {
  auto key = secret_token_key(prefix, text);
  if (!key) return std::nullopt;
  return SecretToken{.text = std::string(text), .key = *std::move(key)};
}

std::string to_row(const Trip& trip, WallTime expires_at) {
  Object row{{"provider", trip.provider},
             {"browser", to_hex(as_bytes(trip.browser))},
             {"cookie", trip.keep == Keep::cookie},
             {"next", trip.next},
             {"expires", expires_at.micros}};
  if (trip.asks_anew) row.append("anew", true);
  if (trip.session) row.append("session", trip.session->text());
  return to_json(Value(std::move(row)));
}

Result<Trip> from_row(const Value& row) {
  Trip out;
  out.provider = row.string_or("provider", "");
  WRIT_TRY(out.browser, parse_hex(row.string_or("browser", "")));
  out.keep = row.bool_or("cookie", false) ? Keep::cookie : Keep::tokens;
  out.next = row.string_or("next", "");
  out.asks_anew = row.bool_or("anew", false);
  out.begun_at.micros =
      row.integer_or("expires", 0) - std::chrono::microseconds(kTripLifetime).count();
  if (const std::string_view session = row.string_or("session", ""); !session.empty()) {
    WRIT_TRY(out.session, SessionId::parse(session));
  }
  return out;
}

bool is_over(const Value& row, WallTime now) { return now.micros >= row.integer_or("expires", 0); }

}  // namespace

TripSecrets make_trip_secrets(std::optional<std::string_view> cookie) {
  TripSecrets out{.state = make_secret_token(kTripPrefix)};
  auto had = cookie ? token_of(kBrowserPrefix, *cookie) : std::nullopt;
  out.browser = had ? *std::move(had) : make_secret_token(kBrowserPrefix);
  derive(out);
  return out;
}

std::optional<TripSecrets> trip_secrets_of(std::string_view state, std::string_view cookie) {
  auto named = token_of(kTripPrefix, state);
  auto browser = token_of(kBrowserPrefix, cookie);
  if (!named || !browser) return std::nullopt;
  TripSecrets out{.state = *std::move(named), .browser = *std::move(browser)};
  derive(out);
  return out;
}

Result<void> put_trip(store::Tx& tx, const SecretToken& state, const Trip& trip, WallTime now) {
  const WallTime end{now.micros + std::chrono::microseconds(kTripLifetime).count()};
  return tx.put(kTrips, state.key, to_row(trip, end));
}

Result<std::optional<Trip>> take_trip(store::Tx& tx, const TripSecrets& secrets,
                                      std::string_view provider, WallTime now) {
  WRIT_TRY(const auto text, tx.get(kTrips, secrets.state.key));
  if (!text) return std::nullopt;
  // Whatever is wrong with who comes back: nobody else comes back with it.
  WRIT_CHECK(tx.erase(kTrips, secrets.state.key));
  WRIT_TRY(const Value row, parse_json(*text));
  WRIT_TRY(Trip trip, from_row(row));
  const bool is_same = crypto::equal_constant_time(trip.browser, secrets.browser.key);
  if (!is_same || trip.provider != provider || is_over(row, now)) return std::nullopt;
  return trip;
}

Result<std::string> sweep_trips(store::Tx& tx, std::string after, std::size_t limit, WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kTrips, {from, {}}, limit));
  for (const store::Row& one : rows) {
    WRIT_TRY(const Value row, parse_json(one.value));
    if (is_over(row, now)) WRIT_CHECK(tx.erase(kTrips, one.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> trip_migrations() {
  return store::make_tables("identity_sign_in_trips", "people on their way to a provider",
                            {kTrips});
}

}  // namespace writ::identity
