#pragma once
// Keys that sort as their parts do: text parts end in 00 01 (a 00 inside becomes 00 FF), numbers
// are big-endian. KeyRange makers cover "everything under this prefix".
#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::store {

class Key {
 public:
  Key& text(std::string_view part);
  Key& number(std::uint64_t part);
  Key& uuid(const Uuid& part);
  template <typename Tag>
  Key& id(const Id<Tag>& part) {
    return uuid(part.uuid);
  }

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }
  // All keys that begin with this one's parts.
  KeyRange under() const;

 private:
  std::string bytes_;
};

// Reads the parts back in order. Errors: tampered (bytes that Key never makes).
class KeyReader {
 public:
  explicit KeyReader(std::string_view bytes) : rest_(bytes) {}
  Result<std::string> text();
  Result<std::uint64_t> number();
  Result<Uuid> uuid();
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace writ::store
