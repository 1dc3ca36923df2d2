#pragma once
// UUIDs (RFC 9562) and strong id types over them. A RunId is never a StepId, and neither is a
// string. Version 7 for what is created in time order, version 5 for what is derived.
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace writ {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // Lower-case, with hyphens.
  std::string text() const;
  bool is_nil() const { return *this == Uuid{}; }
  friend auto operator<=>(const Uuid&, const Uuid&) = default;

  static Result<Uuid> parse(std::string_view text);
  // Time-ordered: 48 bits of milliseconds, then random bits.
  static Uuid v7(const Clock& clock, Random& random);
  // SHA-1 of namespace and name, RFC 9562 section 5.5.
  static Uuid v5(const Uuid& name_space, std::string_view name);
};

// The namespace of every UUIDv5 that Writ derives.
inline constexpr Uuid kWritNamespace{{0x6f, 0x1d, 0x57, 0x0e, 0x2a, 0x7b, 0x4c, 0x11, 0x9d, 0x3e,
                                      0x57, 0x52, 0x49, 0x54, 0x00, 0x01}};

template <typename Tag>
struct Id {
  Uuid uuid;
  std::string text() const { return uuid.text(); }
  friend auto operator<=>(const Id&, const Id&) = default;
  static Result<Id> parse(std::string_view text) {
    WRIT_TRY(const Uuid uuid, Uuid::parse(text));
    return Id{uuid};
  }
};

using RunId = Id<struct RunTag>;
using EventId = Id<struct EventTag>;
using EvidenceId = Id<struct EvidenceTag>;
using BlockerId = Id<struct BlockerTag>;
using DeferralId = Id<struct DeferralTag>;

}  // namespace writ

template <typename Tag>
struct std::hash<writ::Id<Tag>> {
  std::size_t operator()(const writ::Id<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(id.uuid.bytes.data()), id.uuid.bytes.size()});
  }
};
