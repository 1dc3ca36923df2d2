// UUIDs (RFC 9562): random ones, and what others say about themselves.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

using Uuid = std::array<std::uint8_t, 16>;

std::string to_text(const Uuid& uuid) {
  std::string out = to_hex(uuid);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) out.insert(at, 1, '-');
  return out;
}

// With dashes, without, in braces, or as a URN.
std::optional<Uuid> read_uuid(std::string_view text) {
  constexpr std::string_view kUrn = "urn:uuid:";
  std::string digits(text);
  std::ranges::transform(digits, digits.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (digits.size() == 45 && digits.starts_with(kUrn)) digits.erase(0, kUrn.size());
  if (digits.size() == 38 && digits.front() == '{' && digits.back() == '}') {
    digits = digits.substr(1, 36);
  }
  if (digits.size() == 36) {
    for (const std::size_t at : {23u, 18u, 13u, 8u}) {
      if (digits[at] != '-') return std::nullopt;
      digits.erase(at, 1);
    }
  }
  const auto bytes = parse_hex(digits);
  Uuid uuid;
  if (!bytes || bytes->size() != uuid.size()) return std::nullopt;
  std::ranges::copy(as_bytes(*bytes), uuid.begin());
  return uuid;
}

std::uint64_t big_endian(const Uuid& uuid, std::size_t at, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = at; i < at + count; ++i) out = out << 8 | uuid[i];
  return out;
}

std::string_view variant_of(const Uuid& uuid) {
  if ((uuid[8] & 0xc0) == 0x80) return "RFC4122";
  if ((uuid[8] & 0xe0) == 0xc0) return "Microsoft";
  return (uuid[8] & 0xe0) == 0xe0 ? "Future" : "Reserved";
}

// Nanoseconds since 1970; as in OPA the far future wraps around.
std::int64_t time_of(const Uuid& uuid) {
  constexpr std::uint64_t kFrom1582To1970 = 122'192'928'000'000'000;  // in 100 ns
  const std::uint64_t ticks = big_endian(uuid, 0, 4) | big_endian(uuid, 4, 2) << 32 |
                              (big_endian(uuid, 6, 2) & 0xfff) << 48;
  return static_cast<std::int64_t>((ticks - kFrom1582To1970) * 100);
}

std::string node_of(const Uuid& uuid) {
  return fmt::format("{:02x}", fmt::join(uuid.begin() + 10, uuid.end(), "-"));
}

std::string_view kind_of_node(const Uuid& uuid) {
  constexpr std::string_view kKinds[] = {"global:unicast", "global:multicast", "local:unicast",
                                         "local:multicast"};
  return kKinds[uuid[10] & 3];
}

std::string domain_of(const Uuid& uuid) {
  constexpr std::string_view kDomains[] = {"Person", "Group", "Org"};
  if (uuid[9] < std::size(kDomains)) return std::string(kDomains[uuid[9]]);
  return fmt::format("Domain{}", uuid[9]);
}

Outcome parse(Call& call) {
  const auto uuid = read_uuid(call.arg(0).text());
  if (!uuid) return Outcome::undefined();
  std::vector<Member> members;
  const auto add = [&](std::string_view key, const Term& value) {
    members.push_back({call.string(key), value});
  };
  const auto number = [](std::uint64_t n) { return Term::integer(static_cast<std::int64_t>(n)); };
  const unsigned version = uuid->at(6) >> 4;
  add("version", number(version));
  add("variant", call.string(variant_of(*uuid)));
  if (version == 1 || version == 2) {
    add("time", Term::integer(time_of(*uuid)));
    add("nodeid", call.string(node_of(*uuid)));
    add("macvariables", call.string(kind_of_node(*uuid)));
    add("clocksequence", number(big_endian(*uuid, 8, 2) & 0x3fff));
  }
  if (version == 2) {
    add("id", number(big_endian(*uuid, 0, 4)));
    add("domain", call.string(domain_of(*uuid)));
  }
  return make_object(call.arena(), std::move(members));
}

Outcome rfc4122(Call& call) {
  Uuid uuid;
  call.services().random->fill(uuid);
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return call.string(to_text(uuid));
}

constexpr Builtin kUuid[] = {
    {"uuid.parse", "(uuid: string) => (result: object[string: any])", &parse},
    {"uuid.rfc4122", "(k: string) => (output: string)", &rfc4122, Trait::nondeterministic},
};

}  // namespace

std::span<const Builtin> uuid_builtins() { return kUuid; }

}  // namespace writ::rego
