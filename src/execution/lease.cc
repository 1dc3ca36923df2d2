#include "execution/lease.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

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

// The fence first: it is all that most readers want.
std::string encode(const Lease& lease) {
  return store::Key()
      .number(lease.fence)
      .number(static_cast<std::uint64_t>(lease.expires.micros))
      .number(static_cast<std::uint64_t>(lease.owner.pid))
      .number(lease.owner.start_ticks)
      .text(lease.owner.host)
      .take();
}

Result<Lease> decode(RunId run, std::string_view row) {
  store::KeyReader reader(row);
  Lease lease;
  lease.run = run;
  WRIT_TRY(lease.fence, reader.number());
  WRIT_TRY(const std::uint64_t expires, reader.number());
  WRIT_TRY(const std::uint64_t pid, reader.number());
  WRIT_TRY(lease.owner.start_ticks, reader.number());
  WRIT_TRY(lease.owner.host, reader.text());
  lease.expires = {static_cast<std::int64_t>(expires)};
  lease.owner.pid = static_cast<int>(pid);
  return lease;
}

std::string key_of(RunId run) { return store::Key().id(run).take(); }

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
  const std::string key = key_of(run);
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

Result<void> expect_lease(store::Tx& tx, const Lease& lease) {
  WRIT_TRY(const auto row, tx.get(kLeaseTable, key_of(lease.run)));
  if (!row) return fail(Code::lease_lost, "the lease of run " + lease.run.text() + " is gone");
  WRIT_TRY(const std::uint64_t fence, store::KeyReader(*row).number());
  if (fence == lease.fence) return {};
  WRIT_TRY(const Lease held, decode(lease.run, *row));
  return fail(Code::lease_lost, "run " + lease.run.text() + " is driven by process " +
                                    std::to_string(held.owner.pid) + " now");
}

Result<void> hold_lease(store::Tx& tx, Lease& lease) {
  WRIT_CHECK(expect_lease(tx, lease));
  WRIT_TRY(const WallTime now, tx.now());
  if (lease.expires.micros - now.micros > kLeaseMicros * 2 / 3) return {};
  lease.expires = {now.micros + kLeaseMicros};
  return tx.put(kLeaseTable, key_of(lease.run), encode(lease));
}

Result<void> release_lease(store::Store& store, const Lease& lease) {
  const std::string key = key_of(lease.run);
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
