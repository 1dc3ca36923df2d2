#include "observe/trace_context.h"

#include <algorithm>
#include <span>

#include "base/encoding.h"

namespace writ::observe {
namespace {

constexpr std::size_t kParentLength = 55;  // 2 + 1 + 32 + 1 + 16 + 1 + 2
constexpr std::size_t kStateLimit = 512;   // what the specification asks to be passed on

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// False for anything but lower-case digits, which is all that the specification allows.
bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

}  // namespace

std::string TraceId::hex() const { return to_hex(bytes); }
std::string SpanId::hex() const { return to_hex(bytes); }

std::string TraceContext::traceparent() const {
  return "00-" + trace.hex() + "-" + span.hex() + (is_sampled ? "-01" : "-00");
}

std::optional<TraceContext> parse_trace_context(std::string_view traceparent,
                                                std::string_view state) {
  if (traceparent.size() < kParentLength) return std::nullopt;
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-')
    return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext out;
  if (!read_hex(traceparent, version) || !read_hex(traceparent.substr(3), out.trace.bytes) ||
      !read_hex(traceparent.substr(36), out.span.bytes) ||
      !read_hex(traceparent.substr(53), flags)) {
    return std::nullopt;
  }
  if (version[0] == 0xff || !out.is_valid()) return std::nullopt;
  if (traceparent.size() > kParentLength &&
      (version[0] == 0 || traceparent[kParentLength] != '-')) {
    return std::nullopt;
  }
  out.is_sampled = (flags[0] & 1) != 0;
  if (state.size() <= kStateLimit && std::ranges::all_of(state, is_printable)) out.state = state;
  return out;
}

TraceId make_trace_id(Random& random) {
  TraceId id;
  do random.fill(id.bytes);
  while (!id.is_valid());
  return id;
}

SpanId make_span_id(Random& random) {
  SpanId id;
  do random.fill(id.bytes);
  while (!id.is_valid());
  return id;
}

}  // namespace writ::observe
