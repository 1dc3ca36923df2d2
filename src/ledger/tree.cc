#include "ledger/tree.h"

#include <bit>

#include "ledger/tables.h"

namespace writ::ledger {
namespace {

std::unexpected<Error> broken_tile(const TileId& id) {
  return fail(Code::tampered, "tile " + std::to_string(id.level) + "/" + std::to_string(id.number) +
                                  " is missing or too short");
}

Result<Digest> hash_at(std::string_view tile, std::uint64_t slot) {
  return Digest::from_bytes(tile.substr(slot * kHashSize, kHashSize));
}

}  // namespace

std::string tile_key(const TileId& id) {
  return store::Key().number(id.level).number(id.number).take();
}

std::uint64_t tile_width(const TileId& id, std::uint64_t size) {
  if (id.level * kTileHeight >= 64) return 0;
  const std::uint64_t nodes = size >> (id.level * kTileHeight);
  const std::uint64_t before = id.number * kTileWidth;
  return nodes <= before ? 0 : std::min(nodes - before, kTileWidth);
}

std::string encode_head(const Frontier& frontier) {
  std::string out = encode_number(frontier.size);
  for (const Digest& peak : frontier.peaks) out += peak.view();
  return out;
}

Result<Frontier> decode_head(std::string_view row) {
  Frontier frontier;
  WRIT_TRY(frontier.size, decode_number(row.substr(0, 8)));
  const auto peaks = static_cast<std::size_t>(std::popcount(frontier.size));
  if (row.size() != 8 + peaks * kHashSize) {
    return fail(Code::tampered, "the stored head does not fit its size");
  }
  for (std::size_t i = 0; i < peaks; ++i) {
    WRIT_TRY(frontier.peaks.emplace_back(), hash_at(row.substr(8), i));
  }
  return frontier;
}

Result<Frontier> load_head(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kHead, kHeadKey));
  if (!row) return Frontier{};
  return decode_head(*row);
}

void TileWriter::add(unsigned level, std::uint64_t index, const Digest& hash) {
  if (!state_ || level % kTileHeight != 0) return;
  const TileId id{level / kTileHeight, index / kTileWidth};
  auto at = tiles_.find(id);
  if (at == tiles_.end()) {
    Result<std::string> tile = load(id, index % kTileWidth);
    if (!tile) {
      state_ = std::unexpected(std::move(tile).error());
      return;
    }
    at = tiles_.emplace(id, *std::move(tile)).first;
  }
  at->second += hash.view();
}

Result<std::map<TileId, std::string>> TileWriter::take() {
  WRIT_CHECK(state_);
  return std::move(tiles_);
}

Result<std::string> TileWriter::load(const TileId& id, std::uint64_t width) {
  if (width == 0) return std::string();
  WRIT_TRY(auto tile, tx_.get(kTiles, tile_key(id)));
  if (!tile || tile->size() != width * kHashSize) return broken_tile(id);
  return *std::move(tile);
}

Result<Digest> TileReader::node(unsigned level, std::uint64_t index) {
  const unsigned height = level % kTileHeight;
  const std::uint64_t first = index << height;  // in nodes of the tile's own level
  const TileId id{level / kTileHeight, first / kTileWidth};
  auto at = tiles_.find(id);
  if (at == tiles_.end()) {
    WRIT_TRY(auto tile, tx_.get(kTiles, tile_key(id)));
    if (!tile) return broken_tile(id);
    at = tiles_.emplace(id, *std::move(tile)).first;
  }
  Frontier folded;
  for (std::uint64_t i = 0; i < std::uint64_t{1} << height; ++i) {
    const Result<Digest> hash = hash_at(at->second, first % kTileWidth + i);
    if (!hash) return broken_tile(id);
    folded.append(*hash);
  }
  return folded.root();
}

Result<Digest> TileReader::root_at(std::uint64_t size) {
  Frontier frontier;
  for (std::uint64_t first = 0; first != size;) {
    const std::uint64_t width = std::bit_floor(size - first);
    const auto level = static_cast<unsigned>(std::countr_zero(width));
    WRIT_TRY(frontier.peaks.emplace_back(), node(level, first >> level));
    first += width;
  }
  return frontier.root();
}

}  // namespace writ::ledger
