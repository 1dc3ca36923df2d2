#pragma once
// What the runner and its trampoline say to each other.
//
// The job travels in an anonymous file (descriptor 4), so that neither the command's arguments nor
// its environment touch the trampoline's own. Orders and reports are packets on a socket
// (descriptor 3); its end of file tells either side that the other is gone.
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writ::process {

constexpr int kControlFd = 3;
constexpr int kJobFd = 4;
constexpr const char* kTokenVariable = "WRIT_STEP_TOKEN";

struct ResourceLimit {
  int resource = 0;  // RLIMIT_…
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  friend bool operator==(const ResourceLimit&, const ResourceLimit&) = default;
};

struct Job {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value
  std::string directory;
  std::vector<ResourceLimit> limits;
  // Who must be the trampoline's parent; 0 where a pid namespace hides it.
  pid_t parent = 0;
  friend bool operator==(const Job&, const Job&) = default;
};

// No string of a job holds a NUL: records end with one.
std::string encode(const Job& job);
// Nothing where the bytes are not what this version of `encode` writes.
std::optional<Job> decode(std::string_view bytes);

enum class Order : char { go = 'g', terminate = 't', kill = 'k' };

struct Report {
  enum class Kind : std::uint8_t {
    ready,        // limits of the trampoline itself are set; it waits for `go`
    not_started,  // `stage` and `error` say why
    ended,        // the command and all its descendants are gone
  };
  enum class Stage : std::uint8_t { supervise, directory, limits, find_program, execute };

  Kind kind = Kind::ready;
  Stage stage = Stage::supervise;
  std::int32_t error = 0;      // errno
  std::int32_t status = 0;     // as of waitpid
  std::int32_t survivors = 0;  // descendants that could not be ended
  std::int64_t cpu_micros = 0;
  std::int64_t peak_kib = 0;
};

}  // namespace writ::process
