#include "contract/tape_keys.h"

#include <algorithm>

namespace writ::contract {
namespace {

// Objects with more keys are sorted when they end instead of looked through for each key.
constexpr std::size_t kCompared = 32;

// Eight bytes from the start of a string on the tape; behind the last one stands padding.
std::uint64_t hash_key(std::string_view key) {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  std::memcpy(&head, key.data(), sizeof head);
  if (key.size() >= sizeof head) {
    std::memcpy(&tail, key.data() + key.size() - sizeof tail, sizeof tail);
  } else {
    head &= (std::uint64_t{1} << key.size() * 8) - 1;
  }
  return (head ^ tail << 1 ^ key.size()) * 0x9e3779b97f4a7c15u;
}

}  // namespace

bool DuplicateKeys::stands_before(const Tape& tape, const Frame& frame, std::size_t end,
                                  std::string_view key) {
  for (const std::uint64_t* at = tape.words + frame.at + 1; at != tape.words + end;
       at = tape_after(tape, at + 1)) {
    if (tape_string(tape, *at) == key) return true;
  }
  return false;
}

// Inlined for speed: once for each key of everything that comes in.
[[gnu::always_inline]] inline bool DuplicateKeys::add(const Tape& tape, Frame& frame,
                                                      std::size_t at) {
  const std::string_view key = tape_string(tape, tape.words[at]);
  const std::uint64_t hash = hash_key(key);
  std::uint64_t& word = frame.seen[hash >> 62];
  const std::uint64_t bit = std::uint64_t{1} << (hash >> 56 & 63);
  ++frame.count;
  if ((word & bit) != 0) {
    if (frame.count > kCompared) {
      frame.is_unsure = true;
    } else if (stands_before(tape, frame, at, key)) {
      return true;
    }
  }
  word |= bit;
  return false;
}

bool DuplicateKeys::is_twice(const Tape& tape, const Frame& frame) {
  keys_.clear();
  for (auto all = TapeNode(tape, frame.at).members(); !all.done(); all.next()) {
    keys_.push_back(all.key());
  }
  std::sort(keys_.begin(), keys_.end());
  return std::adjacent_find(keys_.begin(), keys_.end()) != keys_.end();
}

bool DuplicateKeys::found(const Tape& tape, std::size_t words) {
  frames_.clear();
  Frame frame;          // the innermost container; the others are in frames_
  bool is_key = false;  // whether a string that comes now is a key
  for (std::size_t i = 1; i + 1 < words; ++i) {
    const std::uint64_t word = tape.words[i];
    switch (tape_type(word)) {
      case '"':
        if (is_key && add(tape, frame, i)) return true;
        is_key = !is_key && frame.is_object;
        continue;
      case '{':
      case '[':
        frames_.push_back(frame);
        frame = Frame();
        frame.at = i;
        frame.is_object = tape_type(word) == '{';
        break;
      case '}':
      case ']':
        if (frame.is_unsure && is_twice(tape, frame)) return true;
        frame = frames_.back();
        frames_.pop_back();
        break;
      case 'l':
      case 'u':
      case 'd':
        ++i;
        break;
      default:
        break;
    }
    is_key = frame.is_object;
  }
  return false;
}

}  // namespace writ::contract
