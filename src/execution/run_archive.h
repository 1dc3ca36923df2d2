#pragma once
// All that is kept of one run, in memory: out of the store, or out of a bundle. What `writ verify`
// checks, wherever it came from, and what `writ export` writes.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/dsse.h"
#include "evidence/bundle.h"
#include "evidence/record.h"
#include "execution/journal.h"
#include "execution/state.h"
#include "identity/trust.h"
#include "ledger/ledger.h"
#include "protocol/plan.h"

namespace writ::execution {

struct RunArchive {
  protocol::Plan plan;
  RunState state;
  std::vector<ledger::Event> events;      // in seq order
  std::vector<ledger::Receipt> receipts;  // of each event, in the same order
  std::vector<evidence::Record> records;
  std::vector<DecisionRecord> decisions;
  std::vector<StatementRow> statements;
  std::optional<crypto::DsseEnvelope> attestation;
  std::string attestation_text;  // the envelope's bytes, as they are kept
  identity::Trust trust;         // at the base revision, as the run knew it
  // A blob's bytes. Errors: not_found, tampered.
  std::function<Result<std::string>(const crypto::Digest&)> read_blob;
};

// Out of the store. Takes pending events into the log and signs its head with `signer`, so that
// every event has a receipt. `trust` is that of the base revision.
Result<RunArchive> load_archive(const JournalDeps& deps, RunId run, const identity::Trust& trust,
                                const crypto::Signer& signer);

// As the bytes of a bundle, blobs included; and back. The archive made from a bundle refers to
// `bundle`, which must outlive it. Errors: tampered (a member that is no such thing).
Result<std::string> to_bundle(const RunArchive& archive);
Result<RunArchive> from_bundle(const evidence::Bundle& bundle);

}  // namespace writ::execution
