#include "contract/tape_keys.h"

#include <algorithm>
#include <tuple>

namespace writ::contract {
namespace {

// Objects with more keys are sorted when they end instead of compared key by key.
constexpr std::size_t kCompared = 32;

std::uint64_t hash_key(std::string_view key) {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  if (key.size() >= 8) {
    std::memcpy(&head, key.data(), 8);
    std::memcpy(&tail, key.data() + key.size() - 8, 8);
  } else {
    std::memcpy(&head, key.data(), key.size());
  }
  return (head ^ tail << 1 ^ key.size()) * 0x9e3779b97f4a7c15u;
}

}  // namespace

bool DuplicateKeys::add(Frame& frame, std::string_view key) {
  const Key added = {hash_key(key), key};
  const std::uint64_t bit = std::uint64_t{1} << (added.hash >> 58);
  const std::size_t count = keys_.size() - frame.first;
  if ((frame.seen & bit) != 0 && count <= kCompared) {
    for (std::size_t i = frame.first; i < keys_.size(); ++i) {
      if (keys_[i].hash == added.hash && keys_[i].text == key) return true;
    }
  }
  frame.seen |= bit;
  keys_.push_back(added);
  return false;
}

bool DuplicateKeys::close(const Frame& frame) {
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(frame.first);
  bool is_twice = false;
  if (keys_.size() - frame.first > kCompared) {
    std::sort(first, keys_.end(), [](const Key& a, const Key& b) {
      return std::tie(a.hash, a.text) < std::tie(b.hash, b.text);
    });
    is_twice = std::adjacent_find(first, keys_.end(), [](const Key& a, const Key& b) {
                 return a.hash == b.hash && a.text == b.text;
               }) != keys_.end();
  }
  keys_.resize(frame.first);
  return is_twice;
}

bool DuplicateKeys::found(const Tape& tape, std::size_t words) {
  frames_.clear();
  keys_.clear();
  bool is_key = false;  // whether a string that comes now is a key
  for (std::size_t i = 1; i + 1 < words; ++i) {
    const std::uint64_t word = tape.words[i];
    switch (tape_type(word)) {
      case '{':
      case '[':
        frames_.push_back({tape_type(word) == '{', keys_.size(), 0});
        break;
      case '}':
      case ']': {
        const Frame frame = frames_.back();
        frames_.pop_back();
        if (frame.is_object && close(frame)) return true;
        break;
      }
      case '"':
        if (is_key) {
          if (add(frames_.back(), tape_string(tape, word))) return true;
          is_key = false;
          continue;
        }
        break;
      case 'l':
      case 'u':
      case 'd':
        ++i;
        break;
      default:
        break;
    }
    is_key = !frames_.empty() && frames_.back().is_object;
  }
  return false;
}

}  // namespace writ::contract
