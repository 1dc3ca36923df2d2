#pragma once
// Whether an object on the tape has a key twice: simdjson lets that pass, parse_json does not.
#include <array>
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
  // An open container. Of the keys only a bit each is kept; when two keys have the same bit the
  // object's keys are looked at again.
  struct Frame {
    std::size_t at = 0;
    std::size_t count = 0;
    std::array<std::uint64_t, 4> seen = {};
    bool is_object = false;
    bool is_unsure = false;  // wide, and two keys had the same bit
  };

  static bool stands_before(const Tape& tape, const Frame& frame, std::size_t end,
                            std::string_view key);
  bool add(const Tape& tape, Frame& frame, std::size_t at);
  bool is_twice(const Tape& tape, const Frame& frame);

  std::vector<Frame> frames_;
  std::vector<std::string_view> keys_;
};

}  // namespace writ::contract
