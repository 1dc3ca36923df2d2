#pragma once
// A piece of evidence: typed, made by one attempt of one step on one tree. Summaries stay inline;
// raw reports and outputs are blobs. Never changed after it is recorded.
// Contract: contracts/evidence.schema.json.
#include <cstdint>
#include <map>
#include <span>
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
  command,        // outcome of a command: exit code, output digests, isolation
  tests,          // from a JUnit, ctest, gtest or TAP report
  file,           // a declared file: path, digest, size
  scan,           // findings of a scan check
  approval,       // a signed statement of a person
  benchmark,      // measured figures: name → number
  diff,           // what changed against the base revision
  context,        // documents that were read: path → digest
  statement,      // a signed submission for an external step
  note,           // a recorded assumption or observation
  test_evidence,  // what tests assert, read from their sources
  acceptance,     // acceptance criteria and the passed tests that prove them
  risk,           // the spec's risk figures and what they ask for
  baseline,       // how the base revision did: failures that were there before
  deferral,       // work put off: what, why, until when, who signed
  usage,          // what models were asked, and what it cost
  artifact,       // what the run leaves, in its declared order: name → digest
  imports,        // what sources take in from others, against the rules
  register_,      // the register of dependencies and trust boundaries
};

// Every kind's wire name, in the order of the enumerators.
std::span<const std::string_view> kind_names();
std::string_view kind_name(Kind kind);
// Errors: invalid_input, with "did you mean".
Result<Kind> parse_kind(std::string_view name);

// Bounds of a record; put_record refuses what passes them.
inline constexpr std::size_t kMaxDataBytes = 16u << 10;   // of `data` as JSON
inline constexpr std::size_t kMaxFactsBytes = 16u << 10;  // of `facts` as JSON
inline constexpr std::size_t kMaxNameBytes = 512;         // of `step` and of `name`
inline constexpr std::size_t kMaxBlobs = 256;

struct Record {
  EvidenceId id;  // UUIDv5 over run, step, attempt, kind, name: the same again
  RunId run;
  std::string step;  // path
  std::uint32_t attempt = 1;
  Kind kind = Kind::command;
  std::string name;     // what it is, within its step: "build/junit.xml"
  crypto::Digest tree;  // the tree it was made on (at the step's end)
  WallTime at;
  Value data;                          // by kind; at most 16 KiB as JSON
  std::map<std::string, Value> facts;  // what gates may use: fact name → value
  std::vector<store::BlobRef> blobs;   // raw report, outputs; roles are in `data`

  Value to_value() const;
  // Strict: no member missing, none unknown, the id the derived one.
  // Errors: invalid_input naming the member.
  static Result<Record> from_value(const Value& value);
  // Whether it may be stored: bounds, facts that are plain values, text that is UTF-8.
  // Errors: invalid_input.
  Result<void> check() const;
  crypto::Digest digest() const;  // of the canonical to_value(). Requires: check() holds
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
