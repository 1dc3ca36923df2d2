#include "ledger/ledger.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "ledger/append.h"
#include "ledger/checkpoint.h"
#include "ledger/event_reader.h"
#include "ledger/receipt.h"
#include "ledger/search.h"
#include "ledger/sequencer.h"
#include "ledger/tables.h"
#include "ledger/tree.h"
#include "ledger/verify.h"

namespace writ::ledger {
namespace {

// Calls `take` with every event of a run, in seq order.
template <typename F>
Result<void> each_of_run(store::Tx& tx, EventReader& reader, RunId run, F&& take) {
  return each_row(tx, kRuns, store::Key().id(run).under(),
                  [&](const store::Row& row) -> Result<void> {
                    WRIT_TRY(const std::uint64_t place, decode_number(row.value));
                    WRIT_TRY(Event event, reader.at_place(place, [&](const Event& found) {
                      return run_key(found.entry.run, found.entry.seq) == row.key;
                    }));
                    take(std::move(event));
                    return {};
                  });
}

Result<std::vector<Event>> read_run(store::Tx& tx, RunId run) {
  WRIT_TRY(EventReader reader, EventReader::open(tx));
  std::vector<Event> events;
  WRIT_CHECK(
      each_of_run(tx, reader, run, [&](Event event) { events.push_back(std::move(event)); }));
  return events;
}

// The run's indices from `after` on, ascending.
Result<std::vector<std::uint64_t>> indices_of_run(store::Tx& tx, EventReader& reader, RunId run,
                                                  std::uint64_t after) {
  std::vector<std::uint64_t> indices;
  WRIT_CHECK(each_of_run(tx, reader, run, [&](const Event& event) {
    if (event.index && *event.index >= after) indices.push_back(*event.index);
  }));
  std::ranges::sort(indices);
  return indices;
}

Result<std::vector<Event>> select(store::Tx& tx, const Filter& filter) {
  WRIT_TRY(EventReader reader, EventReader::open(tx));
  std::optional<std::vector<std::uint64_t>> indices;
  if (filter.run) {
    WRIT_TRY(indices, indices_of_run(tx, reader, *filter.run, filter.after));
  } else {
    WRIT_TRY(indices, find_indices(tx, filter));
  }
  std::vector<Event> events;
  const std::uint64_t count = indices ? indices->size() : reader.size();
  for (std::uint64_t i = indices ? 0 : filter.after; i < count; ++i) {
    if (events.size() == filter.limit) break;
    WRIT_TRY(Event event, reader.at(indices ? (*indices)[i] : i));
    if (matches(filter, event)) events.push_back(std::move(event));
  }
  return events;
}

Result<Receipt> prove_event(store::Tx& tx, EventId id) {
  WRIT_TRY(EventReader reader, EventReader::open(tx));
  WRIT_TRY(const Event event, reader.by_id(id));
  if (!event.index) {
    return fail(Code::overloaded, "event " + id.text() + " waits to be taken into the log");
  }
  WRIT_TRY(auto checkpoint, load_newest_checkpoint(tx));
  if (!checkpoint || checkpoint->size <= *event.index) {
    return fail(Code::unavailable, "no checkpoint covers event " + id.text() + " yet",
                "Sign one with `writ ledger checkpoint`");
  }
  if (checkpoint->size > reader.size()) {
    return fail(Code::tampered, "the newest checkpoint covers more events than there are");
  }
  TileReader tiles(tx);
  WRIT_TRY(auto proof, inclusion_proof(*event.index, checkpoint->size, tiles.reader()));
  return make_receipt(*event.index, std::move(proof), *std::move(checkpoint));
}

class StoreLedger final : public Ledger {
 public:
  StoreLedger(store::Store& store, Random& random, LedgerOptions options)
      : store_(store), random_(random), options_(std::move(options)), appender_(random, options_) {}

  Result<std::vector<PreparedEntry>> prepare(std::span<const Entry> entries) override {
    return appender_.prepare(entries);
  }
  Result<void> append_prepared(store::Tx& tx, std::span<PreparedEntry> entries) override {
    return appender_.append(tx, entries);
  }

  Result<std::uint64_t> sequence() override {
    const std::size_t limit = std::max<std::size_t>(options_.round_limit, 1);
    for (std::uint64_t total = 0;;) {
      WRIT_TRY(const std::uint64_t taken, run_round(store_, limit));
      if (taken == 0) return total;
      total += taken;
    }
  }

  Result<Checkpoint> checkpoint(const crypto::Signer& signer) override {
    WRIT_CHECK(sequence());
    return sign_head(store_, options_.origin, signer);
  }

  Result<std::optional<Checkpoint>> newest_checkpoint() const override {
    return store_.read(load_newest_checkpoint);
  }

  Result<Event> get(EventId id) const override {
    return store_.read([&](store::Tx& tx) -> Result<Event> {
      WRIT_TRY(EventReader reader, EventReader::open(tx));
      return reader.by_id(id);
    });
  }

  Result<Event> at(std::uint64_t index) const override {
    return store_.read([&](store::Tx& tx) -> Result<Event> {
      WRIT_TRY(EventReader reader, EventReader::open(tx));
      return reader.at(index);
    });
  }

  Result<std::vector<Event>> list(const Filter& filter) const override {
    return store_.read([&](store::Tx& tx) { return select(tx, filter); });
  }

  Result<std::vector<Event>> of_run(RunId run) const override {
    return store_.read([&](store::Tx& tx) { return read_run(tx, run); });
  }

  Result<Receipt> receipt(EventId id) const override {
    return store_.read([&](store::Tx& tx) { return prove_event(tx, id); });
  }

  Result<std::vector<Digest>> prove_consistency(std::uint64_t old_size,
                                                std::uint64_t new_size) const override {
    return store_.read([&](store::Tx& tx) -> Result<std::vector<Digest>> {
      WRIT_TRY(const Frontier head, load_head(tx));
      if (new_size > head.size) {
        return fail(Code::not_found, "the log has only " + std::to_string(head.size) + " events");
      }
      TileReader tiles(tx);
      return consistency_proof(old_size, new_size, tiles.reader());
    });
  }

  Result<LedgerReport> verify(std::span<const crypto::PublicKey> log_keys) const override {
    std::array<std::uint8_t, 16> secret;
    random_.fill(secret);
    return store_.read([&](store::Tx& tx) {
      return verify_log(tx, {options_.origin, log_keys, as_text(secret)});
    });
  }

 private:
  store::Store& store_;
  Random& random_;
  LedgerOptions options_;
  Appender appender_;
};

// The log's name is chosen once; the options' name counts only before that.
Result<std::string> settle_origin(store::Store& store, const std::string& wanted) {
  const auto load = [](store::Tx& tx) { return tx.get(kHead, kOriginKey); };
  WRIT_TRY(const auto stored, store.read(load));
  if (stored) return *stored;
  if (!is_origin(wanted)) {
    return fail(Code::invalid_input, "`" + wanted + "` cannot name a log",
                "Name it like a URL without scheme: ASCII letters, no space, no `+`");
  }
  return store.write([&](store::Tx& tx) -> Result<std::string> {
    WRIT_CHECK(tx.insert(kHead, kOriginKey, wanted));
    WRIT_TRY(const auto settled, tx.get(kHead, kOriginKey));
    return settled.value_or(wanted);
  });
}

}  // namespace

Result<EventId> Ledger::append(store::Tx& tx, const Entry& entry) {
  WRIT_CHECK(append_all(tx, {&entry, 1}));
  return entry.id;
}

Result<std::vector<EventId>> Ledger::append_all(store::Tx& tx, std::span<const Entry> entries) {
  WRIT_TRY(auto prepared, prepare(entries));
  WRIT_CHECK(append_prepared(tx, prepared));
  std::vector<EventId> ids;
  ids.reserve(entries.size());
  for (const Entry& entry : entries) ids.push_back(entry.id);
  return ids;
}

Result<std::unique_ptr<Ledger>> Ledger::open(store::Store& store, const Clock& /*clock*/,
                                             Random& random, LedgerOptions options) {
  WRIT_TRY(options.origin, settle_origin(store, options.origin));
  WRIT_CHECK(store.read(load_head));
  return std::unique_ptr<Ledger>(std::make_unique<StoreLedger>(store, random, std::move(options)));
}

}  // namespace writ::ledger
