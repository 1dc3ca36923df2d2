#include "store/testing/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace writ::store {
namespace {

namespace fs = std::filesystem;

// The newest of Debian's, /usr/lib/postgresql/15/bin.
fs::path programs() {
  fs::path newest;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const fs::path bin = version.path() / "bin";
    if (fs::exists(bin / "initdb") && bin > newest) newest = bin;
  }
  return newest;
}

// The server refuses to run as root.
const passwd* other_user() { return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr; }

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "PostgreSQL for tests: %s\n", what.c_str());
  std::abort();
}

// A shell's command in a child of this process, as the server's user, output to `log`.
pid_t spawn(const std::string& command, const fs::path& log) {
  const passwd* const user = other_user();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) die("cannot fork");
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::dup2(out, 1);
  ::dup2(out, 2);
  if (user != nullptr) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
        ::setuid(user->pw_uid) != 0) {
      ::_exit(127);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user clears it
  }
  ::execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

std::string PostgresServer::missing() {
  if (programs().empty()) return "skipped: the package postgresql-15 is not installed";
  if (::geteuid() == 0 && other_user() == nullptr) return "skipped: there is no user postgres";
  return {};
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  if (const passwd* const user = other_user()) {
    if (::chown(directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0) die("cannot chown");
  }
  run("initdb", "-D " + directory_.file("data") + " -U writ --auth=trust --no-sync -E UTF8");
  start();
}

PostgresServer::~PostgresServer() { stop(); }

void PostgresServer::run(const std::string& program, const std::string& arguments) const {
  int status = 0;
  const pid_t child =
      spawn((programs() / program).string() + " " + arguments, directory_.path() / "log");
  ::waitpid(child, &status, 0);
  if (status == 0) return;
  std::system(("cat " + directory_.file("log") + " >&2").c_str());
  die(program + " failed");
}

void PostgresServer::start() {
  const std::string command =
      (programs() / "postgres").string() + " -D " + directory_.file("data") +
      " -c listen_addresses='' -c unix_socket_directories=" + directory_.path().string() +
      " -c max_connections=60 -c shared_buffers=32MB -c autovacuum=off";
  pid_ = spawn(command, directory_.path() / "log");
  for (int i = 0; i < 600; ++i) {
    const pid_t asked =
        spawn((programs() / "pg_isready").string() + " -q -U writ -h " + directory_.path().string(),
              directory_.path() / "log");
    int status = 0;
    ::waitpid(asked, &status, 0);
    if (status == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::system(("cat " + directory_.file("log") + " >&2").c_str());
  die("the server does not start");
}

void PostgresServer::wait_for_end() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = 0;
}

// Its children notice that the parent is gone; shared memory is theirs until they have.
void PostgresServer::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGQUIT);  // at once, without a checkpoint: the next start recovers
  wait_for_end();
}

void PostgresServer::stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGINT);  // "fast": sessions are ended
  wait_for_end();
}

std::string PostgresServer::make_database() {
  const std::string name = "test" + std::to_string(++databases_);
  run("createdb", "-h " + directory_.path().string() + " -U writ " + name);
  return name;
}

std::string PostgresServer::log() const {
  std::ifstream in(directory_.file("log"));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://writ@/" + database + "?host=" + directory_.path().string();
}

}  // namespace writ::store
