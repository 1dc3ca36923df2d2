#pragma once
// A complete attestation for tests, signed by the key that sample_signer makes.
#include "crypto/key.h"
#include "evidence/attestation.h"

namespace writ::evidence {

inline crypto::SecretKey sample_signer(char seed = 'a') {
  auto key = crypto::SecretKey::from_seed(std::string(32, seed));
  WRIT_ASSERT(key.has_value());
  return *std::move(key);
}

inline EvidenceRef sample_reference(std::uint8_t n) {
  EvidenceRef ref;
  ref.id.uuid.bytes.fill(n);
  ref.digest = crypto::sha256(std::string(1, static_cast<char>(n)));
  return ref;
}

inline Attestation sample_attestation() {
  Attestation a;
  a.run.uuid.bytes.fill(7);
  a.started = WallTime{1'767'225'600'000'000};
  a.finished = WallTime{1'767'225'660'000'000};
  a.writ_version = "0.1.0";
  a.tree = crypto::sha256("tree");
  a.artifacts = {{"build/book", crypto::sha256("book")}};
  a.plan = crypto::sha256("plan");
  a.base_revision = std::string(40, 'b');
  a.spec = {"orders.book", crypto::sha256("spec"), ""};
  a.protocols = {{"zero-tolerance-session@2.0.0", crypto::sha256("protocol"), "absolute"}};
  a.checks = {{AttestedCheck::Kind::check,
               "tests_prove_contracts",
               "",
               {sample_reference(1), sample_reference(2)},
               crypto::sha256("decision 1"),
               "tests.failed is 0"},
              {AttestedCheck::Kind::question,
               "complete",
               "Is every feature complete?",
               {sample_reference(3)},
               crypto::sha256("decision 2"),
               "scan.violations is 0"}};
  a.tests = {.passed = 12,
             .failed = 0,
             .skipped = 1,
             .total = 13,
             .read = 13,
             .status_only = 0,
             .assertion_free = 0};
  a.steps = {{"test/unit", 2, "bubblewrap"}, {"review/second", 1, ""}};
  const crypto::SecretKey signer = sample_signer();
  a.trust = {.signer = signer.id().hex,
             .name = "Ann | <b>",
             .roles = {"runner", "attester"},
             .is_self_signed = true,
             .runner = signer.id().hex,
             .trust = crypto::sha256("trust"),
             .approvals = {{"review/second", std::string(64, 'c'), "Bea", "maintainer"}}};
  a.risk = {{"reliability", 2}, {"security", 1}};
  a.pre_existing = {{"tests/old_test.cc", "needs a network", sample_reference(4)}};
  a.ledger = LedgerHead{"example.org/log", (1ull << 53) + 5, crypto::sha256("root")};
  return a;
}

}  // namespace writ::evidence
