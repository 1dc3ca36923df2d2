#include "identity/accounts/mail_queue.h"

#include <chrono>
#include <utility>

#include "base/json.h"
#include "base/value.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kWishes{"identity_mail_wishes"};  // due, id → row
constexpr store::Table kWishDue{"identity_mail_due"};    // id → due
constexpr store::Table kTurns{"identity_mail_turns"};    // address, kind → when the last was sent

std::string key_of(const Wish& wish) {
  return store::Key().number(static_cast<std::uint64_t>(wish.due_at.micros)).id(wish.id).take();
}

std::string to_row(const Wish& wish) {
  Object row;
  row.append("kind", kLetterKinds.name(wish.kind));
  row.append("email", wish.email);
  row.append("password", wish.password);
  row.append("tries", wish.tries);
  if (!wish.user.uuid.is_nil()) row.append("user", wish.user.text());
  if (wish.session) row.append("session", wish.session->text());
  return to_json(Value(std::move(row)));
}

Result<Wish> from_row(const store::Row& row) {
  store::KeyReader key(row.key);
  Wish out;
  WRIT_TRY(const std::uint64_t due, key.number());
  out.due_at.micros = static_cast<std::int64_t>(due);
  WRIT_TRY(out.id.uuid, key.uuid());
  WRIT_TRY(const Value value, parse_json(row.value));
  const auto kind = kLetterKinds.parse(value.string_or("kind", ""));
  if (!kind) return fail(Code::tampered, "a wish for a letter has no kind");
  out.kind = *kind;
  out.email = value.string_or("email", "");
  out.password = value.string_or("password", "");
  out.tries = static_cast<std::uint32_t>(value.integer_or("tries", 0));
  if (const auto user = value.string_or("user", ""); !user.empty()) {
    WRIT_TRY(out.user, PrincipalId::parse(user));
  }
  if (const auto session = value.string_or("session", ""); !session.empty()) {
    WRIT_TRY(out.session, SessionId::parse(session));
  }
  return out;
}

Result<WallTime> time_of(std::string_view row) {
  WRIT_TRY(const std::uint64_t micros, store::KeyReader(row).number());
  return WallTime{static_cast<std::int64_t>(micros)};
}

bool is_soon_after(WallTime sent, WallTime now) {
  return now.micros - sent.micros < std::chrono::microseconds(kLetterStep).count();
}

}  // namespace

Result<void> put_wish(store::Tx& tx, const Wish& wish) {
  const std::string key = key_of(wish);
  WRIT_CHECK(tx.put(kWishDue, store::Key().id(wish.id).take(), key));
  return tx.put(kWishes, key, to_row(wish));
}

Result<std::optional<Wish>> take_wish(store::Tx& tx, WallTime now) {
  const std::string end = store::Key().number(static_cast<std::uint64_t>(now.micros) + 1).take();
  WRIT_TRY(const auto rows, tx.scan(kWishes, {{}, end}, 1));
  if (rows.empty()) return std::nullopt;
  WRIT_TRY(Wish wish, from_row(rows.front()));
  WRIT_CHECK(tx.erase(kWishes, rows.front().key));
  wish.due_at.micros = now.micros + std::chrono::microseconds(kLetterLease).count();
  Wish leased = wish;
  ++leased.tries;
  WRIT_CHECK(put_wish(tx, leased));
  return wish;
}

Result<void> put_off_wish(store::Tx& tx, const Wish& taken, WallTime due_at) {
  const std::string leased = key_of(taken);
  WRIT_TRY(const auto key, tx.get(kWishDue, store::Key().id(taken.id).take()));
  if (!key || *key != leased) return {};
  WRIT_CHECK(tx.erase(kWishes, leased));
  Wish moved = taken;
  ++moved.tries;
  moved.due_at = due_at;
  return put_wish(tx, moved);
}

Result<void> erase_wish(store::Tx& tx, WishId id) {
  const std::string at = store::Key().id(id).take();
  WRIT_TRY(const auto key, tx.get(kWishDue, at));
  if (!key) return {};
  WRIT_CHECK(tx.erase(kWishes, *key));
  WRIT_CHECK(tx.erase(kWishDue, at));
  return {};
}

Result<std::size_t> count_wishes(store::Tx& tx) {
  WRIT_TRY(const auto rows, tx.scan(kWishDue, {}, kMostCounted));
  return rows.size();
}

Result<bool> take_turn(store::Tx& tx, LetterKind kind, std::string_view email, WallTime now) {
  const std::string at = store::Key().text(email).text(kLetterKinds.name(kind)).take();
  WRIT_TRY(const auto last, tx.get(kTurns, at));
  if (last) {
    WRIT_TRY(const WallTime sent, time_of(*last));
    if (is_soon_after(sent, now)) return false;
  }
  WRIT_CHECK(
      tx.put(kTurns, at, store::Key().number(static_cast<std::uint64_t>(now.micros)).take()));
  return true;
}

Result<std::string> sweep_turns(store::Tx& tx, std::string after, std::size_t limit, WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kTurns, {from, {}}, limit));
  for (const store::Row& row : rows) {
    WRIT_TRY(const WallTime sent, time_of(row.value));
    if (!is_soon_after(sent, now)) WRIT_CHECK(tx.erase(kTurns, row.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> mail_migrations() {
  auto out = store::make_tables("identity_mail", "letters to be written", {kWishes, kWishDue});
  out.push_back({.module = "identity_mail",
                 .version = 2,
                 .summary = "when an address was last written to",
                 .creates = {kTurns},
                 .up = {},
                 .down = [](store::Tx&) -> Result<void> { return {}; }});
  return out;
}

}  // namespace writ::identity
