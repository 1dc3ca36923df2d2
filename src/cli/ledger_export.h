#pragma once
// The log as files that others can check without Writ.
#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "ledger/ledger.h"

namespace writ::cli {

// C2SP tlog-tiles below `directory`: `checkpoint`, `tile/<level>/<number>` with the tree's hashes,
// `tile/entries/<number>` with the leaves. The tree is computed from the leaves on the way.
// Errors: tampered (the leaves do not give the root of `head`), conflict (something is there
// already), storage_failed.
Result<void> export_tiles(const ledger::Ledger& log, const ledger::Checkpoint& head,
                          const std::filesystem::path& directory);

// The first `size` events as CloudEvents, payloads included, one a line.
// Errors: storage_failed.
Result<void> export_lines(const ledger::Ledger& log, std::uint64_t size,
                          const std::filesystem::path& file);

}  // namespace writ::cli
