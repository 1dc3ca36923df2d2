#pragma once
// Whether an object on the tape has a key twice: simdjson lets that pass, parse_json does not.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "contract/tape_node.h"

namespace writ::contract {

class DuplicateKeys {
 public:
  // `words` is the length of the tape. Linear in it but for wide objects, which are sorted.
  bool found(const Tape& tape, std::size_t words);

 private:
  struct Key {
    std::uint64_t hash;
    std::string_view text;
  };
  // An open container; of arrays nothing is kept.
  struct Frame {
    bool is_object = false;
    std::size_t first = 0;   // its first key in keys_
    std::uint64_t seen = 0;  // a bit for each hash that came
  };

  bool add(Frame& frame, std::string_view key);
  bool close(const Frame& frame);

  std::vector<Frame> frames_;
  std::vector<Key> keys_;
};

}  // namespace writ::contract
