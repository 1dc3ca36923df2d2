#pragma once
// Reads DER (X.690), strictly: one element after another, as views into the bytes.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writ::rego {

namespace der {

enum Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  object_id = 0x06,
  utf8_string = 0x0c,
  numeric_string = 0x12,
  printable_string = 0x13,
  t61_string = 0x14,
  ia5_string = 0x16,
  utc_time = 0x17,
  generalized_time = 0x18,
  bmp_string = 0x1e,
  sequence = 0x30,
  set = 0x31,
};
// Context-specific tags, [n].
constexpr std::uint8_t context(std::uint8_t n) { return static_cast<std::uint8_t>(0x80 | n); }
constexpr std::uint8_t constructed(std::uint8_t n) { return static_cast<std::uint8_t>(0xa0 | n); }

}  // namespace der

struct DerElement {
  std::uint8_t tag = 0;
  std::string_view content;
  std::string_view whole;  // with tag and length
};

class DerReader {
 public:
  DerReader() = default;
  explicit DerReader(std::string_view bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  bool at(std::uint8_t tag) const {
    return !left_.empty() && static_cast<std::uint8_t>(left_[0]) == tag;
  }
  // The next element; nothing, and nothing is read, if it is malformed or has another tag.
  std::optional<DerElement> next();
  std::optional<DerElement> next(std::uint8_t tag);
  // The content of the next element as a reader.
  std::optional<DerReader> inside(std::uint8_t tag);
  // Likewise of an element that may be missing: then an empty reader.
  std::optional<DerReader> inside_optional(std::uint8_t tag);

  std::optional<bool> boolean();
  // Non-negative and small.
  std::optional<std::int64_t> small_integer();

 private:
  std::string_view left_;
};

// The numbers of an object identifier, and as "1.2.840".
std::optional<std::vector<std::uint64_t>> oid_numbers(std::string_view content);
std::string oid_text(std::string_view content);

// The bytes of a bit string, shifted so that unused bits are in front; nothing if malformed.
std::optional<std::string> bit_string_bytes(std::string_view content);

// A time as "2014-04-02T00:00:00Z", from UTCTime or GeneralizedTime.
std::optional<std::string> time_text(const DerElement& element);

// The decimal digits of an integer of any size.
std::string integer_text(std::string_view content);

}  // namespace writ::rego
