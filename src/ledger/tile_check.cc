#include "ledger/tile_check.h"

#include <string_view>
#include <utility>

#include "ledger/tables.h"

namespace writ::ledger {
namespace {

std::uint64_t first_leaf(const TileId& id, std::uint64_t index) {
  return index << (id.level * kTileHeight);
}

std::string tile_name(const TileId& id) {
  return "tile " + std::to_string(id.level) + "/" + std::to_string(id.number);
}

}  // namespace

std::unexpected<Error> broken(std::uint64_t index, const std::string& what) {
  return fail(Code::tampered, "event " + std::to_string(index) + ": " + what);
}

void TileCheck::on_node(unsigned level, std::uint64_t index, const Digest& hash) {
  if (!state_ || level % kTileHeight != 0) return;
  state_ = compare({level / kTileHeight, index / kTileWidth}, index, hash);
}

Result<void> TileCheck::compare(const TileId& id, std::uint64_t index, const Digest& hash) {
  std::string& tile = tiles_[id.level];
  const std::uint64_t slot = index % kTileWidth;
  if (slot == 0) {
    WRIT_TRY(auto row, tx_.get(kTiles, tile_key(id)));
    tile = std::move(row).value_or("");
    ++loaded_;
    if (tile.size() != tile_width(id, size_) * kHashSize) {
      return broken(first_leaf(id, index), tile_name(id) + " has the wrong size");
    }
  }
  if (std::string_view(tile).substr(slot * kHashSize, kHashSize) == hash.view()) return {};
  return broken(first_leaf(id, index), tile_name(id) + " has another hash");
}

Result<void> TileCheck::finish() {
  std::uint64_t rows = 0;
  WRIT_CHECK(each_row(tx_, kTiles, [&](const store::Row&) -> Result<void> {
    ++rows;
    return {};
  }));
  if (rows == loaded_) return {};
  return fail(Code::tampered, "there are tiles that belong to no event");
}

}  // namespace writ::ledger
