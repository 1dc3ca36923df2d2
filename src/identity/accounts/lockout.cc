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
  std::int64_t most;             // that are counted: with so many the wait is the longest
  std::chrono::seconds longest;  // wait
  std::chrono::seconds step;     // in which one mistake is forgotten
};
using std::chrono::minutes;
using std::chrono::seconds;
constexpr Count kAccountHere{"account_here", 5, 15, minutes(15), minutes(15)};
constexpr Count kAccount{"account", 50, 56, minutes(1), seconds(30)};
// Of accounts, not of mistakes: see note_failure.
constexpr Count kNetwork{"network", 30, 40, minutes(15), minutes(1)};
constexpr Count kTokens{"tokens", 30, 40, minutes(15), minutes(1)};
constexpr std::array<const Count*, 4> kCounts{&kAccountHere, &kAccount, &kNetwork, &kTokens};

struct Failures {
  std::int64_t count = 0;
  WallTime since = {};         // from when the next one is forgotten a step later
  WallTime last = {};          // mistake
  WallTime succeeded_at = {};  // of account_here: the last success; zero: there was none
};

struct Row {
  const Count* count;
  std::string key;
};

std::string key_of(const Count& count, std::string_view what) {
  return store::Key().text(count.name).text(crypto::sha256(what).view()).take();
}

Row here(const SignInTry& made) {
  return {&kAccountHere, key_of(kAccountHere, made.network + '\n' + made.account)};
}

std::vector<Row> rows_of(const SignInTry& made) {
  switch (made.counted) {
    case CountedFor::here:
      return {here(made)};
    case CountedFor::token:
      return {{&kTokens, key_of(kTokens, made.network)}};
    case CountedFor::everywhere:
      break;
  }
  return {here(made),
          {&kAccount, key_of(kAccount, made.account)},
          {&kNetwork, key_of(kNetwork, made.network)}};
}

std::int64_t micros(std::chrono::microseconds time) { return time.count(); }

bool is_familiar(const Failures& failures, WallTime now) {
  return failures.succeeded_at.micros != 0 &&
         now.micros - failures.succeeded_at.micros < micros(kFamiliarFor);
}

// What is left of them now.
Failures fallen(Failures failures, const Count& count, WallTime now) {
  const std::int64_t steps =
      std::max<std::int64_t>(now.micros - failures.since.micros, 0) / micros(count.step);
  failures.count = std::max<std::int64_t>(failures.count - steps, 0);
  failures.since.micros += steps * micros(count.step);
  return failures;
}

Result<Failures> from_row(std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  Failures out;
  out.count = value.integer_or("count", 0);
  out.last.micros = value.integer_or("last", 0);
  out.since.micros = value.integer_or("since", out.last.micros);
  out.succeeded_at.micros = value.integer_or("succeeded", 0);
  return out;
}

Result<Failures> read(store::Tx& tx, const Row& row, WallTime now) {
  WRIT_TRY(const auto text, tx.get(kFailures, row.key));
  if (!text) return Failures{};
  WRIT_TRY(const Failures failures, from_row(*text));
  return fallen(failures, *row.count, now);
}

Result<void> write(store::Tx& tx, const Row& row, const Failures& failures) {
  Object out;
  out.append("count", failures.count);
  out.append("since", failures.since.micros);
  out.append("last", failures.last.micros);
  if (failures.succeeded_at.micros != 0) out.append("succeeded", failures.succeeded_at.micros);
  return tx.put(kFailures, row.key, to_json(Value(std::move(out))));
}

// 1 s after the last free mistake, then 2, 4, ….
std::chrono::microseconds wait_of(const Count& count, const Failures& failures) {
  if (failures.count < count.free) return std::chrono::microseconds(0);
  const auto doublings = std::min<std::int64_t>(failures.count - count.free, 20);
  return std::min(seconds(std::int64_t{1} << doublings), count.longest);
}

}  // namespace

Result<std::optional<WallTime>> must_wait_until(store::Tx& tx, const SignInTry& made,
                                                WallTime now) {
  std::optional<WallTime> out;
  bool is_known_here = false;
  for (const Row& row : rows_of(made)) {
    if (row.count == &kAccount && is_known_here) continue;
    WRIT_TRY(const Failures failures, read(tx, row, now));
    if (row.count == &kAccountHere) is_known_here = is_familiar(failures, now);
    const WallTime until{failures.last.micros + wait_of(*row.count, failures).count()};
    if (until > now) out = std::max(out.value_or(until), until);
  }
  return out;
}

Result<bool> has_failures(store::Tx& tx, const SignInTry& made, WallTime now) {
  WRIT_TRY(const Failures failures, read(tx, rows_of(made).front(), now));
  return failures.count > 0;
}

// A network is told by how many accounts it fails at: who mistypes one password again and again
// does not make everybody behind the same address wait.
Result<void> note_failure(store::Tx& tx, const SignInTry& made, WallTime now) {
  bool is_first_here = true;
  for (const Row& row : rows_of(made)) {
    if (row.count == &kNetwork && !is_first_here) continue;
    WRIT_TRY(Failures failures, read(tx, row, now));
    if (row.count == &kAccountHere) is_first_here = failures.count == 0;
    if (failures.count == 0) failures.since = now;
    failures.count = std::min(failures.count + 1, row.count->most);
    failures.last = now;
    WRIT_CHECK(write(tx, row, failures));
  }
  return {};
}

Result<void> note_success(store::Tx& tx, const SignInTry& made) {
  if (made.counted != CountedFor::everywhere) {
    WRIT_CHECK(tx.erase(kFailures, rows_of(made).front().key));
    return {};
  }
  WRIT_TRY(const WallTime now, tx.now());
  return write(tx, here(made), {.since = now, .succeeded_at = now});
}

Result<std::string> sweep_failures(store::Tx& tx, std::string after, std::size_t limit,
                                   WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kFailures, {from, {}}, limit));
  for (const store::Row& row : rows) {
    store::KeyReader reader(row.key);
    WRIT_TRY(const std::string name, reader.text());
    const auto count =
        std::ranges::find_if(kCounts, [&](const Count* one) { return one->name == name; });
    if (count == kCounts.end()) return fail(Code::tampered, "failed sign-ins of no count");
    WRIT_TRY(const Failures failures, from_row(row.value));
    if (fallen(failures, **count, now).count > 0 || is_familiar(failures, now)) continue;
    WRIT_CHECK(tx.erase(kFailures, row.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> lockout_migrations() {
  return store::make_tables("identity_lockout", "failed sign-ins", {kFailures});
}

}  // namespace writ::identity
