#include "store/key.h"

#include <algorithm>

namespace writ::store {
namespace {

constexpr char kEscape = '\x00';
constexpr char kEnd = '\x01';
constexpr char kZero = '\xff';

std::unexpected<Error> foreign_key() {
  return fail(Code::tampered, "a stored key has a form that Writ never writes");
}

}  // namespace

Key& Key::text(std::string_view part) {
  for (const char c : part) {
    bytes_ += c;
    if (c == kEscape) bytes_ += kZero;
  }
  bytes_ += kEscape;
  bytes_ += kEnd;
  return *this;
}

Key& Key::number(std::uint64_t part) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes_ += static_cast<char>(part >> shift);
  return *this;
}

Key& Key::uuid(const Uuid& part) {
  bytes_.append(reinterpret_cast<const char*>(part.bytes.data()), part.bytes.size());
  return *this;
}

KeyRange Key::under() const {
  // The first key behind all that share the prefix: the prefix counted up by one, carries and all.
  std::string last = bytes_;
  while (!last.empty() && last.back() == '\xff') last.pop_back();
  if (!last.empty()) last.back() = static_cast<char>(static_cast<unsigned char>(last.back()) + 1);
  return {bytes_, std::move(last)};
}

Result<std::string> KeyReader::text() {
  std::string part;
  for (std::size_t i = 0; i + 1 < rest_.size(); ++i) {
    if (rest_[i] != kEscape) {
      part += rest_[i];
      continue;
    }
    const char kind = rest_[++i];
    if (kind == kEnd) {
      rest_.remove_prefix(i + 1);
      return part;
    }
    if (kind != kZero) break;
    part += kEscape;
  }
  return foreign_key();
}

Result<std::uint64_t> KeyReader::number() {
  if (rest_.size() < 8) return foreign_key();
  std::uint64_t part = 0;
  for (const char c : rest_.substr(0, 8)) part = part << 8 | static_cast<unsigned char>(c);
  rest_.remove_prefix(8);
  return part;
}

Result<Uuid> KeyReader::uuid() {
  Uuid part;
  if (rest_.size() < part.bytes.size()) return foreign_key();
  std::copy_n(rest_.begin(), part.bytes.size(), part.bytes.begin());
  rest_.remove_prefix(part.bytes.size());
  return part;
}

}  // namespace writ::store
