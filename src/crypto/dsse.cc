#include "crypto/dsse.h"

#include <fmt/format.h>

#include <set>

#include "base/encoding.h"

namespace writ::crypto {
namespace {

// Every signature may be tried against every trusted key, so their number is bounded.
constexpr std::size_t kMaxSignatures = 64;

bool has_signature_of(const DsseEnvelope& envelope, const PublicKey& key, std::string_view pae) {
  const std::string id = key.id().hex;
  // The hint only decides who is tried first.
  for (const bool hinted : {true, false}) {
    for (const DsseSignature& signature : envelope.signatures) {
      if ((signature.key_id == id) == hinted && key.verifies(pae, signature.bytes)) return true;
    }
  }
  return false;
}

std::unexpected<Error> no_envelope(std::string_view why) {
  return fail(Code::invalid_input, fmt::format("not a DSSE envelope: {}", why),
              "Give the envelope as it was written");
}

Result<std::string> read_base64(const Value& object, std::string_view member) {
  const Value* text = object.find(member);
  if (text == nullptr || !text->is_string()) {
    return no_envelope(fmt::format("`{}` is not a string", member));
  }
  auto bytes = parse_base64(text->as_string(), Padding::optional);
  if (!bytes) return no_envelope(fmt::format("`{}` is not base64", member));
  return bytes;
}

Result<DsseSignature> read_signature(const Value& value) {
  if (!value.is_object()) return no_envelope("a signature is not an object");
  const Value* key_id = value.find("keyid");
  if (key_id != nullptr && !key_id->is_string()) return no_envelope("`keyid` is not a string");
  WRIT_TRY(std::string bytes, read_base64(value, "sig"));
  return DsseSignature{key_id == nullptr ? "" : key_id->as_string(), std::move(bytes)};
}

}  // namespace

std::string dsse_pae(std::string_view payload_type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", payload_type.size(), payload_type, payload.size(),
                     payload);
}

Result<DsseEnvelope> dsse_sign(std::string payload_type, std::string payload,
                               const Signer& signer) {
  DsseEnvelope envelope{std::move(payload_type), std::move(payload), {}};
  WRIT_CHECK(dsse_add_signature(envelope, signer));
  return envelope;
}

Result<void> dsse_add_signature(DsseEnvelope& envelope, const Signer& signer) {
  WRIT_TRY(std::string bytes, signer.sign(dsse_pae(envelope.payload_type, envelope.payload)));
  envelope.signatures.push_back({signer.id().hex, std::move(bytes)});
  return {};
}

Result<std::vector<PublicKey>> dsse_verify(const DsseEnvelope& envelope,
                                           std::span<const PublicKey> trusted,
                                           std::size_t threshold) {
  WRIT_ASSERT(threshold > 0);
  if (envelope.signatures.size() > kMaxSignatures) {
    return fail(Code::signature_bad, fmt::format("the envelope has {} signatures, more than {}",
                                                 envelope.signatures.size(), kMaxSignatures));
  }
  const std::string pae = dsse_pae(envelope.payload_type, envelope.payload);
  std::set<PublicKey> seen;
  std::vector<PublicKey> verified;
  for (const PublicKey& key : trusted) {
    if (seen.insert(key).second && has_signature_of(envelope, key, pae)) verified.push_back(key);
  }
  if (verified.size() < threshold) {
    return fail(Code::signature_bad,
                fmt::format("{} of {} required signatures by trusted keys hold over this payload",
                            verified.size(), threshold));
  }
  return verified;
}

Value dsse_to_value(const DsseEnvelope& envelope) {
  Array signatures;
  for (const DsseSignature& signature : envelope.signatures) {
    signatures.push_back(Object{{"keyid", signature.key_id}, {"sig", to_base64(signature.bytes)}});
  }
  return Object{{"payload", to_base64(envelope.payload)},
                {"payloadType", envelope.payload_type},
                {"signatures", std::move(signatures)}};
}

Result<DsseEnvelope> dsse_from_value(const Value& value) {
  if (!value.is_object()) return no_envelope("not an object");
  DsseEnvelope envelope;
  envelope.payload_type = value.string_or("payloadType", "");
  if (envelope.payload_type.empty()) return no_envelope("`payloadType` is missing");
  WRIT_TRY(envelope.payload, read_base64(value, "payload"));
  const Value* signatures = value.find("signatures");
  if (signatures == nullptr || !signatures->is_array() || signatures->as_array().empty()) {
    return no_envelope("`signatures` is not a list with entries");
  }
  if (signatures->as_array().size() > kMaxSignatures) {
    return no_envelope(fmt::format("more than {} signatures", kMaxSignatures));
  }
  for (const Value& item : signatures->as_array()) {
    WRIT_TRY(DsseSignature signature, read_signature(item));
    envelope.signatures.push_back(std::move(signature));
  }
  return envelope;
}

}  // namespace writ::crypto
