#include "policy/builtins/der.h"

#include <fmt/format.h>

#include <boost/multiprecision/cpp_int.hpp>

#include "policy/builtins/civil_time.h"

namespace writ::rego {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

}  // namespace

std::optional<DerElement> DerReader::next() {
  if (left_.size() < 2 || (byte_at(left_, 0) & 0x1f) == 0x1f) return std::nullopt;
  std::size_t header = 2;
  std::size_t length = byte_at(left_, 1);
  if (length >= 0x80) {
    const std::size_t count = length & 0x7f;
    if (count == 0 || count > 4 || left_.size() < 2 + count) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | byte_at(left_, 2 + i);
    // DER has one way to write a length: the shortest.
    if (length < 0x80 || byte_at(left_, 2) == 0) return std::nullopt;
    header += count;
  }
  if (length > left_.size() - header) return std::nullopt;
  const DerElement out{byte_at(left_, 0), left_.substr(header, length),
                       left_.substr(0, header + length)};
  left_.remove_prefix(out.whole.size());
  return out;
}

std::optional<DerElement> DerReader::next(std::uint8_t tag) {
  return at(tag) ? next() : std::nullopt;
}

std::optional<DerReader> DerReader::inside(std::uint8_t tag) {
  const auto element = next(tag);
  if (!element) return std::nullopt;
  return DerReader(element->content);
}

std::optional<DerReader> DerReader::inside_optional(std::uint8_t tag) {
  return at(tag) ? inside(tag) : DerReader();
}

std::optional<bool> DerReader::boolean() {
  const auto element = next(der::boolean);
  if (!element || element->content.size() != 1) return std::nullopt;
  const std::uint8_t value = byte_at(element->content, 0);
  if (value != 0 && value != 0xff) return std::nullopt;
  return value != 0;
}

std::optional<std::int64_t> DerReader::small_integer() {
  const auto element = next(der::integer);
  if (!element || element->content.empty() || element->content.size() > 8 ||
      byte_at(element->content, 0) >= 0x80) {
    return std::nullopt;
  }
  std::int64_t out = 0;
  for (std::size_t i = 0; i < element->content.size(); ++i) {
    out = out << 8 | byte_at(element->content, i);
  }
  return out;
}

std::optional<std::vector<std::uint64_t>> oid_numbers(std::string_view content) {
  std::vector<std::uint64_t> out;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (value >> 56 != 0) return std::nullopt;
    value = value << 7 | (byte_at(content, i) & 0x7fU);
    if (byte_at(content, i) >= 0x80) continue;
    if (out.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(value / 40, 2);
      out.push_back(first);
      value -= first * 40;
    }
    out.push_back(value);
    value = 0;
  }
  if (out.empty() || byte_at(content, content.size() - 1) >= 0x80) return std::nullopt;
  return out;
}

std::string oid_text(std::string_view content) {
  const auto numbers = oid_numbers(content);
  return numbers ? fmt::format("{}", fmt::join(*numbers, ".")) : std::string();
}

std::optional<std::string> bit_string_bytes(std::string_view content) {
  if (content.empty() || byte_at(content, 0) > 7) return std::nullopt;
  const unsigned unused = byte_at(content, 0);
  std::string out(content.substr(1));
  if (out.empty()) return unused == 0 ? std::optional(out) : std::nullopt;
  if (unused == 0) return out;
  unsigned carry = 0;
  for (char& c : out) {
    const unsigned value = static_cast<unsigned char>(c);
    c = static_cast<char>(value >> unused | carry);
    carry = value << (8 - unused) & 0xff;
  }
  return out;
}

std::optional<std::string> time_text(const DerElement& element) {
  const bool is_short = element.tag == der::utc_time;
  if (!is_short && element.tag != der::generalized_time) return std::nullopt;
  std::string_view text = element.content;
  const std::size_t year_digits = is_short ? 2 : 4;
  if (text.size() != year_digits + 11 || text.back() != 'Z') return std::nullopt;
  text.remove_suffix(1);
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    std::int64_t out = 0;
    for (const char c : text.substr(at, size)) out = out * 10 + (c - '0');
    return out;
  };
  CivilTime time{number(0, year_digits),     number(year_digits, 2),
                 number(year_digits + 2, 2), number(year_digits + 4, 2),
                 number(year_digits + 6, 2), number(year_digits + 8, 2)};
  if (is_short) time.year += time.year >= 50 ? 1900 : 2000;  // RFC 5280 section 4.1.2.5.1
  if (time.month < 1 || time.month > 12 || time.day < 1 ||
      time.day > days_in_month(time.month, time.year) || time.hour > 23 || time.minute > 59 ||
      time.second > 59) {
    return std::nullopt;
  }
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", time.year, time.month, time.day,
                     time.hour, time.minute, time.second);
}

std::string integer_text(std::string_view content) {
  boost::multiprecision::cpp_int value;
  import_bits(value, content.begin(), content.end(), 8);
  if (!content.empty() && byte_at(content, 0) >= 0x80) {
    value -= boost::multiprecision::cpp_int(1) << static_cast<unsigned>(content.size() * 8);
  }
  return value.str();
}

}  // namespace writ::rego
