#pragma once
// The tamper-evident log, in two stages: `append` makes a pending row part of the caller's
// transaction; `sequence` gives pending entries their indices in commit order, hashes them and
// advances the tree; `checkpoint` signs its head. One sequencer at a time, fenced in the store.
//
// `append` belongs to the thread of its transaction; everything else is thread-safe and blocking.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/key.h"
#include "ledger/entry.h"
#include "ledger/merkle.h"
#include "ledger/prepared_entry.h"
#include "store/store.h"

namespace writ::ledger {

struct LedgerOptions {
  // Name of the log in checkpoints (C2SP: a schemeless URL), kept in the store once made.
  std::string origin;
  // Pending entries that one sequencing round takes.
  std::size_t round_limit = 4096;
  // Pending entries beyond which `append` answers `overloaded`.
  std::size_t pending_limit = 65'536;
  // Largest payload in bytes; what is larger belongs into the blob store.
  std::size_t payload_limit = 1u << 20;
};

// A signed head of the log: a C2SP checkpoint, verbatim.
struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root;
  std::string note;  // the signed note's text
};

// Proof that an event is in the log: a C2SP tlog-proof, verbatim in `text`.
struct Receipt {
  std::uint64_t index = 0;
  std::vector<Digest> proof;
  Checkpoint checkpoint;
  std::string text;
};

struct Filter {
  std::optional<RunId> run = {};
  std::string type = {};     // exact, or a prefix ending in '.'
  std::string subject = {};  // exact, or a prefix ending in '/'
  std::string actor = {};
  std::string correlation = {};
  std::string thread = {};
  std::string text = {};  // occurs in the payload
  std::optional<WallTime> from = {};
  std::optional<WallTime> to = {};  // exclusive
  std::uint64_t after = 0;          // cursor: events from this index on
  std::size_t limit = 100;
};

struct LedgerReport {
  std::uint64_t events = 0;
  std::uint64_t pending = 0;
  std::uint64_t erased = 0;
  std::optional<Checkpoint> newest;
};

class Ledger {
 public:
  // Opens the log. A crash leaves nothing half done: what was pending is taken in by the next
  // `sequence`. All are borrowed and outlive it. Errors: invalid_input (no log is there yet and
  // the origin cannot name one), tampered (a damaged head).
  static Result<std::unique_ptr<Ledger>> open(store::Store& store, const Clock& clock,
                                              Random& random, LedgerOptions options);
  virtual ~Ledger() = default;

  // Makes `entry` part of `tx`: it is in the log exactly if `tx` commits.
  // An entry that the log already holds returns its id and changes nothing; the same (source, id)
  // with other content is a conflict. Errors: overloaded, conflict (also: the run has an
  // event of that seq), invalid_input (too large, id or type missing, not UTF-8).
  Result<EventId> append(store::Tx& tx, const Entry& entry);
  // The same for many at once, in their order and several times as fast: their ids. All or none.
  Result<std::vector<EventId>> append_all(store::Tx& tx, std::span<const Entry> entries);
  // The two halves of it. What needs no transaction, checks and hashes, is done before it, where
  // nobody waits for it; the second may be tried again. Both borrow `entries`.
  virtual Result<std::vector<PreparedEntry>> prepare(std::span<const Entry> entries) = 0;
  virtual Result<void> append_prepared(store::Tx& tx, std::span<PreparedEntry> entries) = 0;

  // Takes pending entries into the tree until none are left; returns how many.
  virtual Result<std::uint64_t> sequence() = 0;
  // Sequences, then signs the head. The last signed (size, root) is kept: a smaller or other
  // tree is never signed (tampered). Same head again returns the stored checkpoint.
  virtual Result<Checkpoint> checkpoint(const crypto::Signer& signer) = 0;
  virtual Result<std::optional<Checkpoint>> newest_checkpoint() const = 0;

  virtual Result<Event> get(EventId id) const = 0;          // not_found
  virtual Result<Event> at(std::uint64_t index) const = 0;  // not_found
  virtual Result<std::vector<Event>> list(const Filter& filter) const = 0;
  // All events of a run in seq order, pending ones included.
  virtual Result<std::vector<Event>> of_run(RunId run) const = 0;

  // Errors: not_found, overloaded (still pending), unavailable (no checkpoint covers it yet).
  virtual Result<Receipt> receipt(EventId id) const = 0;
  virtual Result<std::vector<Digest>> prove_consistency(std::uint64_t old_size,
                                                        std::uint64_t new_size) const = 0;

  // Recomputes everything: leaves from rows, payload digests, tree, node hashes, dedup and index
  // tables, checkpoints (signatures by `log_keys`) and their consistency.
  // Errors: tampered naming the first broken index.
  virtual Result<LedgerReport> verify(std::span<const crypto::PublicKey> log_keys) const = 0;
};

// Tables and their versions, for store.migrate().
std::vector<store::Migration> ledger_migrations();

// Checks a receipt against the event alone: leaf recomputed, checkpoint signed by one of
// `log_keys`, inclusion. For offline use. Errors: tampered, signature_bad.
Result<void> verify_receipt(const Event& event, const Receipt& receipt,
                            std::span<const crypto::PublicKey> log_keys);
Result<Receipt> parse_receipt(std::string_view text);

}  // namespace writ::ledger
