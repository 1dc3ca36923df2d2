#include "cli/ledger_export.h"

#include <fmt/format.h>

#include <fstream>
#include <map>

#include "base/file.h"
#include "base/json.h"
#include "ledger/tree.h"

namespace writ::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEventsAtOnce = 1024;

// Calls `take` with the first `size` events in their order.
template <typename F>
Result<void> each_event(const ledger::Ledger& log, std::uint64_t size, F&& take) {
  ledger::Filter filter;
  while (filter.after < size) {
    filter.limit = std::min<std::uint64_t>(kEventsAtOnce, size - filter.after);
    WRIT_TRY(const std::vector<ledger::Event> events, log.list(filter));
    if (events.size() != filter.limit) {
      return fail(Code::tampered,
                  fmt::format("the log has no event {} of {}", filter.after + events.size(), size));
    }
    for (const ledger::Event& event : events) WRIT_CHECK(take(event));
    filter.after += events.size();
  }
  return {};
}

// C2SP tlog-tiles: three digits an element, all but the last with an x before it; a tile that is
// not full says how wide it is.
std::string tile_name(std::string_view level, std::uint64_t number, std::size_t width) {
  std::string path = fmt::format("{:03}", number % 1000);
  for (std::uint64_t rest = number / 1000; rest > 0; rest /= 1000) {
    path = fmt::format("x{:03}/", rest % 1000) + path;
  }
  std::string out = "tile/" + std::string(level) + "/" + path;
  if (width < ledger::kTileWidth) out += fmt::format(".p/{}", width);
  return out;
}

// Fills tiles from the left and writes each as soon as it is full.
class TileFiles {
 public:
  explicit TileFiles(fs::path directory) : directory_(std::move(directory)) {}

  void add(const std::string& level, std::string_view bytes) {
    Level& at = levels_[level];
    at.bytes += bytes;
    if (++at.width == ledger::kTileWidth) write(level, at);
  }
  Result<void> finish() {
    for (auto& [level, at] : levels_) {
      if (at.width > 0) write(level, at);
    }
    return state_;
  }

 private:
  struct Level {
    std::uint64_t number = 0;
    std::size_t width = 0;
    std::string bytes;
  };

  void write(const std::string& level, Level& at) {
    if (!state_) return;
    const fs::path path = directory_ / tile_name(level, at.number, at.width);
    state_ = make_directory(path.parent_path());
    if (state_) state_ = replace_file(path, at.bytes);
    at = {at.number + 1, 0, {}};
  }

  fs::path directory_;
  std::map<std::string, Level> levels_;
  Result<void> state_;
};

std::string with_length(std::string_view leaf) {
  std::string out;
  out += static_cast<char>(leaf.size() >> 8);
  out += static_cast<char>(leaf.size() & 0xff);
  return out.append(leaf);
}

Result<void> expect_empty(const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(directory, error) || fs::is_empty(directory, error)) return {};
  return fail(Code::conflict, directory.string() + " is there already", "Name a new folder");
}

}  // namespace

Result<void> export_tiles(const ledger::Ledger& log, const ledger::Checkpoint& head,
                          const fs::path& directory) {
  WRIT_CHECK(expect_empty(directory));
  TileFiles files(directory);
  ledger::Frontier tree;
  const auto on_node = [&](unsigned level, std::uint64_t, const ledger::Digest& hash) {
    if (level % ledger::kTileHeight != 0) return;
    files.add(std::to_string(level / ledger::kTileHeight), hash.view());
  };
  WRIT_CHECK(each_event(log, head.size, [&](const ledger::Event& event) -> Result<void> {
    const std::string leaf = ledger::leaf_bytes(event);
    tree.append(ledger::leaf_hash(leaf), on_node);
    files.add("entries", with_length(leaf));
    return {};
  }));
  if (tree.root() != head.root) {
    return fail(Code::tampered, "the events do not give the root that the head was signed with");
  }
  WRIT_CHECK(files.finish());
  WRIT_CHECK(make_directory(directory));
  return replace_file(directory / "checkpoint", head.note);
}

Result<void> export_lines(const ledger::Ledger& log, std::uint64_t size, const fs::path& file) {
  std::string lines;
  WRIT_CHECK(each_event(log, size, [&](const ledger::Event& event) -> Result<void> {
    lines += to_json(ledger::to_cloud_event(event)) + "\n";
    return {};
  }));
  return replace_file(file, lines);
}

}  // namespace writ::cli
