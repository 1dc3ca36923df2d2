#pragma once
// A piece of evidence: typed, made by one attempt of one step on one tree. Summaries stay inline;
// raw reports and outputs are blobs. Never changed after it is recorded.
// Contract: contracts/evidence.schema.json.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "store/blob_store.h"

namespace writ::evidence {

enum class Kind : std::uint8_t {
  command,    // outcome of a command: exit code, output digests, isolation
  tests,      // from a JUnit, ctest, gtest or TAP report
  file,       // a declared file: path, digest, size
  scan,       // findings of a scan check
  approval,   // a signed statement of a person
  benchmark,  // measured figures: name → number
  diff,       // what changed against the base revision
  context,    // documents that were read: path → digest
  statement,  // a signed submission for an external step
  note,       // recorded assumption, deferral, pre-existing failure
};

std::string_view kind_name(Kind kind);
Result<Kind> parse_kind(std::string_view name);

struct Record {
  EvidenceId id;              // UUIDv5 over run, step, attempt, kind, name: the same again
  RunId run;
  std::string step;           // path
  std::uint32_t attempt = 1;
  Kind kind = Kind::command;
  std::string name;           // what it is, within its step: "build/junit.xml"
  crypto::Digest tree;        // the tree it was made on (at the step's end)
  WallTime at;
  Value data;                 // by kind; at most 16 KiB as JSON
  std::map<std::string, Value> facts;      // what gates may use: fact name → value
  std::vector<store::BlobRef> blobs;       // raw report, outputs; roles are in `data`

  Value to_value() const;
  static Result<Record> from_value(const Value& value);
  crypto::Digest digest() const;  // of the canonical to_value()
};

EvidenceId make_evidence_id(RunId run, std::string_view step, std::uint32_t attempt, Kind kind,
                            std::string_view name);

// Evidence as an executor hands it over: the engine adds ids, run, attempt, tree and time.
struct Draft {
  Kind kind = Kind::command;
  std::string name;
  Value data;
  std::map<std::string, Value> facts;
  std::vector<store::BlobRef> blobs;
};

}  // namespace writ::evidence
