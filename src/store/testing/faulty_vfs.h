#pragma once
// An SQLite VFS over the machine's own that fails on command: it counts the calls that change
// files and lets the n-th one go wrong. For tests of what a store does on a failing disk and when
// its process or the power dies.
//
//   FaultyVfs vfs("faulty");
//   auto store = open("sqlite:" + path, {.sqlite_vfs = "faulty"});
//   vfs.arm(Fault::io_error, 17);
//
// Thread-safe. Must outlive every connection that uses it.
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace writ::store {

enum class Fault : std::uint8_t {
  none,
  io_error,    // EIO; of a write, the first half arrives
  disk_full,   // ENOSPC; of a write, the first half arrives
  death,       // the process is killed before the call
  torn_death,  // the same, but of a write the first half arrives
  power_loss,  // killed, and every write since the last sync of its file is undone
};

enum class Lasting : std::uint8_t { once, from_then_on };

class FaultyVfs {
 public:
  // Registers itself under `name` until it is destroyed.
  explicit FaultyVfs(std::string name);
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  // Counts from 1 again; the call numbered `at` meets the fault.
  void arm(Fault fault, std::uint64_t at, Lasting lasting = Lasting::once);
  void disarm() { arm(Fault::none, 0); }
  // Calls since the last arm: creations, writes, syncs, truncations and deletions.
  std::uint64_t calls() const;

  // For the methods of the VFS.
  sqlite3_vfs& real() { return *real_; }
  // Counts one call; what it has to do.
  Fault next();
  // Remembers what a write or truncation is about to replace, until the file is synced.
  void remember(sqlite3_file* file, sqlite3_int64 offset, sqlite3_int64 size);
  void forget(sqlite3_file* file);
  // Undoes what no sync has made durable.
  void lose_power();

 private:
  struct Replaced {
    sqlite3_int64 file_size;
    sqlite3_int64 offset;
    std::vector<char> bytes;
  };

  std::string name_;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
  mutable std::mutex mutex_;
  Fault fault_ = Fault::none;
  Lasting lasting_ = Lasting::once;
  std::uint64_t at_ = 0;
  std::uint64_t calls_ = 0;
  std::map<sqlite3_file*, std::vector<Replaced>> unsynced_;
};

}  // namespace writ::store
