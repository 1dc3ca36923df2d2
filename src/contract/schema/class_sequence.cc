#include "contract/schema/class_sequence.h"

#include <algorithm>
#include <bitset>
#include <string>
#include <unordered_map>
#include <utility>

namespace writ::contract {
namespace {

constexpr std::size_t kPieces = 191;
constexpr std::size_t kStates = 255;  // a state is a byte
constexpr std::size_t kUnbounded = ~std::size_t{0};

using Class = std::bitset<256>;
using Places = std::bitset<kPieces + 1>;  // where in the sequence one may be; the last: at its end

struct Piece {
  Class members;
  bool may_miss = false;
  bool may_repeat = false;
};

struct Sequence {
  std::vector<Piece> pieces;
  bool from_start = false;
  bool to_end = false;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Reads what it understands; everything else is left to RE2.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Sequence> read() {
    Sequence sequence;
    sequence.from_start = accept('^');
    while (at_ < text_.size()) {
      if (text_[at_] == '$' && at_ + 1 == text_.size()) {
        sequence.to_end = true;
        break;
      }
      const auto members = atom();
      if (!members || !counted(*members, sequence.pieces)) return std::nullopt;
    }
    return sequence;
  }

 private:
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  static Class only(char c) { return Class().set(static_cast<unsigned char>(c)); }

  std::optional<Class> atom() {
    const char c = text_[at_++];
    if (c == '[') return bracket();
    if (c == '\\') return escape();
    constexpr std::string_view kSyntax = "^$.|?*+(){}]";
    if ((c & 0x80) != 0 || kSyntax.find(c) != std::string_view::npos) return std::nullopt;
    return only(c);
  }

  std::optional<Class> escape() {
    if (at_ >= text_.size()) return std::nullopt;
    const char c = text_[at_++];
    Class members;
    if (c == 'd' || c == 'w') {
      for (int b = 0; b < 128; ++b) {
        const char each = static_cast<char>(b);
        if (c == 'd' ? is_digit(each) : is_word(each)) members.set(static_cast<std::size_t>(b));
      }
      return members;
    }
    if (is_word(c) || (c & 0x80) != 0) return std::nullopt;  // all other letters mean something
    return only(c);
  }

  std::optional<Class> bracket() {
    if (accept('^')) return std::nullopt;  // has members beyond ASCII
    Class members;
    while (!accept(']')) {
      if (at_ >= text_.size()) return std::nullopt;
      const bool is_escaped = text_[at_] == '\\';
      const char first = text_[at_++];
      if (is_escaped) {
        const auto set = escape();
        if (!set) return std::nullopt;
        members |= *set;
        const bool begins_range =
            text_.substr(at_).starts_with('-') && !text_.substr(at_).starts_with("-]");
        if (begins_range) return std::nullopt;
        continue;
      }
      char last = first;
      if (text_.substr(at_).starts_with('-') && !text_.substr(at_).starts_with("-]")) {
        ++at_;
        if (at_ >= text_.size() || text_[at_] == '\\') return std::nullopt;
        last = text_[at_++];
      }
      if ((first & 0x80) != 0 || (last & 0x80) != 0 || last < first) return std::nullopt;
      for (int b = first; b <= last; ++b) members.set(static_cast<std::size_t>(b));
    }
    return members;
  }

  std::optional<std::size_t> number() {
    std::size_t n = 0;
    const std::size_t start = at_;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
      n = std::min(n * 10 + static_cast<std::size_t>(text_[at_] - '0'), kPieces + 1);
    }
    return at_ == start ? std::nullopt : std::optional(n);
  }

  bool counted(const Class& members, std::vector<Piece>& pieces) {
    std::size_t low = 1;
    std::size_t high = 1;
    if (accept('?')) {
      low = 0;
    } else if (accept('*')) {
      low = 0;
      high = kUnbounded;
    } else if (accept('+')) {
      high = kUnbounded;
    } else if (accept('{')) {
      const auto least = number();
      if (!least) return false;
      low = high = *least;
      if (accept(',')) high = number().value_or(kUnbounded);
      if (!accept('}') || high < low) return false;
    }
    const std::size_t count = high == kUnbounded ? std::max<std::size_t>(low, 1) : high;
    if (pieces.size() + count > kPieces || text_.substr(at_).starts_with('?')) return false;
    for (std::size_t i = 0; i < count; ++i) pieces.push_back({members, i >= low, false});
    if (high == kUnbounded) pieces.back().may_repeat = true;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The subset construction, over classes of bytes.
class Builder {
 public:
  explicit Builder(const Sequence& sequence) : sequence_(sequence) {}

  // The classes, with a byte of each.
  std::array<std::uint8_t, 256> classify(std::vector<std::uint8_t>& samples) const {
    std::array<std::uint8_t, 256> class_of = {};
    std::unordered_map<std::string, std::uint8_t> known;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      std::string signature;
      for (const Piece& piece : sequence_.pieces) signature += piece.members[byte] ? '1' : '0';
      const auto next = static_cast<std::uint8_t>(known.size());
      const auto [at, is_new] = known.emplace(std::move(signature), next);
      if (is_new) samples.push_back(static_cast<std::uint8_t>(byte));
      class_of[byte] = at->second;
    }
    return class_of;
  }

  Places start() const { return closed(Places().set(0)); }

  Places step(const Places& from, std::uint8_t byte) const {
    const std::size_t end = sequence_.pieces.size();
    if (from[end] && !sequence_.to_end) return from;  // it has matched, whatever comes
    Places to;
    if (!sequence_.from_start) to.set(0);
    for (std::size_t i = 0; i < end; ++i) {
      if (!from[i] || !sequence_.pieces[i].members[byte]) continue;
      to.set(i + 1);
      if (sequence_.pieces[i].may_repeat) to.set(i);
    }
    return closed(to);
  }

  bool accepts(const Places& places) const { return places[sequence_.pieces.size()]; }

 private:
  Places closed(Places places) const {
    for (std::size_t i = 0; i < sequence_.pieces.size(); ++i) {
      if (places[i] && sequence_.pieces[i].may_miss) places.set(i + 1);
    }
    return places;
  }

  const Sequence& sequence_;
};

}  // namespace

std::optional<ClassSequence> ClassSequence::compile(std::string_view ecma) {
  const auto sequence = Reader(ecma).read();
  if (!sequence) return std::nullopt;
  const Builder builder(*sequence);
  ClassSequence out;
  std::vector<std::uint8_t> samples;
  out.class_of_ = builder.classify(samples);
  out.width_ = samples.size();
  std::vector<Places> states = {builder.start()};
  std::unordered_map<Places, std::uint8_t> known = {{states.front(), std::uint8_t{0}}};
  for (std::size_t state = 0; state < states.size(); ++state) {
    out.accepts_.push_back(builder.accepts(states[state]) ? 1 : 0);
    for (const std::uint8_t byte : samples) {
      const Places to = builder.step(states[state], byte);
      const auto next = static_cast<std::uint8_t>(states.size());
      const auto [at, is_new] = known.emplace(to, next);
      if (is_new && states.size() == kStates) return std::nullopt;
      if (is_new) states.push_back(to);
      out.next_.push_back(at->second);
    }
  }
  return out;
}

}  // namespace writ::contract
