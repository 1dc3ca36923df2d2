#include <fmt/format.h>

#include <algorithm>

#include "policy/builtins/time_chunk.h"
#include "policy/builtins/time_layout.h"

namespace writ::rego {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t nanos;
};
constexpr Unit kUnits[] = {
    {"ns", 1},         {"us", 1'000},        {"µs", 1'000},  // U+00B5
    {"μs", 1'000},                                           // U+03BC
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};

// One "1.5h" at the front of a duration.
class DurationParser {
 public:
  explicit DurationParser(std::string_view text) : whole_(text), left_(text) {}

  Result<std::int64_t> parse() {
    const bool negative = left_.starts_with('-');
    if (negative || left_.starts_with('+')) left_.remove_prefix(1);
    if (left_ == "0") return 0;
    if (left_.empty()) return invalid();
    std::uint64_t total = 0;
    while (!left_.empty()) {
      WRIT_TRY(const std::uint64_t part, part_nanos());
      total += part;
      if (total > kLimit) return invalid();
    }
    if (negative) return static_cast<std::int64_t>(~total + 1);
    if (total >= kLimit) return invalid();
    return static_cast<std::int64_t>(total);
  }

 private:
  static constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;

  std::unexpected<Error> invalid() const {
    return fail(Code::invalid_input, "time: invalid duration " + go_quoted(whole_));
  }

  Result<std::uint64_t> part_nanos() {
    std::uint64_t whole = 0;
    const std::size_t before = left_.size();
    while (is_digit_at(left_, 0)) {
      whole = whole * 10 + static_cast<std::uint64_t>(left_[0] - '0');
      if (whole > kLimit) return invalid();
      left_.remove_prefix(1);
    }
    bool has_digits = left_.size() != before;
    long double fraction = 0;
    if (left_.starts_with('.')) {
      left_.remove_prefix(1);
      for (long double scale = 0.1L; is_digit_at(left_, 0); scale /= 10) {
        fraction += static_cast<long double>(left_[0] - '0') * scale;
        has_digits = true;
        left_.remove_prefix(1);
      }
    }
    if (!has_digits) return invalid();
    const std::size_t end = std::min(left_.find_first_of(".0123456789"), left_.size());
    if (end == 0) {
      return fail(Code::invalid_input, "time: missing unit in duration " + go_quoted(whole_));
    }
    const auto* const unit = std::ranges::find(kUnits, left_.substr(0, end), &Unit::name);
    if (unit == std::end(kUnits)) {
      return fail(Code::invalid_input,
                  fmt::format("time: unknown unit {} in duration {}",
                              go_quoted(left_.substr(0, end)), go_quoted(whole_)));
    }
    left_.remove_prefix(end);
    if (whole > kLimit / unit->nanos) return invalid();
    const long double part = fraction * static_cast<long double>(unit->nanos);
    return whole * unit->nanos + static_cast<std::uint64_t>(part + 1e-6L);
  }

  std::string_view whole_;
  std::string_view left_;
};

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) { return DurationParser(text).parse(); }

}  // namespace writ::rego
