#pragma once
// `writ serve` as a process of its own, that tests kill and look into.
#include <sys/types.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace writ::chaos {

// The environment of a server, and of whoever makes its administrator: this process's, and these.
using Environment = std::map<std::string, std::string>;

class ServeProcess {
 public:
  // Returns once it listens, on a port of its own; the test fails where it does not. What it says
  // on standard error goes to the file `log`.
  ServeProcess(std::string directory, Environment environment, std::string log);
  ~ServeProcess();
  ServeProcess(const ServeProcess&) = delete;
  ServeProcess& operator=(const ServeProcess&) = delete;

  const std::string& url() const { return url_; }  // "http://127.0.0.1:40123"
  std::string host() const { return url_.substr(url_.find("//") + 2); }
  // Whether it is running, which it should be until it is killed.
  bool is_alive() const;
  void kill();
  // What it has in memory now, and at most had: VmRSS and VmHWM of proc(5).
  std::size_t resident_bytes() const;
  std::size_t most_resident_bytes() const;

 private:
  std::size_t status_bytes(const std::string& field) const;

  pid_t pid_ = 0;
  std::string url_;
};

// Runs `writ` with `input` on its standard input; what it printed. The test fails where it ends
// with anything but 0.
std::string run_writ(const std::vector<std::string>& words, const std::string& directory,
                     const Environment& environment, const std::string& input);

}  // namespace writ::chaos
