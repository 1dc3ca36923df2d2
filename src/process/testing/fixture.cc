#include "process/testing/fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace writ::process {
namespace {

constexpr int kHangGuardMs = 60'000;

std::filesystem::path make_temporary() {
  std::string name = (std::filesystem::temp_directory_path() / "writ-process-XXXXXX").string();
  return ::mkdtemp(name.data()) != nullptr ? std::filesystem::canonical(name)
                                           : std::filesystem::path();
}

}  // namespace

LifeLine::LifeLine(std::filesystem::path path) : path_(std::move(path)) {
  ::mkfifo(path_.c_str(), 0600);
  fd_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

LifeLine::~LifeLine() { ::close(fd_); }

bool LifeLine::is_held() const {
  pollfd end{fd_, 0, 0};
  return ::poll(&end, 1, kHangGuardMs) == 0;
}

void LifeLine::await_holder() const {
  pollfd readable{fd_, POLLIN, 0};
  ::poll(&readable, 1, kHangGuardMs);
}

ProcessTest::ProcessTest() : directory_(make_temporary()), runner_(self()) {}

ProcessTest::~ProcessTest() { std::filesystem::remove_all(directory_); }

std::string ProcessTest::self() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

Command ProcessTest::shell(const std::string& script) const {
  Command command;
  command.argv = {"sh", "-c", script};
  command.directory = directory_;
  command.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
  command.sandbox = Sandbox::off;
  command.timeout = Duration(kHangGuardMs);
  command.token = "test-" + directory_.filename().string();
  return command;
}

Command ProcessTest::part(std::vector<std::string> words) const {
  Command command = shell("");
  command.argv = {self(), "__part"};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return command;
}

Result<Outcome> ProcessTest::run(const Command& command) { return runner_.run(command, {}, {}); }

Outcome ProcessTest::run_well(const Command& command) {
  auto outcome = run(command);
  if (!outcome) {
    ADD_FAILURE() << outcome.error().text();
    return {};
  }
  return *std::move(outcome);
}

}  // namespace writ::process
