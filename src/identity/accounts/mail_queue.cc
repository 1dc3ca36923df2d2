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
constexpr std::chrono::microseconds kFirstDelay = std::chrono::minutes(1);

std::string key_of(const Wish& wish) {
  return store::Key().number(static_cast<std::uint64_t>(wish.due_at.micros)).id(wish.id).take();
}

std::string to_row(const Wish& wish) {
  Object row;
  row.append("kind", kLetterKinds.name(wish.kind));
  row.append("email", wish.email);
  row.append("password", wish.password);
  row.append("tries", wish.tries);
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
  return out;
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
  const Wish taken = wish;
  wish.due_at.micros = now.micros + (kFirstDelay.count() << wish.tries);
  ++wish.tries;
  WRIT_CHECK(put_wish(tx, wish));
  return taken;
}

Result<void> erase_wish(store::Tx& tx, WishId id) {
  const std::string at = store::Key().id(id).take();
  WRIT_TRY(const auto key, tx.get(kWishDue, at));
  if (!key) return {};
  WRIT_CHECK(tx.erase(kWishes, *key));
  WRIT_CHECK(tx.erase(kWishDue, at));
  return {};
}

std::vector<store::Migration> mail_migrations() {
  return store::make_tables("identity_mail", "letters to be written", {kWishes, kWishDue});
}

}  // namespace writ::identity
