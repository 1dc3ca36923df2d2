#pragma once
// DSSE 1.0.2: Dead Simple Signing Envelope, https://github.com/secure-systems-lab/dsse.
// Verification hands out exactly the bytes that were signed.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "crypto/key.h"

namespace writ::crypto {

struct DsseSignature {
  std::string key_id;  // a hint, never trusted
  std::string bytes;
};

struct DsseEnvelope {
  std::string payload_type;
  std::string payload;  // raw bytes
  std::vector<DsseSignature> signatures;
};

// PAE(type, body); lengths in decimal bytes.
std::string dsse_pae(std::string_view payload_type, std::string_view payload);

Result<DsseEnvelope> dsse_sign(std::string payload_type, std::string payload, const Signer& signer);
// Adds another signature over the same bytes.
Result<void> dsse_add_signature(DsseEnvelope& envelope, const Signer& signer);

// The distinct keys among `trusted` whose signature over the payload holds.
// Errors: signature_bad when fewer than `threshold` distinct keys verify.
Result<std::vector<PublicKey>> dsse_verify(const DsseEnvelope& envelope,
                                           std::span<const PublicKey> trusted,
                                           std::size_t threshold = 1);

Value dsse_to_value(const DsseEnvelope& envelope);
// Accepts both base64 alphabets; ignores unknown members. Errors: invalid_input.
Result<DsseEnvelope> dsse_from_value(const Value& value);

}  // namespace writ::crypto
