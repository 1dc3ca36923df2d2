#include "project/store_mover.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <thread>
#include <utility>

#include "base/encoding.h"
#include "ledger/ledger.h"
#include "project/migrations.h"
#include "store/blob_references.h"
#include "store/change_notes.h"
#include "store/copy_changes.h"
#include "store/migrate.h"
#include "store/open.h"

namespace writ::project {
namespace {

using std::chrono::steady_clock;
using store::CheckBlobs;
using store::Moved;
using store::MoveStage;
using store::Notes;
using store::TableReport;

// Fewer rows than this change in a moment: another pass would find as many again.
constexpr std::uint64_t kFewRows = 1'000;
constexpr int kMostPasses = 8;
constexpr std::chrono::milliseconds kBetweenLooks{100};
constexpr std::chrono::seconds kMostWaiting{30};
// Whether a change that is copied for is still wanted.
constexpr std::chrono::milliseconds kBetweenQuestions{500};

std::string random_name(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return to_hex(bytes);
}

// Nothing: it is nobody's, or knows nothing of this change.
Result<std::optional<StoreSwitch>> change_in(store::Store& store, const std::string& id) {
  return store.read([&](store::Tx& tx) -> Result<std::optional<StoreSwitch>> {
    WRIT_TRY(const auto version, tx.get(store::kMigrationsTable, kSwitchModule));
    if (!version) return std::nullopt;
    return find_switch(tx, id);
  });
}

Result<bool> is_done_in(store::Store& store, const std::string& id) {
  WRIT_TRY(const auto change, change_in(store, id));
  return change && change->state == SwitchState::done;
}

Result<bool> was_left_by(store::Store& used, const Moved& moved) {
  return is_done_in(used, moved.id);
}

// A name leads to a file of each host, or to whatever a file says there: what was begun elsewhere
// is not gone on with here.
Result<void> expect_begun(store::Store& to, const StoreSwitch& change) {
  WRIT_TRY(const auto target, store::copy_target(to));
  if (target && target == change.target) return {};
  WRIT_TRY(const bool is_done, is_done_in(to, change.id));  // by another process meanwhile
  if (is_done) return {};
  return fail(Code::tampered,
              "the store " + change.to + " is not the one that the change was begun for",
              "Let `storage.backends` name the same store on every server, or take the change "
              "back: DELETE /storage/switch");
}

Result<void> expect_going_on(const std::stop_token& stop) {
  if (!stop.stop_requested()) return {};
  return fail(Code::cancelled, "the copy was interrupted", "It is gone on with");
}

// A pass ends with what it is made for, which it looks at now and then. `used` is borrowed.
store::GoOn as_long_as(store::Store& used, const std::string& id, SwitchState state,
                       const std::stop_token& stop) {
  return [&used, id, state, stop, looked = steady_clock::now()]() mutable -> Result<void> {
    WRIT_CHECK(expect_going_on(stop));
    const auto now = steady_clock::now();
    if (now - looked < kBetweenQuestions) return {};
    looked = now;
    return used.read([&](store::Tx& tx) { return expect_state(tx, id, state); });
  };
}

// Keeps the turn of a copy as long as it lives, however long a pass reads without a write. A
// failure is no loss yet as long as nobody else can have taken the turn.
class Renewal {
 public:
  Renewal(store::Store& to, store::CopyClaim claim)
      : to_(to), claim_(std::move(claim)), kept_until_(steady_clock::now() + claim_.lease) {
    if (claim_.lease.count() > 0) {  // else nobody is waited for
      thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
  }
  // Why the turn is over.
  std::optional<Error> loss() const {
    const std::lock_guard lock(mutex_);
    return loss_;
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, stop, claim_.lease / 3, [&] { return stop.stop_requested(); })) {
      lock.unlock();
      const auto asked = steady_clock::now();
      auto kept = store::claim_copy(to_, claim_);
      lock.lock();
      if (kept) kept_until_ = asked + claim_.lease;
      const bool is_lost =
          !kept && (kept.error().code != Code::unavailable || steady_clock::now() >= kept_until_);
      if (is_lost) loss_ = std::move(kept).error();
    }
  }

  store::Store& to_;
  const store::CopyClaim claim_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  steady_clock::time_point kept_until_;
  std::optional<Error> loss_;
  std::jthread thread_;  // last: it uses the others
};

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

}  // namespace

StoreMover::StoreMover(MoverNeeds needs)
    : needs_(std::move(needs)), holder_(random_name(needs_.random)) {}

store::CopyClaim StoreMover::claim(const StoreSwitch& change) const {
  return {.holder = holder_, .of = change.id, .lease = needs_.lease, .target = change.target};
}

Result<std::unique_lock<std::mutex>> StoreMover::take_turn() {
  std::unique_lock turn(turn_, std::try_to_lock);
  if (turn) return turn;
  return fail(Code::unavailable, "this process makes the copy already",
              "Look how far it is, and wait for it");
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
  WRIT_CHECK(used.store.read([](store::Tx& tx) { return expect_none_under_way(tx); }));
  // Before the row: whoever sees that goes on with the store that has this id, and with no other.
  WRIT_TRY(const std::string id,
           store::begin_copy(*target.store, project_migrations(), random_name(needs_.random),
                             [&](const Moved& moved) { return was_left_by(used.store, moved); }));
  const StoreSwitch change{.id = Uuid::v7(needs_.clock, needs_.random).text(),
                           .from = used.backend,
                           .to = to,
                           .target = id,
                           .asked_by = deed.actor};
  return used.store.write([&](store::Tx& tx) { return begin_switch(tx, change, deed); });
}

Result<StoreMover::Passed> StoreMover::one_pass(store::Store& from, store::BlobStore& from_blobs,
                                                const Side& to, const StoreSwitch& change,
                                                Writers writers, const store::GoOn& goes_on) {
  store::CopyOptions options;
  options.claim = claim(change);
  const Renewal renewal(*to.store, options.claim);
  options.may_overwrite = [&](const Moved& moved) { return was_left_by(from, moved); };
  options.progress = [&](const TableReport& table) -> Result<void> {
    note(CopyProgress{table.table, table.rows});
    return {};
  };
  options.go_on = [&]() -> Result<void> {
    if (auto loss = renewal.loss()) return std::unexpected(*std::move(loss));
    return goes_on();
  };
  WRIT_TRY(const auto to_blobs, blobs_of(to.url, *to.store));
  const store::CopyEnds ends{from, from_blobs, *to.store, *to_blobs};
  const bool is_used = writers == Writers::go_on;
  auto passed = pass_over(ends, options, is_used ? Notes::are_forgotten : Notes::are_kept,
                          is_used ? CheckBlobs::all : CheckBlobs::copied);
  note(std::nullopt);
  return passed;
}

// All only where it has to be.
Result<StoreMover::Passed> StoreMover::pass_over(const store::CopyEnds& ends,
                                                 const store::CopyOptions& options,
                                                 store::Notes notes, CheckBlobs which) {
  const auto migrations = project_migrations();
  WRIT_TRY(const auto changes,
           store::copy_changes(ends, migrations, options, notes, needs_.random));
  if (changes) return Passed{std::nullopt, *changes};
  WRIT_TRY(auto tables, store::copy_whole(ends, migrations, options, which, needs_.random));
  return Passed{std::move(tables), 0};
}

Result<void> StoreMover::copy_over(const UsedStore& used, const StoreSwitch& change,
                                   identity::Journal& journal, const std::stop_token& stop) {
  WRIT_TRY(const auto turn, take_turn());
  WRIT_TRY(const std::string url, needs_.backends.url(change.to));
  WRIT_TRY(const Side to, open_side(url));
  WRIT_CHECK(expect_begun(*to.store, change));
  const store::GoOn goes_on = as_long_as(used.store, change.id, SwitchState::copying, stop);
  for (int pass = 1;; ++pass) {
    WRIT_TRY(const Passed passed,
             one_pass(used.store, used.blobs, to, change, Writers::go_on, goes_on));
    WRIT_CHECK(used.store.write([&](store::Tx& tx) -> Result<void> {
      if (passed.tables) WRIT_CHECK(note_pass(tx, change.id, *passed.tables));
      if (!passed.tables) WRIT_CHECK(note_changes(tx, change.id, passed.changes));
      return {};
    }));
    const bool is_close = !passed.tables && passed.changes < kFewRows;
    if (is_close || pass == kMostPasses) break;
  }
  const identity::Deed deed{.journal = journal, .actor = change.asked_by};
  return used.store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(change_state(tx, change.id, SwitchState::copying, SwitchState::closing, deed));
    return store::mark_moved(tx, {change.to, change.id, MoveStage::closing});
  });
}

// Behind the mark: the new store gets what it lacks, and the old one says that it has it.
Result<void> StoreMover::make_whole(const Side& from, const Side& to, const StoreSwitch& change,
                                    const std::stop_token& stop) {
  WRIT_TRY(const auto blobs, blobs_of(from.url, *from.store));
  WRIT_CHECK(from.store->migrate(project_migrations(), store::DryRun::no));
  WRIT_CHECK(one_pass(*from.store, *blobs, to, change, Writers::wait,
                      as_long_as(*from.store, change.id, SwitchState::closing, stop)));
  return from.store->write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const auto mark, store::moved_to(tx));
    if (!mark || mark->id != change.id) {
      return fail(Code::conflict, "the change of the store has been taken back",
                  "Go on with the old store");
    }
    return store::mark_moved(tx, {mark->backend, mark->id, MoveStage::gone});
  });
}

Result<void> StoreMover::make_live(const Side& to, const StoreSwitch& change) const {
  ledger::LedgerOptions log;
  log.origin = "writ.local/" + change.id;  // its own has come along
  WRIT_TRY(const auto ledger,
           ledger::Ledger::open(*to.store, needs_.clock, needs_.random, std::move(log)));
  identity::Journal journal(*ledger, needs_.source, needs_.clock, needs_.random);
  return store::finish_copy(*to.store, claim(change), [&](store::Tx& tx) -> Result<void> {
    const identity::Deed deed{.journal = journal, .actor = change.asked_by};
    WRIT_CHECK(change_state(tx, change.id, SwitchState::closing, SwitchState::done, deed));
    return {};
  });
}

Result<void> StoreMover::bring_to_its_end(const Side& from, const Side& to, const Moved& moved,
                                          const std::stop_token& stop) {
  WRIT_TRY(const auto change, change_in(*from.store, moved.id));
  if (!change) {
    return fail(Code::tampered, "the store is marked as moved, and does not know the change",
                "Restore it from a backup");
  }
  WRIT_TRY(const auto under_way, store::copy_under_way(*to.store));
  if (moved.stage == MoveStage::gone && under_way != moved.id) return {};
  WRIT_CHECK(expect_begun(*to.store, *change));
  if (moved.stage == MoveStage::closing) WRIT_CHECK(make_whole(from, to, *change, stop));
  WRIT_CHECK(store::claim_copy(*to.store, claim(*change)));
  return make_live(to, *change);
}

Result<OpenedStore> StoreMover::follow(const std::string& url, const Moved& moved,
                                       const std::stop_token& stop) {
  WRIT_TRY(const auto turn, take_turn());
  WRIT_CHECK(expect_going_on(stop));
  WRIT_TRY(const std::string to_url, needs_.backends.url(moved.backend));
  WRIT_TRY(const Side from, open_side(url));
  WRIT_TRY(const Side to, open_side(to_url));
  WRIT_CHECK(bring_to_its_end(from, to, moved, stop));
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

// Whoever is at a change of the store needs them.
Result<void> StoreMover::tidy(const UsedStore& used) const {
  const auto is_left = [](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const auto last, last_switch(tx));
    return !last || !is_under_way(*last);
  };
  WRIT_TRY(const bool has_notes, used.store.read(&store::makes_notes));
  if (!has_notes) return {};
  return store::end_notes(used.store, store::tables_of(project_migrations()), is_left);
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

Result<OpenedStore> open_moved(StoreMover& mover, const std::string& url,
                               const std::stop_token& stop) {
  const auto deadline = steady_clock::now() + kMostWaiting;
  WRIT_TRY(auto first, store::open(url, {.unfinished_copy = store::UnfinishedCopy::open}));
  OpenedStore at{mover.backends().name_of(url), url, std::move(first)};
  for (;;) {
    WRIT_TRY(const auto moved, store::moved_to(*at.store));
    if (!moved) return expect_finished(std::move(at));
    auto next = mover.follow(at.url, *moved, stop);
    if (next) {
      at = *std::move(next);
      continue;
    }
    const Code code = next.error().code;
    const bool may_pass = code == Code::unavailable || code == Code::conflict;
    if (!may_pass || steady_clock::now() >= deadline) {
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
