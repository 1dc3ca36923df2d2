#include "serve_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace writ::chaos {
namespace {

// Between fork and exec.
[[noreturn]] void become_writ(const std::vector<std::string>& words, const std::string& directory,
                              const Environment& environment) {
  std::vector<char*> argv{const_cast<char*>(WRIT_BINARY)};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (::chdir(directory.c_str()) == 0) ::execv(WRIT_BINARY, argv.data());
  ::_exit(127);
}

std::string read_all(int descriptor) {
  std::string out;
  std::array<char, 4096> bytes{};
  ssize_t count = 0;
  while ((count = ::read(descriptor, bytes.data(), bytes.size())) > 0) {
    out.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return out;
}

std::string read_line(int descriptor) {
  std::string out;
  for (char one = 0; ::read(descriptor, &one, 1) == 1 && one != '\n';) out.push_back(one);
  return out;
}

}  // namespace

ServeProcess::ServeProcess(std::string directory, Environment environment, std::string log) {
  std::array<int, 2> said{};
  if (::pipe2(said.data(), O_CLOEXEC) != 0) std::abort();
  pid_ = ::fork();
  if (pid_ == 0) {
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(said[1], 1);
    ::dup2(file, 2);
    become_writ({"serve", "--addr", "127.0.0.1:0", "--check-answers"}, directory, environment);
  }
  ::close(said[1]);
  constexpr std::string_view kBegin = "listening on ";
  const std::string line = read_line(said[0]);
  ::close(said[0]);
  EXPECT_TRUE(line.starts_with(kBegin)) << "the server said: " << line;
  url_ = line.substr(std::min(line.size(), kBegin.size()));
}

ServeProcess::~ServeProcess() { kill(); }

bool ServeProcess::is_alive() const { return pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }

void ServeProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = 0;
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
      << "the server ended by itself: " << status;
}

std::size_t ServeProcess::status_bytes(const std::string& field) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stoull(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

std::size_t ServeProcess::resident_bytes() const { return status_bytes("VmRSS"); }
std::size_t ServeProcess::most_resident_bytes() const { return status_bytes("VmHWM"); }

std::string run_writ(const std::vector<std::string>& words, const std::string& directory,
                     const Environment& environment, const std::string& input) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    become_writ(words, directory, environment);
  }
  ::close(in[0]);
  ::close(out[1]);
  // Fits into the pipe: a password, a line.
  EXPECT_EQ(::write(in[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
  ::close(in[1]);
  std::string said = read_all(out[0]);
  ::close(out[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << words.front() << ": " << said;
  return said;
}

}  // namespace writ::chaos
