#include "identity/upkeep.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "identity/accounts/lockout.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/sessions.h"
#include "identity/federation/sign_in_trips.h"
#include "identity/oauth/authorizations.h"
#include "identity/oauth/delegations.h"
#include "identity/oauth/revocations.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

using std::chrono::microseconds;

constexpr store::Table kTasks{"identity_upkeep"};  // name → when it may be taken

std::string key_of(std::string_view name) { return store::Key().text(name).take(); }

WallTime later(WallTime time, std::chrono::seconds by) {
  return {time.micros + microseconds(by).count()};
}

Result<WallTime> due_at(store::Tx& tx, std::string_view name) {
  WRIT_TRY(const auto row, tx.get(kTasks, key_of(name)));
  if (!row) return WallTime{};
  WRIT_TRY(const std::uint64_t micros, store::KeyReader(*row).number());
  return WallTime{static_cast<std::int64_t>(micros)};
}

Result<void> put_due(store::Tx& tx, std::string_view name, WallTime time) {
  return tx.put(kTasks, key_of(name),
                store::Key().number(static_cast<std::uint64_t>(time.micros)).take());
}

// Looks at one page of rows from behind `after`; where to go on, empty at the end.
using Sweep = Result<std::string> (*)(store::Tx& tx, std::string after, std::size_t limit,
                                      WallTime now, const Deed& deed);

template <auto kSweep>
Result<std::string> without_deed(store::Tx& tx, std::string after, std::size_t limit, WallTime now,
                                 const Deed&) {
  return kSweep(tx, std::move(after), limit, now);
}

template <auto kSweep>
Result<std::string> without_deed_or_time(store::Tx& tx, std::string after, std::size_t limit,
                                         WallTime, const Deed&) {
  return kSweep(tx, std::move(after), limit);
}

}  // namespace

struct Upkeep::Task {
  std::string_view name;
  Sweep sweep;  // null: the token keys
};

// Refresh tokens go with their session.
const std::vector<Upkeep::Task>& Upkeep::tasks() {
  static const std::vector<Task> kAll = {
      {"authorization_codes", &without_deed<&sweep_codes>},
      {"consents", &without_deed_or_time<&sweep_consents>},
      {"delegations", &without_deed<&sweep_delegations>},
      {"mail_turns", &without_deed<&sweep_turns>},
      {"one_time_tokens", &without_deed<&sweep_one_time_tokens>},
      {"revoked_tokens", &without_deed<&sweep_revocations>},
      {"sessions", &sweep_sessions},
      {"sign_in_failures", &without_deed<&sweep_failures>},
      {"sign_in_trips", &without_deed<&sweep_trips>},
      {"token_keys", nullptr},
  };
  return kAll;
}

Result<bool> Upkeep::take(const Task& task) {
  // Most of the time there is nothing to write.
  const auto is_due = [&](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const WallTime due, due_at(tx, task.name));
    return due <= now;
  };
  WRIT_TRY(const bool may_be_taken, store_.read(is_due));
  if (!may_be_taken) return false;
  return store_.write([&](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const bool is_free, is_due(tx));
    if (!is_free) return false;
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_CHECK(put_due(tx, task.name, later(now, options_.lease)));
    return true;
  });
}

Result<void> Upkeep::carry_out(const Task& task) {
  if (task.sweep == nullptr) return keys_.keep_fresh(options_.key_age);
  const Deed deed{.journal = journal_, .actor = "system"};
  std::string after;
  do {
    WRIT_TRY(after, store_.write([&](store::Tx& tx) -> Result<std::string> {
      WRIT_TRY(const WallTime now, tx.now());
      return task.sweep(tx, after, options_.page, now, deed);
    }));
  } while (!after.empty());
  return {};
}

Result<void> Upkeep::finish(const Task& task) {
  return store_.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const WallTime now, tx.now());
    return put_due(tx, task.name, later(now, options_.every));
  });
}

Result<microseconds> Upkeep::next_due() {
  return store_.read([&](store::Tx& tx) -> Result<microseconds> {
    WRIT_TRY(const WallTime now, tx.now());
    microseconds out = options_.every;
    for (const Task& task : tasks()) {
      WRIT_TRY(const WallTime due, due_at(tx, task.name));
      out = std::min(out, microseconds(std::max<std::int64_t>(due.micros - now.micros, 0)));
    }
    return out;
  });
}

Result<UpkeepTurn> Upkeep::take_turn() {
  UpkeepTurn out;
  std::optional<Error> first;  // one task that fails keeps no other from being done
  for (const Task& task : tasks()) {
    const auto attempt = [&]() -> Result<bool> {
      WRIT_TRY(const bool is_ours, take(task));
      if (!is_ours) return false;
      WRIT_CHECK(carry_out(task));
      WRIT_CHECK(finish(task));
      return true;
    };
    auto done = attempt();
    if (!done) {
      if (!first) first = std::move(done).error().context("keeping up " + std::string(task.name));
    } else if (*done) {
      out.done.emplace_back(task.name);
    }
  }
  if (first) return std::unexpected(*std::move(first));
  WRIT_TRY(out.wait, next_due());
  return out;
}

std::vector<store::Migration> upkeep_migrations() {
  return store::make_tables("identity_upkeep", "what has to be done now and then", {kTasks});
}

}  // namespace writ::identity
