#pragma once
// The final attestation of a run (LAW-13): an in-toto Statement v1 about the tree that was judged
// and the artifacts that came of it, in a DSSE envelope. Every named check stands in it with the
// evidence and the decision that prove it; a check without them is no attestation at all.
// Format: docs/formats/attestation.md, contracts/attestation.schema.json.
//
// Plain values and pure functions; thread-safe.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "crypto/dsse.h"
#include "crypto/key.h"

namespace writ::evidence {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kRunPredicate = "https://writ.dev/attestation/run/v1";
inline constexpr std::string_view kInTotoPayload = "application/vnd.in-toto+json";
// How the digest of the subject `tree` is made: docs/formats/tree-digest.md.
inline constexpr std::string_view kTreeAlgorithm = "https://writ.dev/tree-digest/v1";

struct Artifact {
  std::string name;  // path relative to the tree
  crypto::Digest digest;
};

struct AttestedDocument {
  std::string name;       // "orders.book", "zero-tolerance-session@2.0.0"
  crypto::Digest digest;  // of its bytes
  std::string authority;  // protocols: absolute, enforced, default; empty for the spec
};

struct EvidenceRef {
  EvidenceId id;
  crypto::Digest digest;  // Record::digest
};

struct AttestedCheck {
  enum class Kind : std::uint8_t { check, question } kind = Kind::check;
  std::string name;                   // "tests_prove_contracts"; a question's id
  std::string text;                   // a question's text
  std::vector<EvidenceRef> evidence;  // what its gate judged
  crypto::Digest decision;            // of the kept decision
  std::string reason;                 // why the gate is open, in words
};

// Tests that ran, and what their sources assert.
struct AttestedTests {
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;
  std::uint64_t total = 0;
  std::uint64_t read = 0;            // tests found in sources
  std::uint64_t status_only = 0;     // of these
  std::uint64_t assertion_free = 0;  // of these
};

struct AttestedStep {
  std::string step;
  std::uint32_t attempt = 1;
  std::string isolation;  // "bubblewrap", "none: …", "" for steps that run nothing
};

struct AttestedApproval {
  std::string step;
  std::string key;   // key id
  std::string name;  // of the key in the trust file
  std::string role;
};

// What the attestation rests on.
struct AttestedTrust {
  std::string signer;  // key id
  std::string name;    // the resolved identity: the key's name in the trust file
  std::vector<std::string> roles;
  bool is_self_signed = false;  // the signer is also the runner
  std::string runner;           // key id
  crypto::Digest trust;         // of the trust file at the base revision
  std::vector<AttestedApproval> approvals;
};

struct DeclaredFailure {  // there before this work, verified against the base revision
  std::string file;
  std::string reason;
  EvidenceRef evidence;
};

// What the law declares as left by a run, addressed by its content (LAW-12).
struct ProducedArtifact {
  std::string name;
  crypto::Digest digest;
  EvidenceRef evidence;  // the record that lists what it is made of
};

struct LedgerHead {
  std::string origin;
  std::uint64_t size = 0;
  crypto::Digest root;
};

struct Attestation {
  RunId run;
  WallTime started;
  WallTime finished;
  std::string writ_version;
  crypto::Digest tree;
  std::vector<Artifact> artifacts;
  crypto::Digest plan;
  std::string base_revision;  // 40 hex digits
  AttestedDocument spec;
  std::vector<AttestedDocument> protocols;
  std::vector<AttestedCheck> checks;
  AttestedTests tests;
  std::vector<AttestedStep> steps;
  AttestedTrust trust;
  std::map<std::string, std::uint32_t> risk;  // area → 1..5
  std::vector<DeclaredFailure> pre_existing;
  std::vector<ProducedArtifact> produced;  // in the declared order, the attestation itself left out
  std::optional<LedgerHead> ledger;        // of the checkpoint that covers the evidence
};

// The Statement's bytes: RFC 8785. Errors: invalid_input (no check at all, a check or declared
// failure without evidence, the same check twice, an empty name, text that is no UTF-8).
Result<std::string> attestation_statement(const Attestation& attestation);

// Strict: exactly the bytes that attestation_statement makes. Errors: invalid_input (naming the
// member), unsupported (another predicate type).
Result<Attestation> parse_attestation(std::string_view statement);

// Requires: attestation.trust.signer is the signer's id.
Result<crypto::DsseEnvelope> sign_attestation(const Attestation& attestation,
                                              const crypto::Signer& signer);

struct VerifiedAttestation {
  Attestation attestation;
  crypto::PublicKey signer;  // the trusted key whose signature held and that the statement names
};

// Errors: signature_bad (no trusted signature; signed by another key than it names),
// unsupported (payload or predicate type), invalid_input (as parse_attestation).
Result<VerifiedAttestation> verify_attestation(const crypto::DsseEnvelope& envelope,
                                               std::span<const crypto::PublicKey> trusted);

// For people: what, who, and a table of the checks.
std::string attestation_markdown(const Attestation& attestation);

}  // namespace writ::evidence
