#pragma once
// IP addresses and CIDR blocks as Go's package net reads and prints them. Values.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace writ::rego {

// An IPv4 or IPv6 address: 4 or 16 bytes.
class IpAddress {
 public:
  // Dotted decimal without leading zeros, or RFC 4291; no zone. Like Go, ::ffff:1.2.3.4 is IPv4.
  static std::optional<IpAddress> parse(std::string_view text);

  // Out of 4 or 16 bytes.
  static std::optional<IpAddress> from_bytes(std::string_view bytes);

  std::size_t size() const { return size_; }
  bool is_v4() const { return size_ == 4; }
  std::string text() const;

  // The first and the last address that begin with the same `prefix` bits.
  IpAddress first(std::size_t prefix) const;
  IpAddress last(std::size_t prefix) const;
  // The address after and before this one; false: there is none, and it stays.
  bool increment();
  bool decrement();

  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  friend struct CidrBlock;
  static std::optional<IpAddress> parse_v4(std::string_view text);
  static std::optional<IpAddress> parse_v6(std::string_view text);

  std::size_t size_ = 4;
  std::array<std::uint8_t, 16> bytes_{};  // the first size_ count, the rest is zero
};

struct CidrBlock {
  IpAddress address;       // the first of the block
  std::size_t prefix = 0;  // bits

  // "10.1.2.3/8" is 10.0.0.0/8.
  static std::optional<CidrBlock> parse(std::string_view text);
  bool contains(const IpAddress& other) const;
  IpAddress last() const { return address.last(prefix); }
  std::string text() const;
};

}  // namespace writ::rego
