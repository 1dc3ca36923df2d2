#include "policy/builtins/base64_text.h"

#include <array>
#include <optional>

#include "crypto/base64url.h"

namespace writ::rego {
namespace {

constexpr std::uint8_t kNone = 0xff;

constexpr std::array<std::uint8_t, 256> values_of(char plus, char slash) {
  std::array<std::uint8_t, 256> out{};
  for (auto& value : out) value = kNone;
  std::uint8_t next = 0;
  for (char c = 'A'; c <= 'Z'; ++c) out[static_cast<unsigned char>(c)] = next++;
  for (char c = 'a'; c <= 'z'; ++c) out[static_cast<unsigned char>(c)] = next++;
  for (char c = '0'; c <= '9'; ++c) out[static_cast<unsigned char>(c)] = next++;
  out[static_cast<unsigned char>(plus)] = next++;
  out[static_cast<unsigned char>(slash)] = next;
  return out;
}
constexpr auto kStandard = values_of('+', '/');
constexpr auto kUrlSafe = values_of('-', '_');

// Reads groups of four; what is not base64 is refused with its position.
class Decoder {
 public:
  Decoder(const std::array<std::uint8_t, 256>& values, std::string_view text)
      : values_(values), text_(text) {}

  Result<std::string> run() {
    while (!wrong_ && read_group()) {
    }
    if (!wrong_) return std::move(out_);
    return fail(Code::invalid_input,
                "illegal base64 data at input byte " + std::to_string(*wrong_));
  }

 private:
  // False: that was the last one.
  bool read_group() {
    std::uint32_t bits = 0;
    for (std::size_t count = 0; count < 4; ++count) {
      skip_line_ends();
      if (at_ == text_.size()) {
        if (count > 0) wrong_ = at_ - count;
        return false;
      }
      const char c = text_[at_++];
      const std::uint8_t value = values_[static_cast<unsigned char>(c)];
      if (value == kNone) {
        if (c == '=' && count >= 2) {
          read_padding(count, bits);
        } else {
          wrong_ = at_ - 1;
        }
        return false;
      }
      bits = bits << 6 | value;
    }
    append(bits, 3);
    return true;
  }

  // The first '=' has been read. `count` digits stand before it.
  void read_padding(std::size_t count, std::uint32_t bits) {
    if (count == 2) {
      skip_line_ends();
      if (at_ == text_.size()) {
        wrong_ = at_;
        return;
      }
      if (text_[at_] != '=') {
        wrong_ = at_ - 1;
        return;
      }
      ++at_;
    }
    skip_line_ends();
    if (at_ != text_.size()) wrong_ = at_;
    append(bits << (6 * (4 - count)), count - 1);
  }

  void skip_line_ends() {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  void append(std::uint32_t bits, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out_ += static_cast<char>(bits >> (16 - 8 * i));
  }

  const std::array<std::uint8_t, 256>& values_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::size_t> wrong_;
  std::string out_;
};

}  // namespace

Result<std::string> decode_base64(std::string_view text) { return Decoder(kStandard, text).run(); }

Result<std::string> decode_base64url(std::string_view text) {
  std::string padded(text);
  if (!text.ends_with('=')) {
    if (text.size() % 4 == 1) {
      return fail(Code::invalid_input, "illegal base64url string: " + padded);
    }
    padded.append((4 - text.size() % 4) % 4, '=');
  }
  return Decoder(kUrlSafe, padded).run();
}

std::string encode_base64url_unpadded(std::string_view bytes) {
  return crypto::to_base64url(bytes);
}

}  // namespace writ::rego
