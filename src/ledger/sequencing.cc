#include "ledger/sequencing.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "ledger/tables.h"
#include "store/key.h"

namespace writ::ledger {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kSequencerKey = "sequencer";
// Before another try when something failed.
constexpr milliseconds kAfterFailure{200};
// Who waits for the lease looks no more often than this, however much is going on.
constexpr milliseconds kBetweenLooks{250};

struct Duty {
  std::uint64_t fence = 0;
  WallTime expires;
  std::string holder;
};

std::string encode(const Duty& duty) {
  return store::Key()
      .number(duty.fence)
      .number(static_cast<std::uint64_t>(duty.expires.micros))
      .text(duty.holder)
      .take();
}

Result<Duty> load_duty(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kDuty, kSequencerKey));
  Duty duty;
  if (!row) return duty;
  store::KeyReader reader(*row);
  WRIT_TRY(duty.fence, reader.number());
  WRIT_TRY(const std::uint64_t expires, reader.number());
  WRIT_TRY(duty.holder, reader.text());
  duty.expires = {static_cast<std::int64_t>(expires)};
  return duty;
}

}  // namespace

Sequencing::Sequencing(store::Store& store, Ledger& ledger, Random& random,
                       SequencingOptions options)
    : store_(store), ledger_(ledger), options_(options) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  name_ = to_hex(bytes);
}

const store::Table& sequenced_table() { return kHead; }

Result<std::unique_ptr<Sequencing>> Sequencing::start(store::Store& store, Ledger& ledger,
                                                      Random& random, SequencingOptions options) {
  std::unique_ptr<Sequencing> out(new Sequencing(store, ledger, random, options));
  Sequencing& self = *out;
  // New events for who leads; for the others that a lease was given back.
  WRIT_TRY(out->watch_, store.watch(
                            {kPending, kDuty},
                            [&self](store::Wake) {
                              const std::lock_guard lock(self.mutex_);
                              self.is_woken_ = true;
                              self.wakes_.notify_all();
                            },
                            store::Reach::all_processes));
  out->thread_ = std::thread([&self] { self.run(); });
  return out;
}

Sequencing::~Sequencing() {
  watch_.reset();
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wakes_.notify_all();
  if (thread_.joinable()) thread_.join();
}

SequencingState Sequencing::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Sequencing::run() {
  const auto is_stopping = [this] {
    const std::lock_guard lock(mutex_);
    return is_stopping_;
  };
  while (!is_stopping()) wait_until(take_turn());
  give_back();
}

Sequencing::Instant Sequencing::take_turn() {
  auto next = try_turn();
  if (next) return *next;
  const std::lock_guard lock(mutex_);
  state_.leads = false;  // it has to look again whether it does
  state_.failure = std::move(next).error();
  return steady_clock::now() + kAfterFailure;
}

Result<Sequencing::Instant> Sequencing::try_turn() {
  if (!state().leads || steady_clock::now() >= renew_at_) {
    const Instant before = steady_clock::now();
    WRIT_TRY(const Standing standing, stand());
    note(standing);
    // Its lease began at some time after `before`.
    renew_at_ = before + options_.lease / 3;
    if (!standing.leads) return steady_clock::now() + standing.left;
  }
  WRIT_TRY(const std::uint64_t taken, ledger_.sequence());
  const std::lock_guard lock(mutex_);
  state_.events += taken;
  state_.failure.reset();
  return renew_at_;
}

// Takes the lease where it is free, renews it where it is ours. Who only finds out that it is
// another's writes nothing.
Result<Sequencing::Standing> Sequencing::stand() {
  const auto look = [this](store::Tx& tx) -> Result<Standing> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const Duty duty, load_duty(tx));
    const bool may_lead = duty.holder == name_ || duty.expires < now;
    return Standing{may_lead, duty.fence, microseconds(duty.expires.micros - now.micros + 1)};
  };
  WRIT_TRY(const Standing seen, store_.read(look));
  if (!seen.leads) return seen;
  return store_.write([&](store::Tx& tx) -> Result<Standing> {
    WRIT_TRY(Standing standing, look(tx));
    if (!standing.leads) return standing;
    WRIT_TRY(Duty duty, load_duty(tx));
    WRIT_TRY(const WallTime now, tx.now());
    if (duty.holder != name_ || duty.expires < now) ++duty.fence;
    duty.holder = name_;
    duty.expires = {now.micros + microseconds(options_.lease).count()};
    WRIT_CHECK(tx.put(kDuty, kSequencerKey, encode(duty)));
    standing.fence = duty.fence;
    return standing;
  });
}

// The fence stays, so that the next holder's is larger. Where this fails the lease runs out.
void Sequencing::give_back() {
  if (!state().leads) return;
  static_cast<void>(store_.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(Duty duty, load_duty(tx));
    if (duty.holder != name_) return {};
    duty.expires = {0};
    duty.holder.clear();
    return tx.put(kDuty, kSequencerKey, encode(duty));
  }));
}

void Sequencing::note(const Standing& standing) {
  const std::lock_guard lock(mutex_);
  state_.leads = standing.leads;
  state_.fence = standing.fence;
  state_.failure.reset();
}

void Sequencing::wait_until(Instant latest) {
  std::unique_lock lock(mutex_);
  if (!state_.leads) {
    const Instant soon = std::min(latest, steady_clock::now() + kBetweenLooks);
    wakes_.wait_until(lock, soon, [this] { return is_stopping_; });
  }
  wakes_.wait_until(lock, latest, [this] { return is_stopping_ || is_woken_; });
  is_woken_ = false;
}

}  // namespace writ::ledger
