#include "ledger/tiles.h"

#include <map>
#include <system_error>

#include "base/file.h"
#include "ledger/merkle.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

namespace fs = std::filesystem;

// Writes one series of tiles: a level, or the entries. A tile goes to its file when it is full,
// the last one when the series ends.
class TileSeries {
 public:
  explicit TileSeries(fs::path directory) : directory_(std::move(directory)) {}

  Result<void> add(std::string_view bytes) {
    tile_ += bytes;
    if (++width_ == kTileWidth) return flush();
    return {};
  }
  Result<void> finish() {
    if (width_ == 0) return {};
    return flush();
  }

 private:
  Result<void> flush() {
    const fs::path path = directory_ / tile_path(number_, width_);
    WRIT_CHECK(make_directory(path.parent_path()));
    WRIT_CHECK(replace_file(path, tile_));
    if (width_ == kTileWidth) WRIT_CHECK(remove_partial(path));
    ++number_;
    width_ = 0;
    tile_.clear();
    return {};
  }
  static Result<void> remove_partial(const fs::path& full) {
    std::error_code error;
    fs::remove_all(full.string() + ".p", error);
    if (!error) return {};
    return fail(Code::storage_failed, "cannot remove " + full.string() + ".p: " + error.message());
  }

  fs::path directory_;
  std::uint64_t number_ = 0;
  std::uint64_t width_ = 0;
  std::string tile_;
};

// A big-endian length of 16 bits, then the leaf.
std::string bundled(std::string_view leaf) {
  std::string out;
  out += static_cast<char>(leaf.size() >> 8);
  out += static_cast<char>(leaf.size());
  out += leaf;
  return out;
}

class TileExport {
 public:
  explicit TileExport(fs::path root) : root_(std::move(root)), entries_(root_ / "tile/entries") {}

  Result<void> add(const Event& event) {
    const std::string leaf = leaf_bytes(event);
    WRIT_CHECK(entries_.add(bundled(leaf)));
    tree_.append(leaf_hash(leaf), on_node_);
    return std::exchange(state_, {});
  }

  Result<void> finish() {
    WRIT_CHECK(entries_.finish());
    for (auto& [level, series] : levels_) WRIT_CHECK(series.finish());
    return {};
  }

 private:
  void on_node(unsigned level, const Digest& hash) {
    if (!state_ || level % kTileHeight != 0) return;
    const unsigned tile_level = level / kTileHeight;
    auto at = levels_.find(tile_level);
    if (at == levels_.end()) {
      const fs::path directory = root_ / "tile" / std::to_string(tile_level);
      at = levels_.emplace(tile_level, TileSeries(directory)).first;
    }
    state_ = at->second.add(hash.view());
  }

  fs::path root_;
  TileSeries entries_;
  std::map<unsigned, TileSeries> levels_;
  Frontier tree_;
  Result<void> state_;
  Frontier::NodeSink on_node_ = [this](unsigned level, std::uint64_t, const Digest& hash) {
    on_node(level, hash);
  };
};

}  // namespace

std::string tile_path(std::uint64_t number, std::uint64_t width) {
  const auto group = [](std::uint64_t n) {
    const std::string digits = std::to_string(n % 1000);
    return std::string(3 - digits.size(), '0') + digits;
  };
  std::string path = group(number);
  for (number /= 1000; number != 0; number /= 1000) {
    path.insert(0, "x" + group(number) + "/");
  }
  if (width < kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

Result<void> export_tiles(const Ledger& ledger, const fs::path& directory) {
  WRIT_TRY(const auto checkpoint, ledger.newest_checkpoint());
  if (!checkpoint) {
    return fail(Code::unavailable, "the log has no checkpoint yet",
                "Sign one with `writ ledger checkpoint`");
  }
  return export_tiles(pages_of(ledger, *checkpoint), directory);
}

Result<void> export_tiles(const LogPages& log, const fs::path& directory) {
  WRIT_CHECK(make_directory(directory));
  TileExport out(directory);
  WRIT_CHECK(for_each_event(log, [&](const Event& event) { return out.add(event); }));
  WRIT_CHECK(out.finish());
  return replace_file(directory / "checkpoint", log.head.note);
}

}  // namespace writ::ledger
