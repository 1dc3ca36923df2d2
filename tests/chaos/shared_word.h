#pragma once
// Eight bytes in a file that processes under the fault shim have mapped: what a test turns while
// they run (WRIT_CLOCK_OFFSET, WRIT_FAULT_SWITCH of fault_shim.cc).
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

namespace writ::chaos {

class SharedWord {
 public:
  // Makes the file, with zero in it.
  explicit SharedWord(std::string path) : path_(std::move(path)) {
    std::ofstream(path_) << std::string(sizeof(std::int64_t), '\0');
    const int file = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    void* const shared =
        ::mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (shared == MAP_FAILED) std::abort();
    word_ = static_cast<std::atomic<std::int64_t>*>(shared);
  }
  ~SharedWord() { ::munmap(word_, sizeof(std::int64_t)); }
  SharedWord(const SharedWord&) = delete;
  SharedWord& operator=(const SharedWord&) = delete;

  const std::string& path() const { return path_; }
  void set(std::int64_t value) { word_->store(value); }
  std::int64_t value() const { return word_->load(); }

 private:
  const std::string path_;
  std::atomic<std::int64_t>* word_ = nullptr;
};

}  // namespace writ::chaos
