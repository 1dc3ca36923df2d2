#include "policy/term/arena.h"

#include <algorithm>

namespace writ::rego {
namespace {

constexpr std::size_t kFirstChunk = std::size_t{16} << 10;
constexpr std::size_t kLargestChunk = std::size_t{1} << 20;

}  // namespace

void* Arena::allocate_slow(std::size_t bytes) {
  const std::size_t regular =
      chunks_.empty() ? kFirstChunk : std::min(chunks_.back().size * 2, kLargestChunk);
  const std::size_t size = std::max(regular, bytes);
  chunks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
  reserved_ += size;
  std::byte* const begin = chunks_.back().bytes.get();
  // A large block of its own leaves the chunk in use with its rest.
  if (size - bytes > left_) {
    at_ = begin + bytes;
    left_ = size - bytes;
  }
  return begin;
}

void Arena::reset() {
  too_deep_ = false;
  refused_ = false;
  if (chunks_.empty()) return;
  chunks_.resize(1);
  at_ = chunks_.front().bytes.get();
  left_ = reserved_ = chunks_.front().size;
}

}  // namespace writ::rego
