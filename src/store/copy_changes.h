#pragma once
// Brings a copy that was whole up to what its source is now, by the rows that have changed since
// and no others: so a store that is used is copied again and again in little time, and at last
// while its writers wait.
//
//   begin_copy(to, …)
//   copy_whole(ends, …)      every row and every blob, all read to the end in `to`; what changes
//                            meanwhile and later is noted (store/change_notes.h)
//   copy_changes(ends, …)    as often as one likes: the rows that were noted, each read again in
//                            `to`, and the blobs that they refer to
//
// Both sides remember the last step that they have come to together. A side that does not fit the
// other one, because it was restored, has lost its last commits, or was filled by somebody else
// meanwhile, is told by that, and has to be copied whole again.
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "store/copy.h"

namespace writ {
class Random;
}  // namespace writ

namespace writ::store {

// All are borrowed.
struct CopyEnds {
  Store& from;
  BlobStore& from_blobs;
  Store& to;
  BlobStore& to_blobs;
};

// `copy` and `copy_blobs` in one. Requires: `to` has been begun (`begin_copy`).
// Errors: those of both; unsupported (`from` makes no notes), conflict (another process has begun
// to copy `from`).
Result<std::vector<TableReport>> copy_whole(const CopyEnds& ends,
                                            const std::vector<Migration>& migrations,
                                            const CopyOptions& options, CheckBlobs which,
                                            Random& random);

// What becomes of notes that were copied. They are kept where nobody makes more of them.
enum class Notes : std::uint8_t { are_forgotten, are_kept };

// How many notes there were. Nothing: the two sides do not fit, and nothing was changed or
// what was changed is found by copying whole. `options.progress` hears how many rows of which table
// were noted. Errors: those of `copy_whole`; tampered (`to` does not hold what was written to it).
Result<std::optional<std::uint64_t>> copy_changes(const CopyEnds& ends,
                                                  const std::vector<Migration>& migrations,
                                                  const CopyOptions& options, Notes notes,
                                                  Random& random);

}  // namespace writ::store
