#pragma once
// Events as they are uploaded: a gzipped array of JSON, as large as a service takes it.
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "server/decisions/buffer.h"

namespace writ::server {

struct Chunk {
  std::string body;           // gzip
  std::size_t events = 0;     // how many of those that were given, from the front
  std::uint64_t without = 0;  // of those, how many lost their nd_builtin_cache to fit
  std::uint64_t lost = 0;     // and how many do not fit at all
};

// Makes chunks that near a limit of compressed bytes: how well events compress is learnt from the
// chunks before. One thread at a time.
class ChunkEncoder {
 public:
  explicit ChunkEncoder(std::size_t limit) : limit_(limit), wanted_(limit) {}

  // Uncompressed bytes that the next chunk is likely to take.
  std::size_t wanted() const { return wanted_; }
  // As many of the events as fit. Requires: there is one. A first event that does not fit alone is
  // reduced, then left out: then the chunk's body is empty. Errors: internal (no memory).
  Result<Chunk> encode(std::span<const KeptEvent> events);

 private:
  Result<Chunk> encode_alone(const KeptEvent& event);
  void learn(std::size_t raw, std::size_t packed);

  const std::size_t limit_;
  std::size_t wanted_;
};

}  // namespace writ::server
