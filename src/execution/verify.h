#pragma once
// Checks a run against everything that is kept of it, offline: the plan's digest, each event's
// payload and proof, the rows against the folded events, evidence and blobs against the digests
// in the events, gates replayed, signed statements against the trust, the attestation against all
// of it. Says plainly what the result rests on.
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "execution/run_archive.h"

namespace writ::execution {

struct VerifyReport {
  bool is_attested = false;
  std::size_t events = 0;
  std::size_t records = 0;
  std::size_t decisions = 0;
  std::vector<std::string> checks;  // names that the attestation proves
  // What it rests on, for people: "signed by runner (3f…), who is also the runner", "step
  // test/unit ran without isolation".
  std::vector<std::string> rests_on;
};

// `trust` is the verifier's own: whose signatures count. Errors: tampered (naming what is
// broken), signature_bad, not_permitted (a key that may not do what it did).
Result<VerifyReport> verify_run(const RunArchive& archive, const identity::Trust& trust);

}  // namespace writ::execution
