#pragma once
// Signatures on single events (LED-01): Ed25519 over the event as whoever makes it knows it, before
// the log gives it a place. Kept as words `ed25519:<key id>:<base64>`, sorted, a space between.
// What is signed: docs/formats/event-signature.md.
#include <span>
#include <string>

#include "crypto/key.h"
#include "ledger/entry.h"

namespace writ::ledger {

// The bytes that a signature covers: DSSE's PAE of the CloudEvent in its RFC 8785 form, without
// signatures and without what the log adds.
Result<std::string> signed_bytes(const Entry& entry);

// Adds the signature of `signer`; a second one of the same key takes the place of the first.
Result<void> sign_entry(Entry& entry, const crypto::Signer& signer);

// Whether `signatures` has the form above. Errors: invalid_input.
Result<void> check_signature_words(std::string_view signatures);

struct SignatureCount {
  std::size_t good = 0;
  std::size_t of_unknown_keys = 0;
};
// Errors: signature_bad (one of a known key does not hold), invalid_input (no such words).
Result<SignatureCount> check_signatures(const Entry& entry,
                                        std::span<const crypto::PublicKey> known);

}  // namespace writ::ledger
