#include "execution/attest.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/json.h"
#include "contract/canonical.h"
#include "evidence/attestation.h"
#include "execution/default_check.h"
#include "execution/gate_facts.h"
#include "execution/produced.h"
#include "identity/authority.h"
#include "ledger/ledger.h"

namespace writ::execution {
namespace {

using evidence::AttestedCheck;

// Collects one attestation; a class only so that its parts share what they read.
class Builder {
 public:
  Builder(const Journal& journal, const Tree& tree, std::vector<evidence::Record> evidence,
          std::vector<DecisionRecord> decisions)
      : plan_(journal.plan()),
        state_(journal.state()),
        tree_(tree.digest),
        evidence_(std::move(evidence)),
        decisions_(std::move(decisions)) {
    std::erase_if(evidence_, [&](const evidence::Record& record) { return !is_newest(record); });
  }

  Result<void> build(evidence::Attestation& out) {
    WRIT_CHECK(add_checks(out));
    if (!unproved_.empty()) return {};
    WRIT_CHECK(add_identity(out));
    add_evidence(out);
    auto produced = produced_artifacts(plan_, state_, evidence_, tree_);
    if (produced)
      out.produced = *std::move(produced);
    else
      unproved_ = produced.error().message;
    return {};
  }
  const std::string& unproved() const { return unproved_; }
  std::vector<DecisionRecord>& made() { return made_; }

 private:
  bool is_newest(const evidence::Record& record) const {
    const std::size_t index = plan_.find(record.step);
    return index < state_.steps.size() && state_.steps[index].attempt == record.attempt;
  }

  Result<void> add_checks(evidence::Attestation& out) {
    for (const protocol::Question& question : plan_.questions) {
      WRIT_CHECK(add_decided(out, AttestedCheck::Kind::question, question.id, question.text,
                             std::string(kQuestionPhase) + question.id));
    }
    for (const protocol::AttestCheck& check : plan_.attest) {
      WRIT_CHECK(add_decided(out, AttestedCheck::Kind::check, check.name, "",
                             std::string(kAttestPhase) + check.name));
    }
    if (out.checks.empty() && unproved_.empty()) WRIT_CHECK(add_default(out));
    return {};
  }

  Result<void> add_decided(evidence::Attestation& out, AttestedCheck::Kind kind,
                           const std::string& name, const std::string& text,
                           const std::string& step) {
    if (!unproved_.empty()) return {};
    const auto decision = std::find_if(decisions_.rbegin(), decisions_.rend(),
                                       [&](const DecisionRecord& d) { return d.step == step; });
    if (decision == decisions_.rend() || !decision->decision.open) {
      unproved_ = name + (decision == decisions_.rend() ? " was not judged"
                                                        : ": " + decision->decision.reason);
      return {};
    }
    if (decision->facts.tree != "sha256:" + tree_.hex()) {
      unproved_ = name + " was judged on another tree";
      return {};
    }
    return add(out, kind, name, text, *decision);
  }

  // A run whose law names no checks attests that all its steps passed.
  Result<void> add_default(evidence::Attestation& out) {
    WRIT_TRY(policy::Gate gate, default_check());
    std::vector<std::string> over;
    for (const protocol::PlanStep& step : plan_.steps) over.push_back(step.path);
    WRIT_TRY(policy::Facts facts,
             collect_facts({plan_, state_, evidence_, over, "", 1, tree_.hex()}));
    DecisionRecord record{std::string(kDefaultCheck), 1, std::move(gate), std::move(facts), {}};
    record.decision = policy::evaluate(record.gate, record.facts);
    if (!record.decision.open) {
      unproved_ = record.decision.reason;
      return {};
    }
    WRIT_CHECK(add(out, AttestedCheck::Kind::check, "steps_passed", "", record));
    made_.push_back(std::move(record));
    return {};
  }

  Result<void> add(evidence::Attestation& out, AttestedCheck::Kind kind, const std::string& name,
                   const std::string& text, const DecisionRecord& decision) {
    AttestedCheck check;
    check.kind = kind;
    check.name = name;
    check.text = text;
    check.reason = decision.decision.reason;
    WRIT_TRY(const std::string digest, decision.digest());
    WRIT_TRY(check.decision, crypto::Digest::parse_hex(digest));
    check.evidence = evidence_behind(decision);
    if (check.evidence.empty()) {
      unproved_ = name + " rests on no evidence of this tree";
      return {};
    }
    out.checks.push_back(std::move(check));
    return {};
  }

  // What the facts came from. A check over the plan's own facts alone (risk, unfinished steps)
  // rests on everything that the run has shown about this tree.
  std::vector<evidence::EvidenceRef> evidence_behind(const DecisionRecord& decision) const {
    std::set<std::string> named;
    const std::vector<std::string> names = decision.gate.fact_names();
    for (const auto& [name, fact] : decision.facts.facts) {
      if (!std::binary_search(names.begin(), names.end(), name)) continue;
      for (const policy::FactOrigin& origin : fact.origins) named.insert(origin.evidence_id);
    }
    named.erase("");
    std::vector<evidence::EvidenceRef> out;
    for (const evidence::Record& record : evidence_) {
      const bool counts = named.empty() ? record.tree == tree_ : named.contains(record.id.text());
      if (counts) out.push_back({record.id, record.digest()});
    }
    return out;
  }

  Result<void> add_identity(evidence::Attestation& out) {
    out.run = state_.run.id;
    out.started = state_.run.created;
    out.tree = tree_;
    WRIT_TRY(out.plan, crypto::Digest::parse_hex(state_.run.plan));
    out.base_revision = state_.run.base;
    out.spec.name = plan_.spec_id;
    WRIT_TRY(out.spec.digest, crypto::Digest::parse_hex(plan_.spec_digest));
    constexpr std::string_view kAuthority[] = {"default", "enforced", "absolute"};
    for (const protocol::BoundDocument& law : plan_.protocols) {
      WRIT_TRY(const crypto::Digest digest, crypto::Digest::parse_hex(law.digest));
      out.protocols.push_back(
          {law.name, digest, std::string(kAuthority[static_cast<std::size_t>(law.authority)])});
    }
    out.risk = plan_.risk;
    WRIT_TRY(out.trust.trust, crypto::Digest::parse_hex(state_.run.trust));
    out.trust.runner = state_.run.runner;
    return {};
  }

  void add_evidence(evidence::Attestation& out) const {
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const StepState& step = state_.steps[i];
      out.steps.push_back({plan_.steps[i].path, step.attempt, step.isolation});
    }
    for (const evidence::Record& record : evidence_) {
      add_approval(out, record);
      if (record.tree != tree_) continue;
      add_tests(out, record);
    }
    add_artifacts(out);
  }

  static void add_approval(evidence::Attestation& out, const evidence::Record& record) {
    if (record.kind != evidence::Kind::approval) return;
    out.trust.approvals.push_back({record.step, std::string(record.data.string_or("by", "")),
                                   std::string(record.data.string_or("name", "")),
                                   std::string(record.data.string_or("role", ""))});
  }

  static std::uint64_t count(const evidence::Record& record, const std::string& fact) {
    const auto at = record.facts.find(fact);
    if (at == record.facts.end() || !at->second.is_integer()) return 0;
    return static_cast<std::uint64_t>(at->second.as_integer());
  }

  static void add_tests(evidence::Attestation& out, const evidence::Record& record) {
    out.tests.passed += count(record, "tests.passed");
    out.tests.failed += count(record, "tests.failed");
    out.tests.skipped += count(record, "tests.skipped");
    out.tests.total += count(record, "tests.total");
    out.tests.read += count(record, "test_evidence.total");
    out.tests.status_only += count(record, "test_evidence.status_only");
    out.tests.assertion_free += count(record, "test_evidence.assertion_free");
  }

  // Steps may hand in the same file one after the other: it is what the last of them saw.
  void add_artifacts(evidence::Attestation& out) const {
    std::map<std::string_view, const evidence::Record*> newest;
    const auto is_artifact = [&](const evidence::Record& record) {
      return record.kind == evidence::Kind::file && record.tree == tree_;
    };
    for (const evidence::Record& record : evidence_) {
      if (!is_artifact(record)) continue;
      const evidence::Record*& known = newest[record.name];
      if (known == nullptr || known->at <= record.at) known = &record;
    }
    for (const evidence::Record& record : evidence_) {
      if (!is_artifact(record) || newest[record.name] != &record) continue;
      const auto digest = crypto::Digest::parse_hex(record.data.string_or("digest", ""));
      if (digest) out.artifacts.push_back({record.name, *digest});
    }
  }

  const protocol::Plan& plan_;
  const RunState& state_;
  crypto::Digest tree_;
  std::vector<evidence::Record> evidence_;  // newest attempts
  std::vector<DecisionRecord> decisions_;
  std::vector<DecisionRecord> made_;
  std::string unproved_;
};

}  // namespace

Result<Attestor::Attestation> RunAttestor::attest(const Journal& journal, const Tree& tree) {
  WRIT_TRY(auto evidence, journal.evidence());
  WRIT_TRY(auto decisions, journal.decisions());
  Builder builder(journal, tree, std::move(evidence), std::move(decisions));
  evidence::Attestation attestation;
  WRIT_CHECK(builder.build(attestation));
  Attestation out;
  out.unproved = builder.unproved();
  if (!out.unproved.empty()) return out;
  const identity::Authority authority(trust_, signer_.public_key());
  WRIT_TRY(const identity::TrustedKey* key,
           authority.require(identity::Act::attest, signer_.id(), "", deps_.clock.wall()));
  attestation.writ_version = version_;
  attestation.finished = deps_.clock.wall();
  attestation.trust.signer = signer_.id().hex;
  attestation.trust.name = key->name;
  attestation.trust.roles = key->roles;
  attestation.trust.is_self_signed = attestation.trust.signer == attestation.trust.runner;
  WRIT_TRY(const ledger::Checkpoint head, deps_.ledger.checkpoint(signer_));
  attestation.ledger = evidence::LedgerHead{head.origin, head.size, head.root};
  WRIT_TRY(const crypto::DsseEnvelope envelope, evidence::sign_attestation(attestation, signer_));
  WRIT_TRY(const std::string text, contract::canonical_json(crypto::dsse_to_value(envelope)));
  WRIT_TRY(out.envelope, deps_.blobs.put(text));
  out.decisions = std::move(builder.made());
  return out;
}

}  // namespace writ::execution
