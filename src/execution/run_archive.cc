#include "execution/run_archive.h"

#include <set>

#include "base/document.h"
#include "base/json.h"
#include "contract/canonical.h"
#include "evidence/archive.h"
#include "execution/run_rows.h"

namespace writ::execution {
namespace {

constexpr std::uint64_t kMaxBlob = 256u << 20;
constexpr DocumentLimits kMemberLimits{
    .max_bytes = 256u << 20, .max_depth = 100, .max_nodes = 20'000'000};

Value state_value(const RunState& state) {
  Array steps;
  for (const StepState& step : state.steps) steps.push_back(to_value(step));
  Array blockers;
  for (const Blocker& blocker : state.blockers) blockers.push_back(to_value(blocker));
  return Object{
      {"run", to_value(state.run)}, {"steps", std::move(steps)}, {"blockers", std::move(blockers)}};
}

Result<const Array*> list_of(const Value& value, std::string_view key) {
  const Value* list = value.find(key);
  if (list != nullptr && list->is_array()) return &list->as_array();
  return fail(Code::tampered, "run.json has no list " + std::string(key));
}

Result<RunState> state_from_value(const Value& value) {
  RunState state;
  const Value* run = value.find("run");
  if (run == nullptr) return fail(Code::tampered, "run.json has no run");
  WRIT_TRY(state.run, run_row_from_value(*run));
  WRIT_TRY(const Array* steps, list_of(value, "steps"));
  for (const Value& item : *steps) {
    WRIT_TRY(StepState step, step_state_from_value(item));
    state.steps.push_back(std::move(step));
  }
  WRIT_TRY(const Array* blockers, list_of(value, "blockers"));
  for (const Value& item : *blockers) {
    WRIT_TRY(Blocker blocker, blocker_from_value(item));
    state.blockers.push_back(std::move(blocker));
  }
  return state;
}

template <typename T, typename F>
Result<std::string> lines_of(const std::vector<T>& items, F to_row) {
  std::vector<Value> rows;
  rows.reserve(items.size());
  for (const T& item : items) rows.push_back(to_row(item));
  return evidence::to_json_lines(rows);
}

// The items of a member, each of which must be written again as it is written there.
template <typename T, typename F, typename G>
Result<std::vector<T>> items_of(const evidence::Bundle& bundle, std::string_view name, F from_row,
                                G to_row) {
  std::vector<T> out;
  if (!bundle.has(name)) return out;
  WRIT_TRY(const std::string_view text, bundle.get(name));
  WRIT_TRY(const std::vector<Value> rows, evidence::parse_json_lines(text, name));
  for (const Value& row : rows) {
    WRIT_TRY(T item, from_row(row));
    out.push_back(std::move(item));
  }
  WRIT_TRY(const std::string again, lines_of(out, to_row));
  if (again == text) return out;
  return fail(Code::tampered, std::string(name) + " says more than it means");
}

Result<Value> parse_member(const evidence::Bundle& bundle, std::string_view name) {
  WRIT_TRY(const std::string_view text, bundle.get(name));
  return parse_json(text, name, kMemberLimits);
}

Result<void> add_blobs(const RunArchive& archive, evidence::BundleWriter& writer) {
  std::set<crypto::Digest> wanted;
  for (const evidence::Record& record : archive.records) {
    for (const store::BlobRef& blob : record.blobs) wanted.insert(blob.digest);
  }
  for (const crypto::Digest& digest : wanted) {
    WRIT_TRY(std::string bytes, archive.read_blob(digest));
    writer.add_blob(std::move(bytes));
  }
  return {};
}

Value receipt_value(const ledger::Receipt& receipt) { return receipt.text; }
Result<ledger::Receipt> receipt_from_value(const Value& row) {
  return row.is_string() ? ledger::parse_receipt(row.as_string())
                         : fail(Code::tampered, "a receipt is no text");
}
Value record_value(const evidence::Record& record) { return record.to_value(); }
Value decision_value(const DecisionRecord& decision) { return decision.to_value(); }
Value statement_value(const StatementRow& statement) { return to_value(statement); }

Result<void> add_rows(const RunArchive& archive, evidence::BundleWriter& writer) {
  WRIT_TRY(std::string events, lines_of(archive.events, ledger::to_cloud_event));
  WRIT_CHECK(writer.add("events.jsonl", std::move(events)));
  WRIT_TRY(std::string receipts, lines_of(archive.receipts, receipt_value));
  WRIT_CHECK(writer.add("receipts.jsonl", std::move(receipts)));
  WRIT_TRY(std::string records, lines_of(archive.records, record_value));
  WRIT_CHECK(writer.add("evidence.jsonl", std::move(records)));
  WRIT_TRY(std::string decisions, lines_of(archive.decisions, decision_value));
  WRIT_CHECK(writer.add("decisions.jsonl", std::move(decisions)));
  WRIT_TRY(std::string statements, lines_of(archive.statements, statement_value));
  return writer.add("statements.jsonl", std::move(statements));
}

// A document of which the writer makes the same bytes again.
Result<void> expect_rewritten(const evidence::Bundle& bundle, std::string_view name,
                              const Value& value) {
  WRIT_TRY(const std::string_view text, bundle.get(name));
  WRIT_TRY(const std::string again, contract::canonical_json(value));
  if (again == text) return {};
  return fail(Code::tampered, std::string(name) + " says more than it means");
}

Result<void> read_trust(const evidence::Bundle& bundle, RunArchive& archive) {
  WRIT_TRY(const std::string_view text, bundle.get("trust.yaml"));
  WRIT_TRY(const Document document, parse_document("trust.yaml", std::string(text)));
  WRIT_TRY(archive.trust, identity::Trust::parse(document));
  if (archive.trust.to_yaml() != text) {
    return fail(Code::tampered, "trust.yaml says more than it means");
  }
  if (!archive.state.run.is_self_signed) return {};
  // Such a trust stands for one key alone, and no file has its digest.
  if (archive.trust.keys().size() != 1) {
    return fail(Code::tampered, "a self-signed run has one key, its bundle names several");
  }
  archive.trust = identity::Trust::self_signed(archive.trust.keys().front().key);
  return {};
}

Result<RunArchive> read_members(const evidence::Bundle& bundle) {
  RunArchive archive;
  WRIT_TRY(const Value plan, parse_member(bundle, "plan.json"));
  WRIT_TRY(archive.plan, protocol::Plan::from_value(plan));
  WRIT_CHECK(expect_rewritten(bundle, "plan.json", archive.plan.to_value()));
  WRIT_TRY(const Value run, parse_member(bundle, "run.json"));
  WRIT_TRY(archive.state, state_from_value(run));
  WRIT_CHECK(expect_rewritten(bundle, "run.json", state_value(archive.state)));
  WRIT_TRY(archive.events, items_of<ledger::Event>(bundle, "events.jsonl", ledger::from_cloud_event,
                                                   ledger::to_cloud_event));
  WRIT_TRY(archive.receipts,
           items_of<ledger::Receipt>(bundle, "receipts.jsonl", receipt_from_value, receipt_value));
  WRIT_TRY(archive.records, items_of<evidence::Record>(bundle, "evidence.jsonl",
                                                       evidence::Record::from_value, record_value));
  WRIT_TRY(archive.decisions, items_of<DecisionRecord>(bundle, "decisions.jsonl",
                                                       DecisionRecord::from_value, decision_value));
  WRIT_TRY(archive.statements, items_of<StatementRow>(bundle, "statements.jsonl",
                                                      statement_from_value, statement_value));
  if (bundle.has("attestation.dsse.json")) {
    WRIT_TRY(archive.attestation_text, bundle.get("attestation.dsse.json"));
    WRIT_TRY(const Value value, parse_json(archive.attestation_text, "attestation.dsse.json"));
    WRIT_TRY(archive.attestation, crypto::dsse_from_value(value));
  }
  WRIT_CHECK(read_trust(bundle, archive));
  archive.read_blob = [&bundle](const crypto::Digest& digest) -> Result<std::string> {
    WRIT_TRY(const std::string_view bytes, bundle.blob(digest));
    return std::string(bytes);
  };
  return archive;
}

// The index that leads from an id to its record leads to each of these.
Result<void> expect_found_by_id(store::Store& store, const std::vector<evidence::Record>& records) {
  return store.read([&](store::Tx& tx) -> Result<void> {
    for (const evidence::Record& record : records) {
      const Result<evidence::Record> found = evidence::get_record(tx, record.id);
      if (found && found->digest() == record.digest()) continue;
      return fail(Code::tampered, "the index of evidence does not lead to " + record.id.text());
    }
    return {};
  });
}

}  // namespace

Result<RunArchive> load_archive(const JournalDeps& deps, RunId run, const identity::Trust& trust,
                                const crypto::Signer& signer) {
  WRIT_CHECK(deps.ledger.checkpoint(signer));
  WRIT_TRY(Journal journal, Journal::open(deps, run));
  RunArchive archive;
  archive.plan = journal.plan();
  archive.state = journal.state();
  WRIT_TRY(archive.events, deps.ledger.of_run(run));
  for (const ledger::Event& event : archive.events) {
    WRIT_TRY(ledger::Receipt receipt, deps.ledger.receipt(event.entry.id));
    archive.receipts.push_back(std::move(receipt));
  }
  WRIT_TRY(archive.records, journal.evidence());
  WRIT_CHECK(expect_found_by_id(deps.store, archive.records));
  WRIT_TRY(archive.decisions, journal.decisions());
  WRIT_TRY(archive.statements, journal.statements());
  archive.trust = trust;
  store::BlobStore& blobs = deps.blobs;
  archive.read_blob = [&blobs](const crypto::Digest& digest) {
    return blobs.read(digest, kMaxBlob);
  };
  if (!archive.state.run.attestation.empty()) {
    WRIT_TRY(const crypto::Digest digest, crypto::Digest::parse_hex(archive.state.run.attestation));
    Result<std::string> text = archive.read_blob(digest);
    if (!text && text.error().code == Code::not_found) {
      return fail(Code::tampered, "the attestation of run " + run.text() + " is gone");
    }
    WRIT_TRY(archive.attestation_text, std::move(text));
    WRIT_TRY(const Value value, parse_json(archive.attestation_text, "attestation"));
    WRIT_TRY(archive.attestation, crypto::dsse_from_value(value));
  }
  return archive;
}

Result<std::string> to_bundle(const RunArchive& archive) {
  evidence::BundleWriter writer;
  WRIT_TRY(std::string plan, contract::canonical_json(archive.plan.to_value()));
  WRIT_CHECK(writer.add("plan.json", std::move(plan)));
  WRIT_TRY(std::string run, contract::canonical_json(state_value(archive.state)));
  WRIT_CHECK(writer.add("run.json", std::move(run)));
  WRIT_CHECK(add_rows(archive, writer));
  if (archive.attestation) {
    WRIT_CHECK(writer.add("attestation.dsse.json", archive.attestation_text));
  }
  WRIT_CHECK(writer.add("trust.yaml", archive.trust.to_yaml()));
  WRIT_CHECK(add_blobs(archive, writer));
  return writer.finish();
}

Result<RunArchive> from_bundle(const evidence::Bundle& bundle) {
  Result<RunArchive> archive = read_members(bundle);
  // A bundle is written by us or by a forger: there is no third who makes mistakes in it.
  const Code code = archive ? Code::tampered : archive.error().code;
  if (code != Code::tampered && code != Code::unavailable) {
    return fail(Code::tampered, "the bundle is not as it was written: " + archive.error().message);
  }
  return archive;
}

}  // namespace writ::execution
