#include "execution/verify.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "contract/canonical.h"
#include "evidence/attestation.h"
#include "execution/attest.h"
#include "execution/default_check.h"
#include "execution/produced.h"
#include "execution/verify_deferrals.h"
#include "identity/authority.h"
#include "identity/signed_statement.h"

namespace writ::execution {
namespace {

std::unexpected<Error> tampered(std::string message) {
  return fail(Code::tampered, std::move(message));
}

const policy::Gate* gate_of(const protocol::PlanStep& step) {
  return step.gate ? &*step.gate : nullptr;
}

class Verifier {
 public:
  Verifier(const RunArchive& archive, const identity::Trust& trust)
      : archive_(archive), run_(archive.state.run), trust_(trust) {}

  Result<VerifyReport> verify() {
    WRIT_CHECK(verify_plan());
    WRIT_CHECK(verify_events());
    WRIT_CHECK(verify_receipts());
    WRIT_CHECK(verify_evidence());
    WRIT_CHECK(verify_decisions());
    WRIT_CHECK(verify_statements());
    WRIT_CHECK(verify_deferrals(archive_));
    WRIT_CHECK(verify_attestation());
    say_isolation();
    report_.events = archive_.events.size();
    report_.records = archive_.records.size();
    report_.decisions = archive_.decisions.size();
    return std::move(report_);
  }

 private:
  Result<void> verify_plan() {
    if (archive_.plan.digest() != run_.plan) {
      return tampered("the plan has digest " + archive_.plan.digest() +
                      ", the run was started on " + run_.plan);
    }
    // Not part of the digest: the same plan may come of another text.
    if (archive_.plan.spec_digest != run_.spec_digest ||
        archive_.plan.spec_file != run_.spec_file || archive_.plan.spec_id != run_.spec_id) {
      return tampered("the plan is of another spec than the run");
    }
    if (archive_.trust.digest().hex() != run_.trust) {
      return tampered("the trust file is not the one that the run rests on");
    }
    return {};
  }

  // Every payload as its digest says; the fold of all of them is what the rows say.
  Result<void> verify_events() {
    RunState folded;
    const StepPlaces places(archive_.plan);
    std::uint64_t seq = 0;
    for (const ledger::Event& event : archive_.events) {
      const std::string name = "event " + std::to_string(++seq) + " (" + event.entry.type + ")";
      if (event.entry.run != run_.id || event.entry.seq != seq) {
        return tampered(name + " is not the run's event of that number");
      }
      if (event.payload_state == ledger::Event::Payload::erased) {
        return tampered(name + " has an erased payload: the run can no longer be folded");
      }
      if (crypto::sha256(event.salt + event.entry.payload) != event.payload_digest) {
        return tampered(name + " has a payload that its digest does not fit");
      }
      auto payload = parse_json(event.entry.payload, name);
      if (!payload) return tampered(name + " has a payload that is no JSON");
      const Transition transition{event.entry.type, step_of(event), std::move(*payload)};
      if (auto applied = apply(folded, places, transition); !applied) {
        return tampered(name + ": " + applied.error().message);
      }
    }
    return compare(folded);
  }

  std::string step_of(const ledger::Event& event) const {
    const std::string prefix = "run/" + run_.id.text() + "/step/";
    const std::string& subject = event.entry.subject;
    return subject.starts_with(prefix) ? subject.substr(prefix.size()) : "";
  }

  Result<void> compare(const RunState& folded) {
    if (folded.run != run_) return tampered("the run's row is not what its events fold to");
    for (std::size_t i = 0; i < folded.steps.size() || i < archive_.state.steps.size(); ++i) {
      const bool is_same = i < folded.steps.size() && i < archive_.state.steps.size() &&
                           folded.steps[i] == archive_.state.steps[i];
      if (is_same) continue;
      const std::string path = i < archive_.plan.steps.size() ? archive_.plan.steps[i].path : "?";
      return tampered("the row of step " + path + " is not what its events fold to");
    }
    if (folded.blockers != archive_.state.blockers) {
      return tampered("the blockers' rows are not what the events fold to");
    }
    return {};
  }

  Result<void> verify_receipts() {
    if (archive_.receipts.size() != archive_.events.size()) {
      return tampered("there are " + std::to_string(archive_.events.size()) + " events and " +
                      std::to_string(archive_.receipts.size()) + " receipts");
    }
    const std::vector<crypto::PublicKey> keys = trust_.public_keys();
    for (std::size_t i = 0; i < archive_.events.size(); ++i) {
      auto held = ledger::verify_receipt(archive_.events[i], archive_.receipts[i], keys);
      if (!held) {
        return std::unexpected(std::move(held).error().context("checking the receipt of event " +
                                                               std::to_string(i + 1)));
      }
    }
    return {};
  }

  // Every record that an event names is there, as it was; every blob of a record too.
  Result<void> verify_evidence() {
    std::map<std::string, std::string> named;
    for (const ledger::Event& event : archive_.events) {
      WRIT_TRY(const Value payload, parse_json(event.entry.payload));
      const Value* list = payload.find("evidence");
      if (list == nullptr || !list->is_array()) continue;
      for (const Value& ref : list->as_array()) {
        named[std::string(ref.string_or("id", ""))] = ref.string_or("digest", "");
      }
    }
    for (const evidence::Record& record : archive_.records) {
      const auto ref = named.find(record.id.text());
      const std::string name =
          "evidence " + record.id.text() + " (" + record.name + " of step " + record.step + ")";
      if (ref == named.end()) return tampered(name + " is named by no event");
      if (ref->second != record.digest().hex()) return tampered(name + " was changed");
      named.erase(ref);
      for (const store::BlobRef& blob : record.blobs) WRIT_CHECK(verify_blob(name, blob));
    }
    if (!named.empty()) return tampered("evidence " + named.begin()->first + " is missing");
    return {};
  }

  Result<void> verify_blob(const std::string& name, const store::BlobRef& blob) {
    const auto bytes = archive_.read_blob(blob.digest);
    if (!bytes) {
      return tampered(name + ": blob " + blob.digest.hex() + ": " + bytes.error().message);
    }
    if (crypto::sha256(*bytes) != blob.digest || bytes->size() != blob.size) {
      return tampered(name + ": blob " + blob.digest.hex() + " was changed");
    }
    return {};
  }

  // from_value has replayed each decision; here each is tied to its event.
  Result<void> verify_decisions() {
    std::set<std::string> decided;
    for (const ledger::Event& event : archive_.events) {
      if (event.entry.type != "writ.gate.decided") continue;
      WRIT_TRY(const Value payload, parse_json(event.entry.payload));
      decided.insert(std::string(payload.string_or("decision", "")));
    }
    for (const DecisionRecord& decision : archive_.decisions) {
      WRIT_TRY(const std::string digest, decision.digest());
      const bool is_default = decision.step == kDefaultCheck;
      if (decided.erase(digest) == 0 && !is_default) {
        return tampered("the decision of step " + decision.step + " attempt " +
                        std::to_string(decision.attempt) + " is not the one that was recorded");
      }
      if (is_default && !is_default_check(decision.gate)) {
        return tampered("the default check was judged by another gate");
      }
      if (is_default) continue;
      const std::size_t index = archive_.plan.find(decision.step);
      const bool is_step = index < archive_.plan.steps.size();
      const policy::Gate* const gate = is_step ? gate_of(archive_.plan.steps[index]) : nullptr;
      const bool is_planned = gate != nullptr && gate->to_value() == decision.gate.to_value();
      if (!is_planned) return tampered("step " + decision.step + " was judged by another gate");
    }
    if (!decided.empty()) return tampered("the decision " + *decided.begin() + " is missing");
    return {};
  }

  // Each signed word once more, at the time it was received; none is missing, and every step that
  // passed by somebody's word has it.
  Result<void> verify_statements() {
    WRIT_TRY(const crypto::PublicKey runner, runner_key());
    const identity::Authority authority(trust_, runner);
    WRIT_TRY(ReceivedWords words, received_words());
    for (const StatementRow& row : archive_.statements) {
      const auto word = words.find(crypto::sha256(row.envelope).hex());
      if (word == words.end()) {
        return tampered("a signed word about step " + row.step + " is named by no event");
      }
      WRIT_CHECK(verify_statement(row, word->second, authority));
      words.erase(word);
    }
    if (!words.empty()) return tampered("the signed word " + words.begin()->first + " is missing");
    return verify_passed_steps();
  }

  // When the events say that each word was received, by its digest: twice where two processes
  // took it at once. Events of runs from before that was recorded say nothing.
  using ReceivedWords = std::map<std::string, std::set<std::string>>;
  Result<ReceivedWords> received_words() const {
    ReceivedWords words;
    for (const ledger::Event& event : archive_.events) {
      if (event.entry.type == "writ.approval.refused") continue;  // kept by its digest alone
      WRIT_TRY(const Value payload, parse_json(event.entry.payload));
      const std::string_view digest = payload.string_or("statement", "");
      if (digest.empty()) continue;
      const std::string_view received = payload.string_or("received", "");
      std::set<std::string>& times = words[std::string(digest)];
      if (!received.empty()) times.emplace(received);
    }
    return words;
  }

  // What the state says of a step that passed follows from no payload alone: the gate of that
  // attempt is open, and where somebody's word was asked for, it was given about that tree.
  Result<void> verify_passed_steps() {
    for (std::size_t i = 0; i < archive_.plan.steps.size(); ++i) {
      const protocol::PlanStep& step = archive_.plan.steps[i];
      const StepState& state = archive_.state.steps[i];
      if (state.status != StepStatus::passed || state.adopted) continue;
      if (step.gate) WRIT_CHECK(expect_open_gate(step, state));
      if (step.kind == protocol::StepKind::approval) {
        WRIT_CHECK(expect_word(step, state, identity::StatementKind::approval));
      } else if (step.kind == protocol::StepKind::external) {
        WRIT_CHECK(expect_word(step, state, identity::StatementKind::submission));
      }
    }
    return {};
  }

  Result<void> expect_open_gate(const protocol::PlanStep& step, const StepState& state) {
    for (const DecisionRecord& decision : archive_.decisions) {
      if (decision.step != step.path || decision.attempt != state.attempt) continue;
      WRIT_TRY(const std::string digest, decision.digest());
      if (digest == state.decision && decision.decision.open) return {};
    }
    return tampered("step " + step.path + " passed, and its gate was never open");
  }

  Result<void> expect_word(const protocol::PlanStep& step, const StepState& state,
                           identity::StatementKind kind) {
    const std::string_view name = identity::statement_kind_name(kind);
    const bool is_there = std::any_of(
        archive_.statements.begin(), archive_.statements.end(), [&](const StatementRow& row) {
          return row.step == step.path && row.attempt == state.attempt && row.kind == name &&
                 row.tree == state.tree_after;
        });
    if (is_there) return {};
    return tampered("step " + step.path + " passed without a signed " + std::string(name));
  }

  Result<crypto::PublicKey> runner_key() {
    const identity::TrustedKey* key = trust_.find(crypto::KeyId{run_.runner});
    if (key != nullptr) return key->key;
    return fail(Code::signature_bad, "the runner's key " + run_.runner + " is not trusted",
                "Verify with the trust file of the repository that the run is of");
  }

  Result<void> verify_statement(const StatementRow& row, const std::set<std::string>& received,
                                const identity::Authority& authority) {
    WRIT_TRY(const Value value, parse_json(row.envelope, "statement"));
    WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(value));
    WRIT_TRY(const identity::Statement said, identity::read_statement(envelope));
    identity::Occasion occasion;
    occasion.kind = said.kind;
    occasion.run = run_.id;
    occasion.step = row.step;
    occasion.attempt = row.attempt;
    WRIT_TRY(occasion.tree, crypto::Digest::parse_hex(row.tree));
    WRIT_TRY(occasion.plan, crypto::Digest::parse_hex(run_.plan));
    occasion.role = role_demanded(row.step, said.kind);
    occasion.blocker = said.blocker;
    occasion.subject = said.subject;  // held to its event by verify_deferrals
    occasion.now = row.at;
    WRIT_TRY(const identity::SignedAct act,
             identity::verify_statement(envelope, occasion, authority));
    const bool is_of_time =
        received.empty() ? row.at == said.at : received.contains(to_rfc3339(row.at));
    const bool is_as_said = row.kind == identity::statement_kind_name(said.kind) &&
                            row.key_id == act.signer.hex && is_of_time;
    if (!is_as_said) return tampered("the row of a word about " + row.step + " was changed");
    report_.rests_on.push_back("step " + row.step + ": " + row.kind + " by " + act.signer_name +
                               " (" + act.signer.short_text() + ")");
    return {};
  }

  std::string role_demanded(const std::string& step, identity::StatementKind kind) const {
    using identity::StatementKind;
    if (kind == StatementKind::resolution || kind == StatementKind::closure) {
      return std::string(identity::kResolverRole);
    }
    if (kind == StatementKind::deferral || kind == StatementKind::assumption) return "";
    const std::size_t index = archive_.plan.find(step);
    if (index >= archive_.plan.steps.size()) return "";
    const auto role = identity::parse_role(archive_.plan.steps[index].with.string_or("by", ""));
    return role ? *role : "";
  }

  Result<void> verify_attestation() {
    if (!archive_.attestation) {
      if (run_.status == RunStatus::attested) return tampered("the attestation is missing");
      report_.rests_on.push_back("the run is " + std::string(status_name(run_.status)) +
                                 ": there is no attestation");
      return {};
    }
    if (crypto::sha256(archive_.attestation_text).hex() != run_.attestation) {
      return tampered("the attestation is not the one that the run ended with");
    }
    const std::vector<crypto::PublicKey> keys = trust_.public_keys();
    WRIT_TRY(const evidence::VerifiedAttestation verified,
             evidence::verify_attestation(*archive_.attestation, keys));
    const evidence::Attestation& said = verified.attestation;
    const crypto::KeyId signer = verified.signer.id();
    if (!trust_.may(signer, identity::kAttesterRole, said.finished)) {
      return fail(Code::not_permitted, "key " + signer.short_text() + " may not attest");
    }
    const bool is_of_run = said.run == run_.id && said.plan.hex() == run_.plan &&
                           said.tree.hex() == run_.tree && said.base_revision == run_.base;
    if (!is_of_run) return tampered("the attestation is of another run, plan, tree or base");
    WRIT_CHECK(verify_checks(said));
    WRIT_CHECK(verify_artifacts(said));
    report_.is_attested = true;
    report_.rests_on.push_back(
        "signed by " + said.trust.name + " (" + signer.short_text() + ")" +
        (said.trust.is_self_signed ? ", the key that ran it: self-signed" : ""));
    if (run_.is_self_signed) {
      report_.rests_on.emplace_back(
          "no trust file at the base revision: nobody but the runner "
          "vouches for it");
    }
    return {};
  }

  // Every named check points at a kept decision that is open, and at kept evidence of this tree.
  Result<void> verify_checks(const evidence::Attestation& said) {
    std::map<std::string, const DecisionRecord*> decisions;
    for (const DecisionRecord& decision : archive_.decisions) {
      WRIT_TRY(const std::string digest, decision.digest());
      decisions[digest] = &decision;
    }
    std::map<EvidenceId, std::string> records;
    for (const evidence::Record& record : archive_.records) {
      if (record.tree == said.tree) records[record.id] = record.digest().hex();
    }
    for (const evidence::AttestedCheck& check : said.checks) {
      const auto decision = decisions.find(check.decision.hex());
      if (decision == decisions.end() || !decision->second->decision.open) {
        return tampered("check " + check.name + " has no open decision behind it");
      }
      for (const evidence::EvidenceRef& ref : check.evidence) {
        const auto record = records.find(ref.id);
        if (record == records.end() || record->second != ref.digest.hex()) {
          return tampered("check " + check.name + " rests on evidence that is not of its tree");
        }
      }
      report_.checks.push_back(check.name);
    }
    return {};
  }

  // The declared artifacts are those of the evidence, in the declared order.
  Result<void> verify_artifacts(const evidence::Attestation& said) {
    WRIT_TRY(const auto produced,
             produced_artifacts(archive_.plan, archive_.state, archive_.records, said.tree));
    const auto same = [](const evidence::ProducedArtifact& a, const evidence::ProducedArtifact& b) {
      return a.name == b.name && a.digest == b.digest && a.evidence.id == b.evidence.id &&
             a.evidence.digest == b.evidence.digest;
    };
    if (std::ranges::equal(produced, said.produced, same)) return {};
    return tampered("the attestation lists other artifacts than the evidence does");
  }

  void say_isolation() {
    for (std::size_t i = 0; i < archive_.plan.steps.size(); ++i) {
      const StepState& step = archive_.state.steps[i];
      const bool is_run = archive_.plan.steps[i].kind == protocol::StepKind::run;
      // Nothing rests on what did not pass; it may not even have found its program.
      if (!is_run || step.status != StepStatus::passed) continue;
      if (step.isolation == "namespaces") continue;
      report_.rests_on.push_back("step " + archive_.plan.steps[i].path +
                                 " ran without namespaces: it could reach .writ");
    }
  }

  const RunArchive& archive_;
  const RunRow& run_;
  const identity::Trust& trust_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify_run(const RunArchive& archive, const identity::Trust& trust) {
  Result<VerifyReport> report = Verifier(archive, trust).verify();
  if (report) return report;
  // What is kept was written by us: what does not read as what it stands for was changed since.
  const Code code = report.error().code;
  if (code == Code::invalid_input || code == Code::unsupported || code == Code::not_found) {
    return tampered("the archive is not as it was written: " + report.error().message);
  }
  return report;
}

}  // namespace writ::execution
