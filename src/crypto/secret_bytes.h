#pragma once
// Bytes that must not be swapped out, dumped or left behind. Guarded pages, locked where the memory
// limit allows, wiped when they go (sodium_malloc).
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace writ::crypto {

// Initialises libsodium once; every function that calls into it goes through here first.
void require_sodium();

class SecretBytes {
 public:
  explicit SecretBytes(std::size_t size);
  // The caller wipes what it copied from.
  static SecretBytes copy_of(std::string_view bytes);

  std::uint8_t* data() { return bytes_.get(); }
  const std::uint8_t* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.get()), size_}; }

 private:
  struct Free {
    void operator()(std::uint8_t* bytes) const;
  };
  std::unique_ptr<std::uint8_t, Free> bytes_;
  std::size_t size_;
};

// Overwrites an ordinary string that held a secret in passing.
void wipe(std::string& text);

// Wipes a string when the scope ends, however it ends.
class WipeOnExit {
 public:
  explicit WipeOnExit(std::string& text) : text_(text) {}
  WipeOnExit(const WipeOnExit&) = delete;
  WipeOnExit& operator=(const WipeOnExit&) = delete;
  ~WipeOnExit() { wipe(text_); }

 private:
  std::string& text_;
};

}  // namespace writ::crypto
