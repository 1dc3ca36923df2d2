#include "execution/lease.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "store/key.h"

namespace writ::execution {

namespace {

constexpr std::int64_t kLeaseMicros = kLeaseTime.count() * 1000;

// Field 22 of /proc/PID/stat; the command's name before it may hold spaces and parentheses.
std::uint64_t start_ticks_of(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  const std::size_t close = line.rfind(')');
  if (close == std::string::npos) return 0;
  std::istringstream fields(line.substr(close + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  std::uint64_t ticks = 0;
  fields >> ticks;
  return ticks;
}

std::string boot_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

std::string encode(const Lease& lease) {
  return to_json(Object{{"host", lease.owner.host},
                        {"pid", lease.owner.pid},
                        {"ticks", lease.owner.start_ticks},
                        {"fence", lease.fence},
                        {"expires", lease.expires.micros}});
}

Result<Lease> decode(RunId run, std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  Lease lease;
  lease.run = run;
  lease.owner.host = value.string_or("host", "");
  lease.owner.pid = static_cast<int>(value.integer_or("pid", 0));
  lease.owner.start_ticks = static_cast<std::uint64_t>(value.integer_or("ticks", 0));
  lease.fence = static_cast<std::uint64_t>(value.integer_or("fence", 0));
  lease.expires = {value.integer_or("expires", 0)};
  return lease;
}

}  // namespace

Owner this_process() {
  const int pid = static_cast<int>(getpid());
  return {boot_id(), pid, start_ticks_of(pid)};
}

bool is_gone(const Owner& owner) {
  if (owner.host != boot_id()) return false;
  if (kill(owner.pid, 0) != 0 && errno == ESRCH) return true;
  return start_ticks_of(owner.pid) != owner.start_ticks;
}

Result<Lease> acquire_lease(store::Store& store, RunId run, const Owner& owner) {
  const std::string key = store::Key().id(run).take();
  return store.write([&](store::Tx& tx) -> Result<Lease> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto row, tx.get(kLeaseTable, key));
    Lease lease{run, owner, 1, {now.micros + kLeaseMicros}};
    if (row) {
      WRIT_TRY(const Lease held, decode(run, *row));
      const bool is_free = held.expires < now || held.owner == owner || is_gone(held.owner);
      if (!is_free) {
        return fail(
            Code::unavailable,
            "run " + run.text() + " is being driven by process " + std::to_string(held.owner.pid),
            "Wait for it to end, or end it; its lease runs out by itself");
      }
      lease.fence = held.fence + 1;
    }
    WRIT_CHECK(tx.put(kLeaseTable, key, encode(lease)));
    return lease;
  });
}

Result<void> hold_lease(store::Tx& tx, Lease& lease) {
  const std::string key = store::Key().id(lease.run).take();
  WRIT_TRY(const auto row, tx.get(kLeaseTable, key));
  if (!row) return fail(Code::lease_lost, "the lease of run " + lease.run.text() + " is gone");
  WRIT_TRY(const Lease held, decode(lease.run, *row));
  if (held.fence != lease.fence) {
    return fail(Code::lease_lost, "run " + lease.run.text() + " is driven by process " +
                                      std::to_string(held.owner.pid) + " now");
  }
  WRIT_TRY(const WallTime now, tx.now());
  if (held.expires.micros - now.micros > kLeaseMicros * 2 / 3) return {};
  lease.expires = {now.micros + kLeaseMicros};
  return tx.put(kLeaseTable, key, encode(lease));
}

Result<void> release_lease(store::Store& store, const Lease& lease) {
  const std::string key = store::Key().id(lease.run).take();
  return store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const auto row, tx.get(kLeaseTable, key));
    if (!row) return {};
    WRIT_TRY(Lease held, decode(lease.run, *row));
    if (held.fence != lease.fence) return {};
    held.expires = {0};  // the fence stays: the next holder's must be larger
    return tx.put(kLeaseTable, key, encode(held));
  });
}

}  // namespace writ::execution
