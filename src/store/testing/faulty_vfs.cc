#include "store/testing/faulty_vfs.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace writ::store {
namespace {

// SQLite allocates this and, right behind it, the real VFS's own file.
struct FaultyFile {
  sqlite3_file base;
  FaultyVfs* vfs;
  sqlite3_file* real;
  int last_errno;
};

FaultyFile& faulty(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
sqlite3_file* real_file(sqlite3_file* file) { return faulty(file).real; }
FaultyVfs& owner(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  std::abort();  // not reached
}

// Kills the process where the fault says so; otherwise says whether the call must fail.
bool must_fail(FaultyVfs& vfs, Fault fault) {
  if (fault == Fault::power_loss) vfs.lose_power();
  if (fault == Fault::death || fault == Fault::torn_death || fault == Fault::power_loss) die();
  return fault != Fault::none;
}

int close_file(sqlite3_file* file) {
  faulty(file).vfs->forget(file);
  return real_file(file)->pMethods->xClose(real_file(file));
}

int read(sqlite3_file* file, void* buffer, int amount, sqlite3_int64 offset) {
  return real_file(file)->pMethods->xRead(real_file(file), buffer, amount, offset);
}

int write(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset) {
  FaultyVfs& vfs = *faulty(file).vfs;
  const Fault fault = vfs.next();
  const bool is_torn =
      fault == Fault::torn_death || fault == Fault::io_error || fault == Fault::disk_full;
  if (is_torn) real_file(file)->pMethods->xWrite(real_file(file), bytes, amount / 2, offset);
  if (must_fail(vfs, fault)) return fault == Fault::disk_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  vfs.remember(file, offset, amount);
  return real_file(file)->pMethods->xWrite(real_file(file), bytes, amount, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  FaultyVfs& vfs = *faulty(file).vfs;
  if (must_fail(vfs, vfs.next())) return SQLITE_IOERR_TRUNCATE;
  sqlite3_int64 old_size = 0;
  real_file(file)->pMethods->xFileSize(real_file(file), &old_size);
  vfs.remember(file, size, std::max<sqlite3_int64>(old_size - size, 0));
  return real_file(file)->pMethods->xTruncate(real_file(file), size);
}

int sync(sqlite3_file* file, int flags) {
  FaultyVfs& vfs = *faulty(file).vfs;
  const Fault fault = vfs.next();
  if (must_fail(vfs, fault)) {
    faulty(file).last_errno = fault == Fault::disk_full ? ENOSPC : EIO;
    return SQLITE_IOERR_FSYNC;
  }
  vfs.forget(file);
  return real_file(file)->pMethods->xSync(real_file(file), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_file(file)->pMethods->xFileSize(real_file(file), size);
}
int lock(sqlite3_file* file, int level) {
  return real_file(file)->pMethods->xLock(real_file(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return real_file(file)->pMethods->xUnlock(real_file(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* out) {
  return real_file(file)->pMethods->xCheckReservedLock(real_file(file), out);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_LAST_ERRNO && faulty(file).last_errno != 0) {
    *static_cast<int*>(argument) = faulty(file).last_errno;
    return SQLITE_OK;
  }
  return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real_file(file)->pMethods->xSectorSize(real_file(file));
}
int device_characteristics(sqlite3_file* file) {
  return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}
int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return real_file(file)->pMethods->xShmMap(real_file(file), region, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { real_file(file)->pMethods->xShmBarrier(real_file(file)); }
int shm_unmap(sqlite3_file* file, int remove) {
  return real_file(file)->pMethods->xShmUnmap(real_file(file), remove);
}

constexpr sqlite3_io_methods kMethods = {
    2,
    close_file,
    read,
    write,
    truncate,
    sync,
    file_size,
    lock,
    unlock,
    check_reserved_lock,
    file_control,
    sector_size,
    device_characteristics,
    shm_map,
    shm_lock,
    shm_barrier,
    shm_unmap,
    nullptr,
    nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  FaultyVfs& mine = owner(vfs);
  FaultyFile& made = faulty(file);
  made.base.pMethods = nullptr;
  made.vfs = &mine;
  made.last_errno = 0;
  made.real = reinterpret_cast<sqlite3_file*>(&made + 1);
  if ((flags & SQLITE_OPEN_CREATE) != 0 && must_fail(mine, mine.next())) return SQLITE_CANTOPEN;
  const int code = mine.real().xOpen(&mine.real(), name, made.real, flags, out_flags);
  if (made.real->pMethods != nullptr) made.base.pMethods = &kMethods;
  return code;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  FaultyVfs& mine = owner(vfs);
  if (must_fail(mine, mine.next())) return SQLITE_IOERR_DELETE;
  return mine.real().xDelete(&mine.real(), name, sync_directory);
}

int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  return owner(vfs).real().xAccess(&owner(vfs).real(), name, flags, out);
}
int full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return owner(vfs).real().xFullPathname(&owner(vfs).real(), name, size, out);
}

}  // namespace

FaultyVfs::FaultyVfs(std::string name) : name_(std::move(name)), real_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *real_;  // time, randomness, sleep and dynamic loading stay the machine's
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(FaultyFile)) + real_->szOsFile;
  vfs_.xOpen = open_file;
  vfs_.xDelete = delete_file;
  vfs_.xAccess = access_file;
  vfs_.xFullPathname = full_path;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultyVfs::arm(Fault fault, std::uint64_t at, Lasting lasting) {
  const std::lock_guard guard(mutex_);
  fault_ = fault;
  at_ = at;
  lasting_ = lasting;
  calls_ = 0;
}

std::uint64_t FaultyVfs::calls() const {
  const std::lock_guard guard(mutex_);
  return calls_;
}

Fault FaultyVfs::next() {
  const std::lock_guard guard(mutex_);
  ++calls_;
  const bool is_hit = calls_ == at_ || (lasting_ == Lasting::from_then_on && calls_ > at_);
  return is_hit ? fault_ : Fault::none;
}

void FaultyVfs::remember(sqlite3_file* file, sqlite3_int64 offset, sqlite3_int64 size) {
  const std::lock_guard guard(mutex_);
  if (fault_ != Fault::power_loss) return;
  Replaced replaced{0, offset, {}};
  const auto* const methods = real_file(file)->pMethods;
  methods->xFileSize(real_file(file), &replaced.file_size);
  const auto held = std::clamp<sqlite3_int64>(replaced.file_size - offset, 0, size);
  replaced.bytes.resize(static_cast<std::size_t>(held));
  if (held > 0) {
    methods->xRead(real_file(file), replaced.bytes.data(), static_cast<int>(held), offset);
  }
  unsynced_[file].push_back(std::move(replaced));
}

void FaultyVfs::forget(sqlite3_file* file) {
  const std::lock_guard guard(mutex_);
  unsynced_.erase(file);
}

void FaultyVfs::lose_power() {
  const std::lock_guard guard(mutex_);
  for (auto& [file, writes] : unsynced_) {
    const auto* const methods = real_file(file)->pMethods;
    for (; !writes.empty(); writes.pop_back()) {
      const Replaced& last = writes.back();
      methods->xWrite(real_file(file), last.bytes.data(), static_cast<int>(last.bytes.size()),
                      last.offset);
      methods->xTruncate(real_file(file), last.file_size);
    }
  }
}

}  // namespace writ::store
