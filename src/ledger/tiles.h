#pragma once
// The log as files in C2SP tlog-tiles layout, https://c2sp.org/tlog-tiles: what other people's
// checkers and mirrors read. `DIR/checkpoint`, `DIR/tile/<level>/<number>`, and the leaves as
// entry bundles, `DIR/tile/entries/<number>`.
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "ledger/log_pages.h"

namespace writ::ledger {

// "x001/x234/067" for 1234067; with a width below 256 ".p/<width>" behind it.
std::string tile_path(std::uint64_t number, std::uint64_t width);

// Writes what the head covers below `directory`: entries, then tiles, the checkpoint last, so that
// whoever reads along never finds a promise without its proof. May be repeated as the log grows;
// partial tiles that full ones have replaced are removed. Hashes are computed afresh from the
// events. Blocking. Errors: tampered (the events do not lead to the head's root), storage_failed.
Result<void> export_tiles(const LogPages& log, const std::filesystem::path& directory);
// What its newest checkpoint covers. Errors: unavailable, too (there is none yet).
Result<void> export_tiles(const Ledger& ledger, const std::filesystem::path& directory);

}  // namespace writ::ledger
