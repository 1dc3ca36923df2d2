#include "bundles/poller.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "crypto/digest.h"
#include "net/http.h"
#include "policy/parse/carried_errors.h"

namespace writ::bundles {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr double kGrowth = 1.6;
constexpr double kJitter = 0.2;
// A publisher that answers a held request at once is not asked again at once.
constexpr milliseconds kLeastBetweenWaits{1000};

std::string digest_of(std::string_view bytes) { return crypto::sha256(bytes).hex(); }

std::int64_t since(const Clock& clock, std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock.steady() - begin).count();
}

}  // namespace

BundlePoller::BundlePoller(BundleConfig config, std::unique_ptr<BundleFetch> fetch,
                           std::optional<rego::BundleShelf> shelf, const Deps& deps)
    : config_(std::move(config)), fetch_(std::move(fetch)), shelf_(std::move(shelf)), deps_(deps) {
  deps_.board.add(config_.name);
  if (shelf_) stamp_ = shelf_->roll_back_stamp();
}

// --- what is kept

std::optional<rego::Bundle> BundlePoller::kept_snapshot() {
  if (!shelf_) return std::nullopt;
  auto held = shelf_->load();
  if (!held) {
    note_wrong(std::move(held).error().context("reading what is kept of the bundle"), 0);
    return std::nullopt;
  }
  std::optional<rego::BundleShelf::Held>& there = *held;
  if (!there) return std::nullopt;
  auto bundle = verified(there->bytes);
  if (!bundle) {
    note_wrong(std::move(bundle).error().context("reading what is kept of the bundle"), 0);
    return std::nullopt;
  }
  digest_ = digest_of(there->bytes);
  deltas_ = std::move(there->deltas);
  return *std::move(bundle);
}

void BundlePoller::settle_kept(const rego::Bundle& bundle, const Result<void>& activated) {
  if (!activated) {
    digest_.clear();
    return note_wrong(activated.error(), 0);
  }
  note_active(bundle);
  for (const std::string& bytes : std::exchange(deltas_, {})) {
    digest_.clear();  // a snapshot like the kept one would undo the changes
    auto delta = verified(bytes);
    if (!delta) return note_wrong(delta.error(), 0);
    if (const auto done = activate(*delta, {}); !done) return note_wrong(done.error(), 0);
  }
}

void BundlePoller::follow_roll_back() {
  if (!shelf_) return;
  std::string stamp = shelf_->roll_back_stamp();
  if (stamp == stamp_) return;
  stamp_ = std::move(stamp);
  const auto bundle = kept_snapshot();
  if (!bundle) return;
  is_etag_active_ = false;
  settle_kept(*bundle, deps_.activator.activate({config_.name, &*bundle, {}}));
}

// --- one round

void BundlePoller::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) rest(step(stop), stop);
}

milliseconds BundlePoller::step(const std::stop_token& stop) {
  follow_roll_back();
  const auto begin = deps_.clock.steady();
  deps_.board.change(config_.name,
                     [&](BundleStatus& row) { row.last_request = deps_.clock.wall(); });
  auto fetched = fetch(stop);
  if (!fetched) {
    if (fetched.error().code == Code::cancelled) return milliseconds(0);
    return took_wrong(fetched.error());
  }
  if (fetched->kind == Fetched::Kind::refused) {
    const Error refused =
        fail(Code::unavailable,
             "server replied with " + std::string(net::reason_phrase(fetched->status)))
            .error();
    return took_wrong(refused, fetched->status);
  }
  deps_.board.change(config_.name, [&](BundleStatus& row) {
    row.last_successful_request = deps_.clock.wall();
    row.timers["timer_bundle_request_ns"] = since(deps_.clock, begin);
  });
  can_wait_ = fetched->can_wait;
  const auto took = std::chrono::duration_cast<milliseconds>(deps_.clock.steady() - begin);
  if (fetched->kind == Fetched::Kind::fresh) {
    if (const auto taken = take(*fetched); !taken) return took_wrong(taken.error());
  }
  return took_well(*fetched, took);
}

Result<Fetched> BundlePoller::fetch(const std::stop_token& stop) {
  Wanted wanted;
  wanted.etag = etag_;
  wanted.takes_delta = is_etag_active_;
  // Nothing is held back from somebody who has nothing.
  if (can_wait_ && !etag_.empty()) wanted.wait = config_.long_poll;
  std::stop_source source;
  const std::stop_callback on_stop(stop, [&] { source.request_stop(); });
  {
    const std::lock_guard lock(mutex_);
    under_way_ = &source;
    if (must_look_) source.request_stop();
  }
  auto fetched = fetch_->fetch(wanted, source.get_token());
  const std::lock_guard lock(mutex_);
  under_way_ = nullptr;
  return fetched;
}

milliseconds BundlePoller::took_wrong(const Error& error, int http_code) {
  note_wrong(error, http_code);
  ++failures_;
  if (failures_ == 1) return milliseconds(0);
  const double most = static_cast<double>(config_.max_delay.count());
  const double grown = std::min(most, static_cast<double>(kFirstPause.count()) *
                                          std::pow(kGrowth, std::min(failures_ - 1, 60u)));
  return between(milliseconds(std::llround(grown * (1 - kJitter))),
                 milliseconds(std::llround(grown * (1 + kJitter))));
}

milliseconds BundlePoller::took_well(const Fetched& fetched, milliseconds took) {
  failures_ = 0;
  deps_.board.change(config_.name, [](BundleStatus& row) {
    row.message.clear();
    row.errors.clear();
    row.http_code = 0;
  });
  const bool holds_back = config_.long_poll.count() > 0 && can_wait_;
  if (!holds_back) return between(config_.min_delay, config_.max_delay);
  const bool was_idle = fetched.kind == Fetched::Kind::unchanged && took < kLeastBetweenWaits;
  return was_idle ? kLeastBetweenWaits : milliseconds(0);
}

// --- a new bundle

Result<void> BundlePoller::take(Fetched& fetched) {
  deps_.board.change(config_.name,
                     [&](BundleStatus& row) { row.last_successful_download = deps_.clock.wall(); });
  std::string digest = digest_of(fetched.bytes);
  if (shelf_) {
    WRIT_TRY(const std::set<std::string> refused, shelf_->refused());
    if (refused.contains(digest)) {
      etag_ = fetched.etag;
      is_etag_active_ = false;
      return {};
    }
  }
  if (digest == digest_) {  // what is active already, by another etag
    etag_ = fetched.etag;
    is_etag_active_ = !etag_.empty();
    return is_kept_ ? Result<void>() : keep(false, fetched.bytes);
  }
  const auto begin = deps_.clock.steady();
  WRIT_TRY(const rego::Bundle bundle, verified(fetched.bytes));
  deps_.board.change(config_.name, [&](BundleStatus& row) {
    row.timers["timer_rego_load_bundles_ns"] = since(deps_.clock, begin);
  });
  auto activated = bundle.is_delta && !is_etag_active_
                       ? Result<void>(fail(Code::invalid_input,
                                           "a delta bundle came that nothing was asked for"))
                       : activate(bundle, fetched.etag);
  if (!activated && bundle.is_delta) etag_.clear();  // begins again with a snapshot
  WRIT_CHECK(activated);
  etag_ = fetched.etag;
  is_etag_active_ = !etag_.empty();
  digest_ = bundle.is_delta ? std::string() : std::move(digest);
  return keep(bundle.is_delta, fetched.bytes);
}

// What cannot be kept is active all the same, and is asked for again.
Result<void> BundlePoller::keep(bool is_delta, const std::string& bytes) {
  if (!shelf_) return {};
  auto kept = is_delta ? shelf_->keep_delta(bytes) : shelf_->keep(bytes);
  is_kept_ = kept.has_value();
  if (is_kept_) return {};
  etag_.clear();
  is_etag_active_ = false;
  if (kept.error().code == Code::overloaded) return {};  // so many deltas: a snapshot is due
  return std::unexpected(std::move(kept).error().context("keeping the bundle, which is active"));
}

Result<rego::Bundle> BundlePoller::verified(const std::string& bytes) const {
  rego::ArchiveLimits limits;
  limits.packed = config_.size_limit;
  limits.file = config_.size_limit;  // as OPA means it
  WRIT_TRY(std::vector<rego::ArchiveFile> files, rego::read_archive(bytes, limits));
  WRIT_TRY(rego::Bundle bundle, rego::make_verified_bundle(std::move(files), config_.verification));
  bundle.size = bytes.size();
  return bundle;
}

Result<void> BundlePoller::activate(const rego::Bundle& bundle, const std::string& etag) {
  const auto begin = deps_.clock.steady();
  WRIT_CHECK(deps_.activator.activate({config_.name, &bundle, etag}));
  deps_.board.change(config_.name, [&](BundleStatus& row) {
    row.timers["timer_rego_module_compile_ns"] = since(deps_.clock, begin);
  });
  note_active(bundle);
  return {};
}

// --- what others see

void BundlePoller::note_active(const rego::Bundle& bundle) {
  deps_.board.change(config_.name, [&](BundleStatus& row) {
    row.revision = bundle.manifest.revision;
    row.is_delta = bundle.is_delta;
    row.size = bundle.size;
    row.last_successful_activation = deps_.clock.wall();
    ++row.loaded;
  });
}

void BundlePoller::note_wrong(const Error& error, int http_code) {
  deps_.board.change(config_.name, [&](BundleStatus& row) {
    row.message = error.message;
    for (const std::string& context : error.contexts) row.message += " (while " + context + ")";
    row.errors = rego::carried_errors(error);
    row.http_code = http_code;
    ++row.failed;
  });
}

// --- time

void BundlePoller::look_at_shelf() {
  const std::lock_guard lock(mutex_);
  must_look_ = true;
  if (under_way_ != nullptr) under_way_->request_stop();
  wakes_.notify_all();
}

void BundlePoller::rest(milliseconds time, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wakes_.wait_for(lock, stop, time, [&] { return must_look_; });
  must_look_ = false;
}

milliseconds BundlePoller::between(milliseconds least, milliseconds most) {
  const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>((most - least).count(), 0));
  return least + milliseconds(static_cast<std::int64_t>(deps_.random.next_u64() % (span + 1)));
}

}  // namespace writ::bundles
