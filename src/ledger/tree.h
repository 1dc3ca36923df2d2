#pragma once
// The Merkle tree in the store: its head (size and frontier) and its nodes as C2SP tiles of up to
// 256 hashes. Tiles hold every eighth level; what lies between is folded when a proof needs it.
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "ledger/merkle.h"
#include "store/store.h"

namespace writ::ledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 256;
inline constexpr std::size_t kHashSize = 32;

struct TileId {
  std::uint64_t level = 0;  // in tiles: level L holds nodes of height 8 L
  std::uint64_t number = 0;
  friend auto operator<=>(const TileId&, const TileId&) = default;
};

std::string tile_key(const TileId& id);
// Hashes that a tree of `size` leaves has in the tile: 0 to 256.
std::uint64_t tile_width(const TileId& id, std::uint64_t size);

std::string encode_head(const Frontier& frontier);
Result<Frontier> decode_head(std::string_view row);  // errors: tampered
// The stored head; of no leaves in a fresh store.
Result<Frontier> load_head(store::Tx& tx);

// Takes the nodes that Frontier::append reports and keeps the tiles that they change.
class TileWriter {
 public:
  // `tx` is borrowed: tiles that were begun before are read from it.
  explicit TileWriter(store::Tx& tx) : tx_(tx) {}
  // Errors of reading are kept for `take`.
  void add(unsigned level, std::uint64_t index, const Digest& hash);
  Result<std::map<TileId, std::string>> take();

 private:
  Result<std::string> load(const TileId& id, std::uint64_t width);

  store::Tx& tx_;
  std::map<TileId, std::string> tiles_;
  Result<void> state_;
};

// Reads nodes for proofs; keeps the tiles it has read. `tx` is borrowed.
class TileReader {
 public:
  explicit TileReader(store::Tx& tx) : tx_(tx) {}
  // Hash of the full node at (level, index). Errors: tampered.
  Result<Digest> node(unsigned level, std::uint64_t index);
  NodeReader reader() {
    return [this](unsigned level, std::uint64_t index) { return node(level, index); };
  }
  // The root that the first `size` leaves had.
  Result<Digest> root_at(std::uint64_t size);

 private:
  store::Tx& tx_;
  std::map<TileId, std::string> tiles_;
};

}  // namespace writ::ledger
