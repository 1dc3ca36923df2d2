#include "server/api/peer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

namespace writ::server {
namespace {

constexpr std::string_view kSocket = "unix";
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::string_view without_port(std::string_view peer) {
  if (peer.starts_with('[')) {
    const std::size_t end = std::min(peer.find(']'), peer.size());
    return peer.substr(1, end - 1);
  }
  const std::size_t colon = peer.find(':');
  // More than one colon: an address of IPv6 without brackets, as X-Forwarded-For has them.
  return colon != peer.npos && peer.find(':', colon + 1) == peer.npos ? peer.substr(0, colon)
                                                                      : peer;
}

// As inet_ntop writes it: two texts of one address are one.
struct Address {
  std::string text;
  std::string counted;  // itself, or its network
};

template <typename Bytes>
std::string text_of(int family, const Bytes& bytes) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  return ::inet_ntop(family, bytes.data(), out.data(), out.size()) == nullptr ? "" : out.data();
}

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  std::array<std::uint8_t, 4> v4{};
  if (::inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) {
    const std::string same = text_of(AF_INET, v4);
    return Address{same, same};
  }
  std::array<std::uint8_t, 16> v6{};
  if (::inet_pton(AF_INET6, terminated.c_str(), v6.data()) != 1) return std::nullopt;
  if (std::equal(kMapped.begin(), kMapped.end(), v6.begin())) {
    std::copy(v6.begin() + kMapped.size(), v6.end(), v4.begin());
    const std::string same = text_of(AF_INET, v4);
    return Address{same, same};
  }
  Address out{text_of(AF_INET6, v6), {}};
  std::fill(v6.begin() + 8, v6.end(), std::uint8_t{0});
  out.counted = text_of(AF_INET6, v6) + "/64";
  return out;
}

// The last one first.
std::vector<std::string_view> forwarded_for(const net::Fields& fields) {
  std::vector<std::string_view> out;
  for (const net::Field& field : fields) {
    if (!net::equals_ignoring_case(field.name, "X-Forwarded-For")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      out.push_back(trimmed(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  std::reverse(out.begin(), out.end());
  return out;
}

bool is_trusted(std::string_view address, const std::vector<std::string>& trusted) {
  return std::ranges::any_of(trusted, [&](const std::string& one) {
    const auto parsed = parse_address(one);
    return (parsed ? parsed->text : one) == address;
  });
}

}  // namespace

std::string counted_peer(std::string_view peer, const net::Fields& fields,
                         const std::vector<std::string>& trusted) {
  const bool is_socket = peer == kSocket;
  const auto own = is_socket ? std::nullopt : parse_address(without_port(peer));
  std::string counted = is_socket ? "" : own ? own->counted : std::string(peer);
  std::string known = is_socket ? std::string(kSocket) : own ? own->text : counted;
  for (const std::string_view one : forwarded_for(fields)) {
    if (!is_trusted(known, trusted)) break;
    const auto address = parse_address(without_port(one));
    if (!address) break;
    counted = address->counted;
    known = address->text;
  }
  return counted;
}

}  // namespace writ::server
