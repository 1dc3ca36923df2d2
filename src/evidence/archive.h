#pragma once
// The stored evidence of all runs: written once, never changed, found again by what is known
// about it. Blobs are the caller's: it adds their references in the same transaction.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "evidence/record.h"
#include "store/store.h"

namespace writ::evidence {

// Tables and their versions, for store.migrate().
std::vector<store::Migration> evidence_migrations();

// Stores the record. The same record again changes nothing.
// Errors: conflict (another record has this run, step, attempt, kind and name), invalid_input
// (Record::check).
Result<void> put_record(store::Tx& tx, const Record& record);

// Errors: not_found, tampered (the stored bytes are no record, or not this one).
Result<Record> get_record(store::Tx& tx, EvidenceId id);

// By step, attempt, kind and name.
Result<std::vector<Record>> records_of_run(store::Tx& tx, RunId run);
// All attempts unless one is named.
Result<std::vector<Record>> records_of_step(store::Tx& tx, RunId run, std::string_view step,
                                            std::optional<std::uint32_t> attempt = {});

struct Filter {
  std::optional<RunId> run = {};
  std::string step = {};  // glob over the path; empty: all
  std::optional<Kind> kind = {};
  std::string name = {};                    // glob; empty: all
  std::optional<crypto::Digest> tree = {};  // made on this tree
  std::string fact = {};                    // has a fact of this name
  std::string text = {};                    // occurs in the record's JSON
  std::optional<WallTime> from = {};
  std::optional<WallTime> to = {};  // exclusive
  std::string after = {};           // cursor: Found::next of the page before
  std::size_t limit = 100;
};

struct Found {
  std::vector<Record> records;
  std::string next;  // opaque cursor; empty: there is no more
};

// By run, then as records_of_run. With a run named only its rows are read, else all of them.
Result<Found> find(store::Tx& tx, const Filter& filter);

}  // namespace writ::evidence
