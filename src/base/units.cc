#include "base/units.h"

#include <charconv>
#include <limits>
#include <optional>
#include <span>

namespace writ {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Ascending, so that the writer's last fitting row is the largest unit.
constexpr Unit kDurationUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

constexpr Unit kByteUnits[] = {{"B", 1},          {"KB", 1000},      {"KiB", 1u << 10},
                               {"MB", 1'000'000}, {"MiB", 1u << 20}, {"GB", 1'000'000'000},
                               {"GiB", 1u << 30}};

struct Quantity {
  std::string_view what;  // "duration"
  std::string_view example;
  std::span<const Unit> units;
  std::uint64_t max;
};

const Quantity kDuration{"duration", "250ms, 60s, 5m, 2h or 1d", kDurationUnits,
                         std::numeric_limits<std::int64_t>::max()};
const Quantity kBytes{"size", "512B, 64KiB, 10MB or 1GiB", kByteUnits,
                      std::numeric_limits<std::uint64_t>::max()};

std::optional<std::uint64_t> factor_of(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

Result<std::uint64_t> parse(const Quantity& quantity, std::string_view text) {
  const std::string shown = "`" + std::string(text.substr(0, 40)) + "`";
  const std::string what(quantity.what);
  const std::string remedy = "Write a whole number and a unit: " + std::string(quantity.example);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    return fail(Code::invalid_input, shown + " is too large for a " + what, remedy);
  }
  if (error != std::errc()) return fail(Code::invalid_input, shown + " is no " + what, remedy);
  const auto digits = static_cast<std::size_t>(end - text.data());
  const auto factor = factor_of(quantity.units, text.substr(digits));
  if (!factor) return fail(Code::invalid_input, shown + " is no " + what, remedy);
  if (number > quantity.max / *factor) {
    return fail(Code::invalid_input, shown + " is too large for a " + what, remedy);
  }
  return number * *factor;
}

// The shortest exact spelling; of several the largest unit.
std::string spell(std::span<const Unit> units, std::uint64_t amount, std::string_view zero) {
  if (amount == 0) return std::string(zero);
  std::string best;
  for (const Unit& unit : units) {
    if (amount % unit.factor != 0) continue;
    std::string candidate = std::to_string(amount / unit.factor) + std::string(unit.name);
    if (best.empty() || candidate.size() <= best.size()) best = std::move(candidate);
  }
  return best;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  WRIT_TRY(const std::uint64_t millis, parse(kDuration, text));
  return Duration{static_cast<std::int64_t>(millis)};
}

std::string to_text(Duration duration) {
  // Differences may be negative; they are shown, though parse_duration takes no sign.
  const std::int64_t count = duration.count();
  const auto magnitude =
      count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  return (count < 0 ? "-" : "") + spell(kDurationUnits, magnitude, "0s");
}

Result<Bytes> parse_bytes(std::string_view text) {
  WRIT_TRY(const std::uint64_t count, parse(kBytes, text));
  return Bytes{count};
}

std::string to_text(Bytes bytes) { return spell(kByteUnits, bytes.count, "0B"); }

}  // namespace writ
