#include "evidence/attestation_document.h"

#include "evidence/fields.h"

namespace writ::evidence {
namespace {

constexpr std::string_view kTree = "tree";

Value subject(std::string_view name, const crypto::Digest& digest) {
  return Object{{"name", name}, {"digest", Object{{"sha256", digest.hex()}}}};
}

Array subjects(const Attestation& a) {
  Value tree = subject(kTree, a.tree);
  tree.as_object().append("annotations", Object{{"algorithm", kTreeAlgorithm}});
  Array list{std::move(tree)};
  for (const Artifact& artifact : a.artifacts) {
    list.push_back(subject(artifact.name, artifact.digest));
  }
  return list;
}

Value reference(const EvidenceRef& ref) {
  return Object{{"id", ref.id.text()}, {"digest", digest_text(ref.digest)}};
}

Value check_value(const AttestedCheck& check) {
  Array evidence;
  for (const EvidenceRef& ref : check.evidence) evidence.push_back(reference(ref));
  const bool is_question = check.kind == AttestedCheck::Kind::question;
  return Object{{"kind", is_question ? "question" : "check"},
                {"name", check.name},
                {"text", check.text},
                {"evidence", std::move(evidence)},
                {"decision", digest_text(check.decision)},
                {"reason", check.reason}};
}

Value tests_value(const AttestedTests& t) {
  return Object{{"passed", large_number(t.passed)},
                {"failed", large_number(t.failed)},
                {"skipped", large_number(t.skipped)},
                {"total", large_number(t.total)},
                {"read", large_number(t.read)},
                {"status_only", large_number(t.status_only)},
                {"assertion_free", large_number(t.assertion_free)}};
}

Value trust_value(const AttestedTrust& trust) {
  Array approvals;
  for (const AttestedApproval& approval : trust.approvals) {
    approvals.push_back(Object{{"step", approval.step},
                               {"key", approval.key},
                               {"name", approval.name},
                               {"role", approval.role}});
  }
  return Object{{"signer", trust.signer},
                {"name", trust.name},
                {"roles", Array(trust.roles.begin(), trust.roles.end())},
                {"self_signed", trust.is_self_signed},
                {"runner", trust.runner},
                {"file", digest_text(trust.trust)},
                {"approvals", std::move(approvals)}};
}

Value document_value(const AttestedDocument& document) {
  return Object{{"name", document.name},
                {"digest", digest_text(document.digest)},
                {"authority", document.authority}};
}

template <typename T, typename F>
Array list_of(const std::vector<T>& items, F&& to_value) {
  Array list;
  for (const T& item : items) list.push_back(to_value(item));
  return list;
}

Value step_value(const AttestedStep& step) {
  return Object{{"step", step.step}, {"attempt", step.attempt}, {"isolation", step.isolation}};
}

Value failure_value(const DeclaredFailure& failure) {
  return Object{{"file", failure.file},
                {"reason", failure.reason},
                {"evidence", reference(failure.evidence)}};
}

Value produced_value(const ProducedArtifact& artifact) {
  return Object{{"name", artifact.name},
                {"digest", digest_text(artifact.digest)},
                {"evidence", reference(artifact.evidence)}};
}

Value ledger_value(const std::optional<LedgerHead>& head) {
  if (!head) return nullptr;
  return Object{{"origin", head->origin},
                {"size", large_number(head->size)},
                {"root", digest_text(head->root)}};
}

Value predicate(const Attestation& a) {
  Object risk;
  for (const auto& [area, figure] : a.risk) risk.append(area, figure);
  Object out{{"run", a.run.text()},
             {"started", to_rfc3339(a.started)},
             {"finished", to_rfc3339(a.finished)},
             {"writ", a.writ_version},
             {"plan", digest_text(a.plan)},
             {"base", a.base_revision},
             {"spec", document_value(a.spec)},
             {"protocols", list_of(a.protocols, document_value)},
             {"checks", list_of(a.checks, check_value)},
             {"tests", tests_value(a.tests)},
             {"steps", list_of(a.steps, step_value)},
             {"trust", trust_value(a.trust)},
             {"risk", std::move(risk)},
             {"pre_existing", list_of(a.pre_existing, failure_value)},
             {"ledger", ledger_value(a.ledger)}};
  // Left out where the law declares none: as it was before there were any.
  if (!a.produced.empty()) out.append("artifacts", list_of(a.produced, produced_value));
  return out;
}

// Reads each item of a list member with `read`.
template <typename T, typename F>
Result<std::vector<T>> read_list(Fields& fields, std::string_view name, F&& read) {
  WRIT_TRY(const Array* items, fields.list(name));
  std::vector<T> out;
  for (const Value& item : *items) {
    WRIT_TRY(T parsed, read(item));
    out.push_back(std::move(parsed));
  }
  return out;
}

Result<Artifact> read_subject(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "subject"));
  Artifact artifact;
  WRIT_TRY(artifact.name, fields.text("name"));
  WRIT_TRY(const Value* digest, fields.any("digest"));
  WRIT_TRY(Fields digests, Fields::of(*digest, "digest of a subject"));
  WRIT_TRY(artifact.digest, digests.digest("sha256"));
  WRIT_CHECK(digests.finish());
  if (artifact.name == kTree) {
    WRIT_TRY(const Value* annotations, fields.any("annotations"));
    if (annotations->string_or("algorithm", "") != kTreeAlgorithm) {
      return fail(Code::unsupported, "the tree's digest is made by an unknown algorithm");
    }
  }
  WRIT_CHECK(fields.finish());
  return artifact;
}

Result<EvidenceRef> read_reference(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "reference to evidence"));
  EvidenceRef ref;
  WRIT_TRY(const std::string id, fields.text("id"));
  WRIT_TRY(ref.id, EvidenceId::parse(id));
  WRIT_TRY(ref.digest, fields.digest("digest"));
  WRIT_CHECK(fields.finish());
  return ref;
}

Result<AttestedCheck> read_check(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "check"));
  AttestedCheck check;
  WRIT_TRY(const std::string kind, fields.text("kind"));
  if (kind != "check" && kind != "question") {
    return fail(Code::invalid_input, "a check of kind `" + kind + "`");
  }
  check.kind = kind == "check" ? AttestedCheck::Kind::check : AttestedCheck::Kind::question;
  WRIT_TRY(check.name, fields.text("name"));
  WRIT_TRY(check.text, fields.text("text"));
  WRIT_TRY(check.evidence, read_list<EvidenceRef>(fields, "evidence", read_reference));
  WRIT_TRY(check.decision, fields.digest("decision"));
  WRIT_TRY(check.reason, fields.text("reason"));
  WRIT_CHECK(fields.finish());
  return check;
}

Result<AttestedTests> read_tests(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "tests"));
  AttestedTests tests;
  WRIT_TRY(tests.passed, fields.large("passed"));
  WRIT_TRY(tests.failed, fields.large("failed"));
  WRIT_TRY(tests.skipped, fields.large("skipped"));
  WRIT_TRY(tests.total, fields.large("total"));
  WRIT_TRY(tests.read, fields.large("read"));
  WRIT_TRY(tests.status_only, fields.large("status_only"));
  WRIT_TRY(tests.assertion_free, fields.large("assertion_free"));
  WRIT_CHECK(fields.finish());
  return tests;
}

Result<AttestedApproval> read_approval(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "approval"));
  AttestedApproval approval;
  WRIT_TRY(approval.step, fields.text("step"));
  WRIT_TRY(approval.key, fields.text("key"));
  WRIT_TRY(approval.name, fields.text("name"));
  WRIT_TRY(approval.role, fields.text("role"));
  WRIT_CHECK(fields.finish());
  return approval;
}

Result<AttestedTrust> read_trust(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "trust"));
  AttestedTrust trust;
  WRIT_TRY(trust.signer, fields.text("signer"));
  WRIT_TRY(trust.name, fields.text("name"));
  WRIT_TRY(trust.roles, fields.texts("roles"));
  WRIT_TRY(trust.is_self_signed, fields.boolean("self_signed"));
  WRIT_TRY(trust.runner, fields.text("runner"));
  WRIT_TRY(trust.trust, fields.digest("file"));
  WRIT_TRY(trust.approvals, read_list<AttestedApproval>(fields, "approvals", read_approval));
  WRIT_CHECK(fields.finish());
  return trust;
}

Result<AttestedDocument> read_document(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "document"));
  AttestedDocument document;
  WRIT_TRY(document.name, fields.text("name"));
  WRIT_TRY(document.digest, fields.digest("digest"));
  WRIT_TRY(document.authority, fields.text("authority"));
  WRIT_CHECK(fields.finish());
  return document;
}

Result<std::uint32_t> small_count(Fields& fields, std::string_view name) {
  WRIT_TRY(const std::uint64_t count, fields.count(name));
  if (count > 0xFFFF'FFFFu) {
    return fail(Code::invalid_input, "`" + std::string(name) + "` is too large");
  }
  return static_cast<std::uint32_t>(count);
}

Result<AttestedStep> read_step(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "step"));
  AttestedStep step;
  WRIT_TRY(step.step, fields.text("step"));
  WRIT_TRY(step.attempt, small_count(fields, "attempt"));
  WRIT_TRY(step.isolation, fields.text("isolation"));
  WRIT_CHECK(fields.finish());
  return step;
}

Result<DeclaredFailure> read_failure(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "declared failure"));
  DeclaredFailure failure;
  WRIT_TRY(failure.file, fields.text("file"));
  WRIT_TRY(failure.reason, fields.text("reason"));
  WRIT_TRY(const Value* evidence, fields.any("evidence"));
  WRIT_TRY(failure.evidence, read_reference(*evidence));
  WRIT_CHECK(fields.finish());
  return failure;
}

Result<ProducedArtifact> read_produced(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "artifact"));
  ProducedArtifact artifact;
  WRIT_TRY(artifact.name, fields.text("name"));
  WRIT_TRY(artifact.digest, fields.digest("digest"));
  WRIT_TRY(const Value* evidence, fields.any("evidence"));
  WRIT_TRY(artifact.evidence, read_reference(*evidence));
  WRIT_CHECK(fields.finish());
  return artifact;
}

Result<std::optional<LedgerHead>> read_ledger(const Value& value) {
  if (value.is_null()) return std::optional<LedgerHead>();
  WRIT_TRY(Fields fields, Fields::of(value, "ledger"));
  LedgerHead head;
  WRIT_TRY(head.origin, fields.text("origin"));
  WRIT_TRY(head.size, fields.large("size"));
  WRIT_TRY(head.root, fields.digest("root"));
  WRIT_CHECK(fields.finish());
  return std::optional(std::move(head));
}

Result<std::map<std::string, std::uint32_t>> read_risk(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "risk"));
  std::map<std::string, std::uint32_t> risk;
  for (const Member& member : value.as_object()) {
    WRIT_TRY(risk[member.key], small_count(fields, member.key));
  }
  return risk;
}

// The parts that are objects of their own.
Result<void> read_parts(Fields& fields, Attestation& a) {
  WRIT_TRY(const Value* spec, fields.any("spec"));
  WRIT_TRY(a.spec, read_document(*spec));
  WRIT_TRY(a.protocols, read_list<AttestedDocument>(fields, "protocols", read_document));
  WRIT_TRY(a.checks, read_list<AttestedCheck>(fields, "checks", read_check));
  WRIT_TRY(const Value* tests, fields.any("tests"));
  WRIT_TRY(a.tests, read_tests(*tests));
  WRIT_TRY(a.steps, read_list<AttestedStep>(fields, "steps", read_step));
  WRIT_TRY(const Value* trust, fields.any("trust"));
  WRIT_TRY(a.trust, read_trust(*trust));
  WRIT_TRY(const Value* risk, fields.any("risk"));
  WRIT_TRY(a.risk, read_risk(*risk));
  WRIT_TRY(a.pre_existing, read_list<DeclaredFailure>(fields, "pre_existing", read_failure));
  if (fields.has("artifacts")) {
    WRIT_TRY(a.produced, read_list<ProducedArtifact>(fields, "artifacts", read_produced));
  }
  WRIT_TRY(const Value* ledger, fields.any("ledger"));
  WRIT_TRY(a.ledger, read_ledger(*ledger));
  return {};
}

Result<void> read_predicate(const Value& value, Attestation& a) {
  WRIT_TRY(Fields fields, Fields::of(value, "predicate"));
  WRIT_TRY(const std::string run, fields.text("run"));
  WRIT_TRY(a.run, RunId::parse(run));
  WRIT_TRY(a.started, fields.time("started"));
  WRIT_TRY(a.finished, fields.time("finished"));
  WRIT_TRY(a.writ_version, fields.text("writ"));
  WRIT_TRY(a.plan, fields.digest("plan"));
  WRIT_TRY(a.base_revision, fields.text("base"));
  WRIT_CHECK(read_parts(fields, a));
  return fields.finish();
}

}  // namespace

Value attestation_to_value(const Attestation& attestation) {
  return Object{{"_type", kStatementType},
                {"subject", subjects(attestation)},
                {"predicateType", kRunPredicate},
                {"predicate", predicate(attestation)}};
}

Result<Attestation> attestation_from_value(const Value& value) {
  WRIT_TRY(Fields fields, Fields::of(value, "statement"));
  WRIT_TRY(const std::string type, fields.text("_type"));
  WRIT_TRY(const std::string predicate_type, fields.text("predicateType"));
  if (type != kStatementType || predicate_type != kRunPredicate) {
    return fail(Code::unsupported, "the statement is a `" + predicate_type + "`, not a `" +
                                       std::string(kRunPredicate) + "`");
  }
  Attestation attestation;
  WRIT_TRY(attestation.artifacts, read_list<Artifact>(fields, "subject", read_subject));
  if (attestation.artifacts.empty() || attestation.artifacts.front().name != kTree) {
    return fail(Code::invalid_input, "the first subject is not the tree");
  }
  attestation.tree = attestation.artifacts.front().digest;
  attestation.artifacts.erase(attestation.artifacts.begin());
  WRIT_TRY(const Value* predicate, fields.any("predicate"));
  WRIT_CHECK(read_predicate(*predicate, attestation));
  WRIT_CHECK(fields.finish());
  return attestation;
}

}  // namespace writ::evidence
