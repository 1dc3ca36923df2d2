#pragma once
// Signed heads: C2SP tlog-checkpoint in a C2SP signed note, https://c2sp.org/tlog-checkpoint.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/key.h"
#include "ledger/ledger.h"
#include "store/store.h"

namespace writ::ledger {

// Origin, size and root, a line each: what is signed.
std::string checkpoint_text(std::string_view origin, std::uint64_t size, const Digest& root);
// Whether a log may be called so: not empty, no space, no `+`, no control character.
bool is_origin(std::string_view origin);

// Reads a signed note; verifies nothing. Lines after the root are allowed and ignored.
// Errors: invalid_input.
Result<Checkpoint> parse_checkpoint(std::string_view note);
// That the note says what the other members say, and that a key of `log_keys` signed it under
// the origin's name. Errors: signature_bad, tampered.
Result<void> verify_checkpoint(const Checkpoint& checkpoint,
                               std::span<const crypto::PublicKey> log_keys);

Result<std::optional<Checkpoint>> load_newest_checkpoint(store::Tx& tx);

// What was signed last; kept apart from tree and checkpoints, so that a log that was set back or
// rewritten is noticed before a second, contradicting head is signed.
struct LastSigned {
  std::uint64_t size = 0;
  Digest root;
};
Result<std::optional<LastSigned>> load_last_signed(store::Tx& tx);

// See Ledger::checkpoint; signs the head as it is stored. Blocking.
Result<Checkpoint> sign_head(store::Store& store, std::string_view origin,
                             const crypto::Signer& signer);

}  // namespace writ::ledger
