#include "policy/builtins/net_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace writ::rego {
namespace {

// A decimal number up to `most`, with no more than `digits` digits and no sign.
std::optional<unsigned> small_number(std::string_view text, unsigned most, std::size_t digits) {
  if (text.empty() || text.size() > digits) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse_v4(std::string_view text) {
  IpAddress out;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = i == 3 ? text.size() : text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(0, dot);
    const auto value = small_number(part, 255, 3);
    if (!value || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    out.bytes_[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return out;
}

std::optional<IpAddress> IpAddress::parse_v6(std::string_view text) {
  // A dotted tail is checked here: inet_pton accepts what Go does, but for leading zeros.
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || !parse_v4(text.substr(colon + 1))) return std::nullopt;
  }
  IpAddress out;
  out.size_ = 16;
  if (::inet_pton(AF_INET6, std::string(text).c_str(), out.bytes_.data()) != 1) return std::nullopt;
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(std::begin(kMapped), std::end(kMapped), out.bytes_.begin())) {
    std::copy_n(out.bytes_.begin() + 12, 4, out.bytes_.begin());
    std::fill(out.bytes_.begin() + 4, out.bytes_.end(), std::uint8_t{0});
    out.size_ = 4;
  }
  return out;
}

std::optional<IpAddress> IpAddress::from_bytes(std::string_view bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  IpAddress out;
  out.size_ = bytes.size();
  std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 45 || text.contains('\0')) return std::nullopt;
  return text.contains(':') ? parse_v6(text) : parse_v4(text);
}

std::string IpAddress::text() const {
  char out[INET6_ADDRSTRLEN];
  // ::1.2.3.4 is written in hexadecimal by Go, in decimal by the C library.
  if (!is_v4() && std::all_of(bytes_.begin(), bytes_.begin() + 12, [](auto b) { return b == 0; }) &&
      (bytes_[12] != 0 || bytes_[13] != 0)) {
    const auto hex = [](unsigned n) {
      char digits[8];
      return std::string(digits, std::to_chars(digits, digits + 8, n, 16).ptr);
    };
    return "::" + hex(bytes_[12] * 256U + bytes_[13]) + ":" + hex(bytes_[14] * 256U + bytes_[15]);
  }
  return ::inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), out, sizeof out);
}

IpAddress IpAddress::first(std::size_t prefix) const {
  IpAddress out = *this;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t kept = std::min<std::size_t>(prefix > i * 8 ? prefix - i * 8 : 0, 8);
    out.bytes_[i] = static_cast<std::uint8_t>(out.bytes_[i] & (0xff00U >> kept));
  }
  return out;
}

IpAddress IpAddress::last(std::size_t prefix) const {
  IpAddress out = *this;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t kept = std::min<std::size_t>(prefix > i * 8 ? prefix - i * 8 : 0, 8);
    out.bytes_[i] = static_cast<std::uint8_t>(out.bytes_[i] | (0xffU >> kept));
  }
  return out;
}

bool IpAddress::increment() {
  if (*this == last(0)) return false;
  for (std::size_t i = size_; i-- > 0;) {
    if (++bytes_[i] != 0) break;
  }
  return true;
}

bool IpAddress::decrement() {
  if (*this == first(0)) return false;
  for (std::size_t i = size_; i-- > 0;) {
    if (bytes_[i]-- != 0) break;
  }
  return true;
}

std::optional<CidrBlock> CidrBlock::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view host = text.substr(0, slash);
  auto address = IpAddress::parse(host);
  if (!address) return std::nullopt;
  // A mapped address counts bits as the IPv6 address that it was written as.
  const bool is_mapped = address->is_v4() && host.contains(':');
  const std::size_t bits = is_mapped ? 128 : address->size() * 8;
  const auto prefix = small_number(text.substr(slash + 1), static_cast<unsigned>(bits), 7);
  if (!prefix || (is_mapped && *prefix < 96)) return std::nullopt;
  const std::size_t own = *prefix - (is_mapped ? 96 : 0);
  return CidrBlock{address->first(own), own};
}

bool CidrBlock::contains(const IpAddress& other) const {
  return other.size() == address.size() && other.first(prefix) == address;
}

std::string CidrBlock::text() const { return address.text() + "/" + std::to_string(prefix); }

}  // namespace writ::rego
