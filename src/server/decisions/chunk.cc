#include "server/decisions/chunk.h"

#include <algorithm>

#include "policy/term/build.h"
#include "policy/term/json.h"
#include "server/coding/gzip.h"

namespace writ::server {
namespace {

// More than this is never read at once, however well it compresses.
constexpr std::size_t kMostRaw = std::size_t{16} << 20;

std::string array_of(std::span<const KeptEvent> events) {
  std::string out = "[";
  for (const KeptEvent& event : events) {
    if (out.size() > 1) out += ',';
    out += event.text;
  }
  return out + "]";
}

}  // namespace

void ChunkEncoder::learn(std::size_t raw, std::size_t packed) {
  // A tenth below, so that the next chunk rarely has to be packed again.
  const double ratio =
      static_cast<double>(raw) / static_cast<double>(std::max<std::size_t>(packed, 1));
  const double fits = static_cast<double>(limit_) * ratio * 0.9;
  wanted_ = std::clamp(static_cast<std::size_t>(fits), std::size_t{1}, kMostRaw);
}

Result<Chunk> ChunkEncoder::encode_alone(const KeptEvent& event) {
  Chunk chunk;
  chunk.events = 1;
  rego::Arena arena;
  auto parsed = rego::parse_json(arena, event.text);
  if (parsed && parsed->is_object() && parsed->find("nd_builtin_cache") != nullptr) {
    const rego::Term less = without_member(arena, *parsed, rego::borrow_string("nd_builtin_cache"));
    WRIT_TRY(chunk.body, gzip("[" + to_json(less) + "]"));
    chunk.without = 1;
    if (chunk.body.size() <= limit_) return chunk;
  }
  chunk.body.clear();
  chunk.without = 0;
  chunk.lost = 1;
  return chunk;
}

Result<Chunk> ChunkEncoder::encode(std::span<const KeptEvent> events) {
  while (true) {
    Chunk chunk;
    chunk.events = events.size();
    const std::string raw = array_of(events);
    WRIT_TRY(chunk.body, gzip(raw));
    learn(raw.size(), chunk.body.size());
    if (chunk.body.size() <= limit_) return chunk;
    if (events.size() == 1) return encode_alone(events.front());
    // As many as the ratio of this attempt promises, and fewer each time.
    std::size_t fewer = 0;
    for (std::size_t bytes = 0; fewer < events.size() - 1; ++fewer) {
      bytes += events[fewer].text.size() + 1;
      if (bytes > wanted_) break;
    }
    events = events.first(std::max<std::size_t>(fewer, 1));
  }
}

}  // namespace writ::server
