// Preloaded into any program, lets one of the calls with which it changes files go wrong, so that
// the program needs no seam for it. The calls counted are those on files under one directory:
// creations, writes, syncs, truncations, renames, links, deletions. The counter is shared by all
// processes that the program starts.
//
//   WRIT_FAULT_UNDER    directory (its real path)
//   WRIT_FAULT_COUNTER  file of eight bytes, mapped by everybody; says how many calls there were
//   WRIT_FAULT_AT       number of the call that meets the fault; 0 or unset: count only
//   WRIT_FAULT_KIND     kill (before the call) | torn (half a write, then kill) | eio | enospc |
//                       full (enospc of what needs room: creations, writes, truncations) |
//                       full_at_sync (enospc of syncs alone, where a disk reserves room late)
//   WRIT_FAULT_LASTING  once (the default) | onward
//   WRIT_FAULT_PROGRAM  if set, only processes whose executable's name is this one count
//   WRIT_FAULT_SWITCH   file of eight bytes, mapped by everybody; while it holds anything but zeros
//                       every call meets the fault, whatever WRIT_FAULT_AT says
//   WRIT_CLOCK_OFFSET   file of eight bytes, mapped by everybody: how many microseconds the wall
//                       clock is wrong by, signed; the steady clocks are right. Needs none of the
//                       others
//
// A kill takes the calling process alone: what it has started lives on, as after a real SIGKILL.
// What is overwritten in place meets a full disk here too, which spares it on a real one: a log
// that goes round would hide the fault.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum class Kind : std::uint8_t { none, kill, torn, eio, enospc, full, full_at_sync };
enum class Room : std::uint8_t { needed, late, not_needed };

struct Plan {
  char under[4096] = {};
  std::size_t under_size = 0;
  std::atomic<std::uint64_t>* counter = nullptr;
  std::atomic<std::uint64_t>* is_on = nullptr;  // null: there is no switch
  std::uint64_t at = 0;
  Kind kind = Kind::none;
  bool is_lasting = false;
};

Plan plan;
std::atomic<std::int64_t>* clock_offset = nullptr;  // microseconds; null: the clock is right

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

Kind kind_named(const char* name) {
  if (name == nullptr) return Kind::none;
  if (std::strcmp(name, "kill") == 0) return Kind::kill;
  if (std::strcmp(name, "torn") == 0) return Kind::torn;
  if (std::strcmp(name, "eio") == 0) return Kind::eio;
  if (std::strcmp(name, "enospc") == 0) return Kind::enospc;
  if (std::strcmp(name, "full") == 0) return Kind::full;
  if (std::strcmp(name, "full_at_sync") == 0) return Kind::full_at_sync;
  return Kind::none;
}

bool is_this_program(const char* wanted) {
  char path[4096] = {};
  if (::readlink("/proc/self/exe", path, sizeof path - 1) < 0) return false;
  const char* const slash = std::strrchr(path, '/');
  return std::strcmp(slash == nullptr ? path : slash + 1, wanted) == 0;
}

// Eight bytes of the file that the variable names, shared with everybody who maps it; nullptr:
// none.
template <typename Word>
std::atomic<Word>* shared_word(const char* variable) {
  const char* const path = std::getenv(variable);
  if (path == nullptr) return nullptr;
  const int fd = real<int(const char*, int, ...)>("open")(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* const shared = ::mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return shared == MAP_FAILED ? nullptr : static_cast<std::atomic<Word>*>(shared);
}

__attribute__((constructor)) void read_plan() {
  clock_offset = shared_word<std::int64_t>("WRIT_CLOCK_OFFSET");
  const char* const under = std::getenv("WRIT_FAULT_UNDER");
  if (under == nullptr || std::strlen(under) >= sizeof plan.under) return;
  const char* const program = std::getenv("WRIT_FAULT_PROGRAM");
  if (program != nullptr && !is_this_program(program)) return;
  std::strcpy(plan.under, under);
  plan.under_size = std::strlen(under);
  const char* const at = std::getenv("WRIT_FAULT_AT");
  plan.at = at == nullptr ? 0 : std::strtoull(at, nullptr, 10);
  plan.kind = kind_named(std::getenv("WRIT_FAULT_KIND"));
  const char* const lasting = std::getenv("WRIT_FAULT_LASTING");
  plan.is_lasting = lasting != nullptr && std::strcmp(lasting, "onward") == 0;
  plan.is_on = shared_word<std::uint64_t>("WRIT_FAULT_SWITCH");
  plan.counter = shared_word<std::uint64_t>("WRIT_FAULT_COUNTER");
}

bool is_under(const char* path) {
  return std::strncmp(path, plan.under, plan.under_size) == 0 &&
         (path[plan.under_size] == '/' || path[plan.under_size] == '\0');
}

bool concerns(int fd) {
  if (plan.counter == nullptr) return false;
  char link[64];
  char path[4096] = {};
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return ::readlink(link, path, sizeof path - 1) > 0 && is_under(path);
}

// `path` as the kernel would see it, good enough for telling where it leads.
bool concerns(int directory, const char* path) {
  if (plan.counter == nullptr || path == nullptr) return false;
  if (path[0] == '/') return is_under(path);
  char link[64];
  char base[4096] = {};
  if (directory == AT_FDCWD) {
    if (::getcwd(base, sizeof base) == nullptr) return false;
  } else {
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    if (::readlink(link, base, sizeof base - 1) <= 0) return false;
  }
  return is_under(base);
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

// Counts a call. A kill happens here; what comes back is the error to fail with, or 0.
int meet_fault(bool is_write, Room room) {
  const std::uint64_t call = plan.counter->fetch_add(1) + 1;
  const bool is_switched_on = plan.is_on != nullptr && plan.is_on->load() != 0;
  const bool is_hit =
      is_switched_on || (plan.at != 0 && (call == plan.at || (plan.is_lasting && call > plan.at)));
  if (!is_hit) return 0;
  if (plan.kind == Kind::kill || (plan.kind == Kind::torn && !is_write)) die();
  if (plan.kind == Kind::torn) return -1;
  if (plan.kind == Kind::full) return room == Room::needed ? ENOSPC : 0;
  if (plan.kind == Kind::full_at_sync) return room == Room::late ? ENOSPC : 0;
  return plan.kind == Kind::eio ? EIO : plan.kind == Kind::enospc ? ENOSPC : 0;
}

// Runs `call`, or fails as the plan says.
template <typename Call>
auto guarded(bool is_counted, Room room, Call call) -> decltype(call()) {
  if (is_counted) {
    if (const int error = meet_fault(false, room); error != 0) {
      errno = error;
      return -1;
    }
  }
  return call();
}

// The same for writes: of a write that fails, the first half arrives.
template <typename Call>
ssize_t guarded_write(int fd, std::size_t size, Call call) {
  if (!concerns(fd)) return call(size);
  const int error = meet_fault(true, Room::needed);
  if (error == 0) return call(size);
  if (size > 1) static_cast<void>(call(size / 2));
  if (error < 0) die();
  errno = error;
  return -1;
}

bool is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

void set_wrong(timespec& time) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  const std::int64_t off = clock_offset == nullptr ? 0 : clock_offset->load();
  const std::int64_t nanos = std::int64_t{time.tv_nsec} + off % 1'000'000 * 1'000;
  const std::int64_t carry = nanos < 0 ? -1 : nanos / kNanos;
  time.tv_sec += off / 1'000'000 + carry;
  time.tv_nsec = nanos - carry * kNanos;
}

mode_t mode_of(int flags, va_list& arguments) {
  const bool has_mode = (flags & (O_CREAT | O_TMPFILE)) != 0;
  return has_mode ? va_arg(arguments, mode_t) : 0;
}

bool creates(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

}  // namespace

extern "C" {

#define WRIT_OPEN(name)                                                      \
  int name(const char* path, int flags, ...) {                               \
    va_list arguments;                                                       \
    va_start(arguments, flags);                                              \
    const mode_t mode = mode_of(flags, arguments);                           \
    va_end(arguments);                                                       \
    static auto* const call = real<int(const char*, int, ...)>(#name);       \
    return guarded(creates(flags) && concerns(AT_FDCWD, path), Room::needed, \
                   [&] { return call(path, flags, mode); });                 \
  }
#define WRIT_OPENAT(name)                                                     \
  int name(int directory, const char* path, int flags, ...) {                 \
    va_list arguments;                                                        \
    va_start(arguments, flags);                                               \
    const mode_t mode = mode_of(flags, arguments);                            \
    va_end(arguments);                                                        \
    static auto* const call = real<int(int, const char*, int, ...)>(#name);   \
    return guarded(creates(flags) && concerns(directory, path), Room::needed, \
                   [&] { return call(directory, path, flags, mode); });       \
  }
#define WRIT_ON_FD(name)                                                \
  int name(int fd) {                                                    \
    static auto* const call = real<int(int)>(#name);                    \
    return guarded(concerns(fd), Room::late, [&] { return call(fd); }); \
  }
#define WRIT_TRUNCATE(name, offset)                                             \
  int name(int fd, offset size) {                                               \
    static auto* const call = real<int(int, offset)>(#name);                    \
    return guarded(concerns(fd), Room::needed, [&] { return call(fd, size); }); \
  }
#define WRIT_PWRITE(name, offset)                                                                \
  ssize_t name(int fd, const void* bytes, std::size_t size, offset at) {                         \
    static auto* const call = real<ssize_t(int, const void*, std::size_t, offset)>(#name);       \
    return guarded_write(fd, size, [&](std::size_t part) { return call(fd, bytes, part, at); }); \
  }
#define WRIT_TEMPORARY(name)                                                                   \
  int name(char* path, int flags) {                                                            \
    static auto* const call = real<int(char*, int)>(#name);                                    \
    return guarded(concerns(AT_FDCWD, path), Room::needed, [&] { return call(path, flags); }); \
  }

WRIT_OPEN(open)
WRIT_OPEN(open64)
WRIT_OPENAT(openat)
WRIT_OPENAT(openat64)
WRIT_TEMPORARY(mkostemp)
WRIT_TEMPORARY(mkostemp64)
WRIT_ON_FD(fsync)
WRIT_ON_FD(fdatasync)
WRIT_TRUNCATE(ftruncate, off_t)
WRIT_TRUNCATE(ftruncate64, off64_t)
WRIT_PWRITE(pwrite, off_t)
WRIT_PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static auto* const call = real<ssize_t(int, const void*, std::size_t)>("write");
  return guarded_write(fd, size, [&](std::size_t part) { return call(fd, bytes, part); });
}

int mkdir(const char* path, mode_t mode) {
  static auto* const call = real<int(const char*, mode_t)>("mkdir");
  return guarded(concerns(AT_FDCWD, path), Room::needed, [&] { return call(path, mode); });
}

int unlink(const char* path) {
  static auto* const call = real<int(const char*)>("unlink");
  return guarded(concerns(AT_FDCWD, path), Room::not_needed, [&] { return call(path); });
}

int unlinkat(int directory, const char* path, int flags) {
  static auto* const call = real<int(int, const char*, int)>("unlinkat");
  return guarded(concerns(directory, path), Room::not_needed,
                 [&] { return call(directory, path, flags); });
}

int link(const char* from, const char* to) {
  static auto* const call = real<int(const char*, const char*)>("link");
  return guarded(concerns(AT_FDCWD, to), Room::not_needed, [&] { return call(from, to); });
}

int rename(const char* from, const char* to) {
  static auto* const call = real<int(const char*, const char*)>("rename");
  return guarded(concerns(AT_FDCWD, to), Room::not_needed, [&] { return call(from, to); });
}

int renameat(int from_at, const char* from, int to_at, const char* to) {
  static auto* const call = real<int(int, const char*, int, const char*)>("renameat");
  return guarded(concerns(to_at, to), Room::not_needed,
                 [&] { return call(from_at, from, to_at, to); });
}

int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  static auto* const call = real<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return guarded(concerns(to_at, to), Room::not_needed,
                 [&] { return call(from_at, from, to_at, to, flags); });
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static auto* const call = real<int(clockid_t, timespec*)>("clock_gettime");
  const int done = call(clock, time);
  if (done == 0 && is_wall(clock)) set_wrong(*time);
  return done;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  static_cast<void>(zone);  // Linux knows none
  timespec now{};
  if (const int done = clock_gettime(CLOCK_REALTIME, &now); done != 0) return done;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1'000;
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
