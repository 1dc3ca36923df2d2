#include "execution/verify_blobs.h"

#include <limits>
#include <map>

#include "base/json.h"
#include "crypto/dsse.h"
#include "evidence/archive.h"
#include "execution/run_rows.h"
#include "identity/signed_statement.h"
#include "store/blob_references.h"

namespace writ::execution {
namespace {

using Counts = std::map<crypto::Digest, std::uint64_t>;

Result<void> count_records(store::Tx& tx, RunId run, Counts& counts) {
  WRIT_TRY(const auto records, evidence::records_of_run(tx, run));
  for (const evidence::Record& record : records) {
    for (const store::BlobRef& blob : record.blobs) ++counts[blob.digest];
  }
  return {};
}

// What was handed in is kept under the submission, whatever became of the step.
Result<void> count_submissions(store::Tx& tx, RunId run, Counts& counts) {
  WRIT_TRY(const auto statements, read_statements(tx, run));
  for (const StatementRow& row : statements) {
    WRIT_TRY(const Value value, parse_json(row.envelope, "statement"));
    WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(value));
    WRIT_TRY(const identity::Statement said, identity::read_statement(envelope));
    for (const identity::EvidenceClaim& claim : said.evidence) ++counts[claim.digest];
  }
  return {};
}

Result<Counts> count_references(store::Tx& tx) {
  WRIT_TRY(const auto runs, read_runs(tx, std::numeric_limits<std::size_t>::max()));
  Counts counts;
  for (const RunRow& run : runs) {
    WRIT_CHECK(count_records(tx, run.id, counts));
    WRIT_CHECK(count_submissions(tx, run.id, counts));
    if (run.attestation.empty()) continue;
    WRIT_TRY(const crypto::Digest envelope, crypto::Digest::parse_hex(run.attestation));
    ++counts[envelope];
  }
  return counts;
}

std::unexpected<Error> miscounted(const crypto::Digest& digest) {
  return fail(Code::tampered, "the references to blob " + digest.hex() + " are miscounted");
}

Result<void> compare(Counts expected, const std::vector<store::CountedBlob>& kept) {
  for (const store::CountedBlob& blob : kept) {
    const auto at = expected.find(blob.blob.digest);
    if (at == expected.end() || at->second != blob.count) return miscounted(blob.blob.digest);
    expected.erase(at);
  }
  if (expected.empty()) return {};
  return miscounted(expected.begin()->first);
}

}  // namespace

Result<void> verify_blobs(store::Store& store, store::BlobStore& blobs) {
  WRIT_CHECK(store.read([](store::Tx& tx) -> Result<void> {
    WRIT_TRY(Counts expected, count_references(tx));
    WRIT_TRY(const auto kept, store::counted_blobs(tx));
    return compare(std::move(expected), kept);
  }));
  return blobs.check(store);
}

}  // namespace writ::execution
