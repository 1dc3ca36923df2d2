#pragma once
// A place on simdjson's tape as an instance for Probe. The tape is a flat list of 64-bit words:
// a type in the top byte, in the rest where a container ends, or where a string stands
// (simdjson, doc/tape.md). Private to byte_validator.cc.
#include <cstdint>
#include <cstring>
#include <string_view>

#include "contract/schema/node.h"

namespace writ::contract {

struct Tape {
  const std::uint64_t* words = nullptr;
  const std::uint8_t* strings = nullptr;
};

inline constexpr std::uint64_t kTapePayload = 0x00ffffffffffffff;
inline constexpr std::uint64_t kTapeCountLimit = 0xffffff;

inline char tape_type(std::uint64_t word) { return static_cast<char>(word >> 56); }

inline std::string_view tape_string(const Tape& tape, std::uint64_t word) {
  const std::uint8_t* at = tape.strings + (word & kTapePayload);
  std::uint32_t size = 0;
  std::memcpy(&size, at, sizeof size);
  return {reinterpret_cast<const char*>(at + sizeof size), size};
}

// The word behind the value that begins at `at`.
inline const std::uint64_t* tape_after(const Tape& tape, const std::uint64_t* at) {
  switch (tape_type(*at)) {
    case '{':
    case '[':
      return tape.words + static_cast<std::uint32_t>(*at);
    case 'l':
    case 'u':
    case 'd':
      return at + 2;
    default:
      return at + 1;
  }
}

class TapeNode {
 public:
  TapeNode(const Tape& tape, std::size_t index) : tape_(&tape), at_(tape.words + index) {}

  Value::Kind kind() const {
    switch (tape_type(*at_)) {
      case '"':
        return Value::Kind::string;
      case 'l':
        return Value::Kind::integer;
      case '{':
        return Value::Kind::object;
      case '[':
        return Value::Kind::array;
      case 't':
      case 'f':
        return Value::Kind::boolean;
      case 'n':
        return Value::Kind::null;
      default:
        return Value::Kind::real;  // u: an integer beyond int64; d
    }
  }
  bool boolean() const { return tape_type(*at_) == 't'; }
  Number number() const {
    std::int64_t integer = 0;
    double real = 0;
    switch (tape_type(*at_)) {
      case 'l':
        std::memcpy(&integer, at_ + 1, sizeof integer);
        return Number::of(integer);
      case 'u':
        return Number::of(static_cast<double>(at_[1]));
      default:
        std::memcpy(&real, at_ + 1, sizeof real);
        return Number::of(real);
    }
  }
  std::string_view string() const { return tape_string(*tape_, *at_); }
  std::size_t item_count() const { return count(); }
  std::size_t member_count() const { return count(); }

  class Items {
   public:
    Items(const Tape& tape, const std::uint64_t* at)
        : tape_(&tape), at_(at + 1), end_(tape.words + static_cast<std::uint32_t>(*at) - 1) {}
    bool done() const { return at_ == end_; }
    void next() { at_ = tape_after(*tape_, at_); }
    TapeNode value() const { return TapeNode(*tape_, at_); }

   private:
    const Tape* tape_;
    const std::uint64_t* at_;
    const std::uint64_t* end_;
  };
  class Members {
   public:
    Members(const Tape& tape, const std::uint64_t* at)
        : tape_(&tape), at_(at + 1), end_(tape.words + static_cast<std::uint32_t>(*at) - 1) {}
    bool done() const { return at_ == end_; }
    void next() { at_ = tape_after(*tape_, at_ + 1); }
    std::string_view key() const { return tape_string(*tape_, *at_); }
    TapeNode value() const { return TapeNode(*tape_, at_ + 1); }

   private:
    const Tape* tape_;
    const std::uint64_t* at_;
    const std::uint64_t* end_;
  };
  Items items() const { return Items(*tape_, at_); }
  Members members() const { return Members(*tape_, at_); }

 private:
  TapeNode(const Tape& tape, const std::uint64_t* at) : tape_(&tape), at_(at) {}

  std::size_t count() const {
    const std::uint64_t known = *at_ >> 32 & kTapeCountLimit;
    if (known != kTapeCountLimit) return known;
    std::size_t counted = 0;
    if (tape_type(*at_) == '{') {
      for (Members all = members(); !all.done(); all.next()) ++counted;
    } else {
      for (Items all = items(); !all.done(); all.next()) ++counted;
    }
    return counted;
  }

  const Tape* tape_;
  const std::uint64_t* at_;
};

}  // namespace writ::contract
