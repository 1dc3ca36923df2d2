#pragma once
// The files of a tree, kept as evidence, so that a later process can say which of them changed: the
// sequential law (LAW-08) counts them, and a step may wait for somebody through many processes.
//
// The listing is the text that the tree's digest is made of, so its blob lies under that digest.
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "evidence/record.h"
#include "execution/workspace.h"
#include "store/blob_store.h"

namespace writ::execution {

inline constexpr std::string_view kTreeBefore = "tree before";

// Stores the listing of `tree` and returns the note that names it, of an attempt that begins.
// Errors: storage_failed.
Result<evidence::Record> keep_tree(store::BlobStore& blobs, RunId run, std::string_view step,
                                   std::uint32_t attempt, const Tree& tree, WallTime now);

// The tree `digest` as one of `records` kept it for `step`.
// Errors: not_found (none did), tampered (the listing is not that tree's), those of the blobs.
Result<Tree> kept_tree(store::BlobStore& blobs, std::span<const evidence::Record> records,
                       std::string_view step, const crypto::Digest& digest);

}  // namespace writ::execution
