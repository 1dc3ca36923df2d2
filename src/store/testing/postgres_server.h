#pragma once
// A real PostgreSQL of a test's own: Debian's server on a temporary directory, reached through a
// socket in that directory alone, with a database for each fixture. Starting takes a second or
// two, so tests share one (`shared`); those that stop it start their own. It ends with the thread
// that started it.
#include <sys/types.h>

#include <memory>
#include <string>

#include "store/testing/temporary_directory.h"

namespace writ::store {

class PostgresServer {
 public:
  // Why there is none: Debian's package is not installed. Empty where it is.
  static std::string missing();
  // The one that tests share; lives until the program ends.
  static PostgresServer& shared();

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A new, empty database.
  std::string make_database();
  std::string url(const std::string& database) const;

  // What it has written to its log.
  std::string log() const;

  void start();
  // As a crash: at once, without a checkpoint.
  void kill();
  // As an administrator: sessions are ended, then the server.
  void stop();

 private:
  void run(const std::string& program, const std::string& arguments) const;
  void wait_for_end();

  TemporaryDirectory directory_;
  pid_t pid_ = 0;
  int databases_ = 0;
};

}  // namespace writ::store
