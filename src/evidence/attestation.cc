#include "evidence/attestation.h"

#include <algorithm>
#include <set>

#include "contract/canonical.h"
#include "evidence/attestation_document.h"

namespace writ::evidence {
namespace {

std::unexpected<Error> unproved(std::string what) {
  return fail(Code::invalid_input, std::move(what),
              "There is no attestation before every check is proved by evidence");
}

// What a document must hold to be an attestation at all.
Result<void> check_complete(const Attestation& attestation) {
  if (attestation.checks.empty()) return unproved("an attestation without any named check");
  std::set<std::string> names;
  for (const AttestedCheck& check : attestation.checks) {
    if (check.name.empty()) return unproved("a check without a name");
    if (check.evidence.empty()) return unproved("check `" + check.name + "` has no evidence");
    if (!names.insert(check.name).second) {
      return unproved("check `" + check.name + "` comes twice");
    }
  }
  for (const DeclaredFailure& failure : attestation.pre_existing) {
    if (failure.file.empty() || failure.reason.empty()) {
      return unproved("a declared failure without file or reason");
    }
  }
  std::set<std::string> artifacts{"tree"};
  for (const Artifact& artifact : attestation.artifacts) {
    if (!artifacts.insert(artifact.name).second) {
      return fail(Code::invalid_input, "artifact `" + artifact.name + "` comes twice");
    }
  }
  return {};
}

}  // namespace

Result<std::string> attestation_statement(const Attestation& attestation) {
  WRIT_CHECK(check_complete(attestation));
  return contract::canonical_json(attestation_to_value(attestation));
}

Result<Attestation> parse_attestation(std::string_view statement) {
  WRIT_TRY(const Value value, parse_json(statement, "attestation"));
  WRIT_TRY(Attestation attestation, attestation_from_value(value));
  WRIT_TRY(const std::string again, attestation_statement(attestation));
  // Two spellings of one statement would be two digests of it.
  if (again != statement) {
    return fail(Code::invalid_input, "the attestation is not in its canonical form");
  }
  return attestation;
}

Result<crypto::DsseEnvelope> sign_attestation(const Attestation& attestation,
                                              const crypto::Signer& signer) {
  WRIT_ASSERT(attestation.trust.signer == signer.id().hex);
  WRIT_TRY(std::string statement, attestation_statement(attestation));
  return crypto::dsse_sign(std::string(kInTotoPayload), std::move(statement), signer);
}

Result<VerifiedAttestation> verify_attestation(const crypto::DsseEnvelope& envelope,
                                               std::span<const crypto::PublicKey> trusted) {
  WRIT_TRY(const auto keys, crypto::dsse_verify(envelope, trusted));
  if (envelope.payload_type != kInTotoPayload) {
    return fail(Code::unsupported, "the payload is `" + envelope.payload_type + "`, not `" +
                                       std::string(kInTotoPayload) + "`");
  }
  WRIT_TRY(Attestation attestation, parse_attestation(envelope.payload));
  const auto signer = std::find_if(keys.begin(), keys.end(), [&](const crypto::PublicKey& key) {
    return key.id().hex == attestation.trust.signer;
  });
  if (signer == keys.end()) {
    return fail(Code::signature_bad, "the attestation names key " +
                                         attestation.trust.signer.substr(0, 16) +
                                         " as its signer, and another one signed it");
  }
  return VerifiedAttestation{std::move(attestation), *signer};
}

}  // namespace writ::evidence
