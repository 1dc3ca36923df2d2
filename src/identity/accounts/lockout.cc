#include "identity/accounts/lockout.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kFailures{"identity_sign_in_failures"};

// One row for each thing that is counted.
struct Count {
  std::string_view name;
  std::int64_t free;             // mistakes that cost nothing
  std::chrono::seconds longest;  // wait
};
constexpr Count kAccountHere{"account_here", 5, std::chrono::minutes(15)};
constexpr Count kAccount{"account", 50, std::chrono::minutes(1)};
constexpr Count kNetwork{"network", 30, std::chrono::minutes(15)};

constexpr std::chrono::microseconds kForgottenAfter = std::chrono::hours(24);

struct Failures {
  std::int64_t count = 0;
  WallTime last;
};

struct Counted {
  const Count* count;
  std::string key;
};

std::string key_of(const Count& count, std::string_view what) {
  return store::Key().text(count.name).text(crypto::sha256(what).view()).take();
}

std::array<Counted, 3> counted(const SignInTry& made) {
  return {{{&kAccountHere, key_of(kAccountHere, made.network + '\n' + made.account)},
           {&kAccount, key_of(kAccount, made.account)},
           {&kNetwork, key_of(kNetwork, made.network)}}};
}

bool is_forgotten(const Failures& failures, WallTime now) {
  return now.micros - failures.last.micros >= kForgottenAfter.count();
}

Result<Failures> from_row(std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  return Failures{value.integer_or("count", 0), WallTime{value.integer_or("last", 0)}};
}

Result<Failures> read(store::Tx& tx, const std::string& key, WallTime now) {
  WRIT_TRY(const auto row, tx.get(kFailures, key));
  if (!row) return Failures{};
  WRIT_TRY(const Failures failures, from_row(*row));
  return is_forgotten(failures, now) ? Failures{} : failures;
}

// 1 s after the last free mistake, then 2, 4, ….
std::chrono::microseconds wait_of(const Count& count, const Failures& failures) {
  if (failures.count < count.free) return std::chrono::microseconds(0);
  const auto doublings = std::min<std::int64_t>(failures.count - count.free, 20);
  return std::min(std::chrono::seconds(std::int64_t{1} << doublings), count.longest);
}

}  // namespace

Result<std::optional<WallTime>> must_wait_until(store::Tx& tx, const SignInTry& made,
                                                WallTime now) {
  std::optional<WallTime> out;
  for (const Counted& one : counted(made)) {
    WRIT_TRY(const Failures failures, read(tx, one.key, now));
    const WallTime until{failures.last.micros + wait_of(*one.count, failures).count()};
    if (until > now) out = std::max(out.value_or(until), until);
  }
  return out;
}

Result<bool> has_failures(store::Tx& tx, const SignInTry& made, WallTime now) {
  WRIT_TRY(const Failures failures, read(tx, counted(made).front().key, now));
  return failures.count > 0;
}

Result<void> note_failure(store::Tx& tx, const SignInTry& made, WallTime now) {
  for (const Counted& one : counted(made)) {
    WRIT_TRY(const Failures failures, read(tx, one.key, now));
    Object row;
    row.append("count", failures.count + 1);
    row.append("last", now.micros);
    WRIT_CHECK(tx.put(kFailures, one.key, to_json(Value(std::move(row)))));
  }
  return {};
}

Result<void> note_success(store::Tx& tx, const SignInTry& made) {
  WRIT_CHECK(tx.erase(kFailures, counted(made).front().key));
  return {};
}

Result<std::string> sweep_failures(store::Tx& tx, std::string after, std::size_t limit,
                                   WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kFailures, {from, {}}, limit));
  for (const store::Row& row : rows) {
    WRIT_TRY(const Failures failures, from_row(row.value));
    if (is_forgotten(failures, now)) WRIT_CHECK(tx.erase(kFailures, row.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> lockout_migrations() {
  return store::make_tables("identity_lockout", "failed sign-ins", {kFailures});
}

}  // namespace writ::identity
