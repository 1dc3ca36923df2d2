#include "project/store_mover.h"

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "base/encoding.h"
#include "ledger/ledger.h"
#include "project/migrations.h"
#include "store/blob_references.h"
#include "store/migrate.h"
#include "store/open.h"

namespace writ::project {
namespace {

using store::CheckBlobs;
using store::Moved;
using store::MoveStage;
using store::TableReport;

// Fewer rows than this change in a moment: another pass would find as many again.
constexpr std::uint64_t kFewRows = 1'000;
constexpr int kMostPasses = 8;
constexpr std::chrono::milliseconds kBetweenLooks{100};
constexpr std::chrono::seconds kMostWaiting{30};

std::string random_name(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return to_hex(bytes);
}

Result<bool> was_left_by(store::Store& used, const Moved& moved) {
  return used.read([&](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const auto version, tx.get(store::kMigrationsTable, kSwitchModule));
    if (!version) return false;  // it is nobody's
    WRIT_TRY(const auto change, find_switch(tx, moved.id));
    return change && change->state == SwitchState::done;
  });
}

Result<bool> is_empty(store::Store& target) {
  WRIT_TRY(const auto steps, target.migrate(project_migrations(), store::DryRun::yes));
  return steps.size() == project_migrations().size();
}

Result<Target> judge(store::Store& used, store::Store& target) {
  WRIT_TRY(const bool is_unfinished, store::is_unfinished_copy(target));
  if (is_unfinished) return Target::unfinished_copy;
  WRIT_TRY(const auto moved, store::moved_to(target));
  if (moved) {
    WRIT_TRY(const bool is_ours, was_left_by(used, *moved));
    if (is_ours) return Target::left_before;
  }
  WRIT_TRY(const bool has_nothing, is_empty(target));
  if (has_nothing) return Target::empty;
  return fail(Code::conflict, "the other store holds something that is not of this one",
              "Name an empty one, or one that this one was changed for before");
}

std::uint64_t changed_in(const std::vector<TableReport>& tables) {
  std::uint64_t out = 0;
  for (const TableReport& table : tables) out += table.changed;
  return out;
}

}  // namespace

StoreMover::StoreMover(MoverNeeds needs)
    : needs_(std::move(needs)), holder_(random_name(needs_.random)) {}

store::CopyClaim StoreMover::claim(const std::string& id) const {
  return {.holder = holder_, .of = id, .lease = needs_.lease};
}

void StoreMover::note(std::optional<CopyProgress> progress) {
  const std::lock_guard lock(mutex_);
  progress_ = std::move(progress);
}

std::optional<CopyProgress> StoreMover::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

Result<StoreMover::Side> StoreMover::open_side(const std::string& url) {
  Side out{url, nullptr};
  WRIT_TRY(out.store, store::open(url, {.unfinished_copy = store::UnfinishedCopy::open,
                                        .fence = store::Fence::passes}));
  return out;
}

Result<std::unique_ptr<store::BlobStore>> StoreMover::blobs_of(const std::string& url,
                                                               store::Store& store) const {
  return store::open_blobs(url, store, needs_.blobs, needs_.clock, needs_.random);
}

Result<StoreMover::Side> StoreMover::open_target(const UsedStore& used,
                                                 const std::string& to) const {
  WRIT_TRY(const std::string url, needs_.backends.url(to));
  if (to == used.backend || url == used.url) {
    return fail(Code::conflict, "the store " + to + " is the one in use",
                "Name another one: GET /storage/switch lists them");
  }
  return open_side(url);
}

Result<Rehearsal> StoreMover::rehearse(const UsedStore& used, const std::string& to) const {
  Rehearsal out{.from = used.backend, .to = to};
  WRIT_TRY(const Side target, open_target(used, to));
  WRIT_TRY(out.target, judge(used.store, *target.store));
  WRIT_TRY(out.tables, store::account_for_tables(used.store, project_migrations()));
  WRIT_CHECK(
      store::for_each_referenced(used.store, [&](const store::BlobRef& blob) -> Result<void> {
        ++out.blobs;
        out.blob_bytes += blob.size;
        return {};
      }));
  return out;
}

Result<StoreSwitch> StoreMover::begin(const UsedStore& used, const std::string& to,
                                      const identity::Deed& deed) const {
  WRIT_TRY(const Side target, open_target(used, to));
  WRIT_CHECK(judge(used.store, *target.store));
  const StoreSwitch change{.id = Uuid::v7(needs_.clock, needs_.random).text(),
                           .from = used.backend,
                           .to = to,
                           .asked_by = deed.actor};
  return used.store.write([&](store::Tx& tx) { return begin_switch(tx, change, deed); });
}

Result<StoreMover::Tables> StoreMover::one_pass(store::Store& from, store::BlobStore& from_blobs,
                                                const Side& to, const std::string& id,
                                                CheckBlobs which, const std::stop_token& stop) {
  store::CopyOptions options;
  options.claim = claim(id);
  options.may_overwrite = [&](const Moved& moved) { return was_left_by(from, moved); };
  options.progress = [&](const TableReport& table) -> Result<void> {
    note(CopyProgress{table.table, table.rows});
    if (!stop.stop_requested()) return {};
    return fail(Code::cancelled, "the copy was interrupted", "It is gone on with");
  };
  auto tables = store::copy(from, *to.store, project_migrations(), options);
  note(std::nullopt);
  if (!tables) return tables;
  WRIT_TRY(const auto blobs, blobs_of(to.url, *to.store));
  WRIT_CHECK(store::copy_blobs(from_blobs, *to.store, *blobs, which));
  WRIT_CHECK(store::claim_copy(*to.store, options.claim));
  return tables;
}

Result<void> StoreMover::copy_over(const UsedStore& used, const StoreSwitch& change,
                                   identity::Journal& journal, const std::stop_token& stop) {
  WRIT_TRY(const std::string url, needs_.backends.url(change.to));
  WRIT_TRY(const Side to, open_side(url));
  for (int pass = 1;; ++pass) {
    WRIT_TRY(const Tables tables,
             one_pass(used.store, used.blobs, to, change.id, CheckBlobs::all, stop));
    WRIT_CHECK(used.store.write(
        [&](store::Tx& tx) { return note_pass(tx, change.id, SwitchState::copying, tables); }));
    if (changed_in(tables) < kFewRows || pass == kMostPasses) break;
  }
  const identity::Deed deed{.journal = journal, .actor = change.asked_by};
  return used.store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(change_state(tx, change.id, SwitchState::copying, SwitchState::closing, deed));
    return store::mark_moved(tx, {change.to, change.id, MoveStage::closing});
  });
}

// Behind the mark: the new store gets what it lacks, and the old one says that it has it.
Result<void> StoreMover::make_whole(const std::string& url, const Side& to, const Moved& moved) {
  WRIT_TRY(const Side from, open_side(url));
  WRIT_TRY(const auto blobs, blobs_of(url, *from.store));
  WRIT_CHECK(from.store->migrate(project_migrations(), store::DryRun::no));
  WRIT_TRY(const Tables tables,
           one_pass(*from.store, *blobs, to, moved.id, CheckBlobs::copied, {}));
  WRIT_CHECK(to.store->write(
      [&](store::Tx& tx) { return note_pass(tx, moved.id, SwitchState::closing, tables); }));
  return from.store->write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const auto mark, store::moved_to(tx));
    if (!mark || mark->id != moved.id) {
      return fail(Code::conflict, "the change of the store has been taken back",
                  "Go on with the old store");
    }
    return store::mark_moved(tx, {moved.backend, moved.id, MoveStage::gone});
  });
}

Result<void> StoreMover::make_live(const Side& to, const Moved& moved) const {
  ledger::LedgerOptions log;
  log.origin = "writ.local/" + moved.id;  // its own has come along
  WRIT_TRY(const auto ledger,
           ledger::Ledger::open(*to.store, needs_.clock, needs_.random, std::move(log)));
  identity::Journal journal(*ledger, needs_.source, needs_.clock, needs_.random);
  return store::finish_copy(*to.store, claim(moved.id), [&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const auto change, find_switch(tx, moved.id));
    const identity::Deed deed{.journal = journal,
                              .actor = change ? change->asked_by : std::string("system")};
    WRIT_CHECK(change_state(tx, moved.id, SwitchState::closing, SwitchState::done, deed));
    return {};
  });
}

Result<OpenedStore> StoreMover::follow(const std::string& url, const Moved& moved) {
  WRIT_TRY(const std::string to_url, needs_.backends.url(moved.backend));
  WRIT_TRY(const Side to, open_side(to_url));
  WRIT_TRY(const auto under_way, store::copy_under_way(*to.store));
  if (moved.stage == MoveStage::closing) WRIT_CHECK(make_whole(url, to, moved));
  if (moved.stage == MoveStage::closing || under_way == moved.id) {
    WRIT_CHECK(store::claim_copy(*to.store, claim(moved.id)));
    WRIT_CHECK(make_live(to, moved));
  }
  WRIT_TRY(const bool is_it, was_left_by(*to.store, moved));
  if (!is_it) {
    return fail(Code::tampered, "the store " + moved.backend + " is not the one that was moved to",
                "Restore it from a backup, or let `storage.backends` name the right one");
  }
  // Another copy may be under way into it, while it has moved on.
  WRIT_TRY(auto opened, store::open(to_url, {.unfinished_copy = store::UnfinishedCopy::open}));
  return OpenedStore{moved.backend, to_url, std::move(opened)};
}

Result<StoreSwitch> StoreMover::take_back(const UsedStore& used, const identity::Deed& deed) const {
  WRIT_TRY(const auto last, last_switch(used.store));
  if (!last || !is_under_way(*last)) {
    return fail(Code::not_found, "the store is not being changed",
                "Look how the last change stands: GET /storage/switch");
  }
  if (last->state == SwitchState::copying) {
    return used.store.write([&](store::Tx& tx) {
      return change_state(tx, last->id, SwitchState::copying, SwitchState::taken_back, deed);
    });
  }
  WRIT_TRY(const Side side, open_side(used.url));
  return side.store->write([&](store::Tx& tx) -> Result<StoreSwitch> {
    WRIT_TRY(const auto mark, store::moved_to(tx));
    if (mark && mark->stage == MoveStage::gone) {
      return fail(Code::conflict, "the new store is whole, and takes the place of the old one",
                  "Let it, then change back");
    }
    WRIT_TRY(auto change,
             change_state(tx, last->id, SwitchState::closing, SwitchState::taken_back, deed));
    WRIT_CHECK(store::clear_mark(tx));
    return change;
  });
}

namespace {

// What a copy is made into is no store yet, unless it has moved on before.
Result<OpenedStore> expect_finished(OpenedStore at) {
  WRIT_TRY(const bool is_unfinished, store::is_unfinished_copy(*at.store));
  if (is_unfinished) {
    WRIT_TRY(at.store, store::open(at.url));  // which says so
  }
  return at;
}

}  // namespace

Result<OpenedStore> open_moved(StoreMover& mover, const std::string& url) {
  const auto deadline = std::chrono::steady_clock::now() + kMostWaiting;
  WRIT_TRY(auto first, store::open(url, {.unfinished_copy = store::UnfinishedCopy::open}));
  OpenedStore at{mover.backends().name_of(url), url, std::move(first)};
  for (;;) {
    WRIT_TRY(const auto moved, store::moved_to(*at.store));
    if (!moved) return expect_finished(std::move(at));
    auto next = mover.follow(at.url, *moved);
    if (next) {
      at = *std::move(next);
      continue;
    }
    const Code code = next.error().code;
    const bool may_pass = code == Code::unavailable || code == Code::conflict;
    if (!may_pass || std::chrono::steady_clock::now() >= deadline) {
      return std::unexpected(
          std::move(next).error().context("following the store to " + moved->backend));
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

Value to_value(const Rehearsal& rehearsal) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  Array tables;
  for (const TableReport& table : rehearsal.tables) {
    rows += table.rows;
    bytes += table.bytes;
    tables.push_back(Object{{"table", table.table},
                            {"rows", table.rows},
                            {"bytes", table.bytes},
                            {"digest", table.digest.hex()}});
  }
  return Object{{"from", rehearsal.from},
                {"to", rehearsal.to},
                {"is_applied", false},
                {"rows", rows},
                {"bytes", bytes},
                {"blobs", rehearsal.blobs},
                {"blob_bytes", rehearsal.blob_bytes},
                {"target", kTargets.name(rehearsal.target)},
                {"tables", std::move(tables)}};
}

}  // namespace writ::project
