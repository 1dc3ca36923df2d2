#include "store/moving_store.h"

#include <algorithm>
#include <utility>

#include "store/request_scope.h"

namespace writ::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Between two looks when nobody has called.
constexpr milliseconds kRound{1'000};
// As long as what nothing refers to is kept (blob_store.h).
constexpr std::chrono::hours kYouth{1};

// From a half to one and a half of the time, so that servers that wait for the same do not look at
// the same moment.
milliseconds about(milliseconds time) {
  thread_local std::uint32_t seed =
      static_cast<std::uint32_t>(steady_clock::now().time_since_epoch().count()) | 1u;
  seed = seed * 1664525u + 1013904223u;
  const auto whole = static_cast<std::uint64_t>(time.count());
  return milliseconds((whole + ((whole * (seed >> 8)) >> 23)) / 2);
}

// Whoever watches is called through it. While the store moves the old place and the new one may
// both call, and the watch of the old place ends after whoever watches may have gone.
class Gate {
 public:
  explicit Gate(Waker wake) : wake_(std::move(wake)) {}

  void call(Wake what) {
    const std::lock_guard lock(mutex_);
    if (is_open_) wake_(what);
  }
  // Waits for a call under way, unless it is this one that ends the watch.
  void close() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }

 private:
  std::recursive_mutex mutex_;
  bool is_open_ = true;
  const Waker wake_;
};

}  // namespace

struct MovingStore::Watched {
  std::vector<Table> tables;
  std::shared_ptr<Gate> gate;
  Reach reach;
  std::unique_ptr<Watch> inner;

  Waker waker() const {
    return [gate = gate](Wake what) { gate->call(what); };
  }
};

class MovingStore::Handle final : public Watch {
 public:
  Handle(MovingStore& store, std::shared_ptr<Watched> watched)
      : store_(store), watched_(std::move(watched)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() override {
    watched_->gate->close();
    store_.unwatch(watched_.get());
  }

 private:
  MovingStore& store_;
  const std::shared_ptr<Watched> watched_;
};

MovingStore::MovingStore(Home home, FindHome find, MovingOptions options)
    : find_(std::move(find)), options_(options), home_(std::move(home)) {
  thread_ = std::thread([this] { run(); });
}

void MovingStore::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_.request_stop();
  changed_.notify_all();
}

MovingStore::~MovingStore() {
  stop();
  thread_.join();
  mark_.reset();
  // The store finishes its asynchronous writes, some of which may come to be held.
  home_.blobs.reset();
  home_.store.reset();
  for (const Held& held : held_) {
    if (held.done) held.done(has_moved());
  }
}

Home MovingStore::home() const {
  const std::lock_guard lock(mutex_);
  return home_;
}

std::optional<Error> MovingStore::obstacle() const {
  const std::lock_guard lock(mutex_);
  return obstacle_;
}

void MovingStore::nudge() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    has_news_ = true;
  }
  changed_.notify_all();
}

steady_clock::time_point MovingStore::deadline() const {
  return steady_clock::now() + options_.patience;
}

// One snapshot has both: if it holds no word of the new place being whole, nobody had written there
// when it was taken.
Result<bool> MovingStore::read_unless_gone(const Home& at,
                                           const std::function<Result<void>(Tx&)>& body) {
  return at.store->read([&](Tx& tx) -> Result<bool> {
    WRIT_TRY(const auto moved, moved_to(tx));
    if (moved && moved->stage == MoveStage::gone) return false;
    WRIT_CHECK(body(tx));
    return true;
  });
}

Result<void> MovingStore::read_erased(const std::function<Result<void>(Tx&)>& body) {
  std::optional<steady_clock::time_point> until;
  for (;;) {
    const Home at = home();
    auto done = at.store->read_unless_moved(body);
    if (done || !says_moved(done.error())) return done;
    WRIT_TRY(const bool was_read, read_unless_gone(at, body));
    if (was_read) return {};
    if (!until) until = deadline();
    if (!await_move(at, *until)) return done;
  }
}

Result<void> MovingStore::write_erased(const std::function<Result<void>(Tx&)>& body) {
  std::optional<steady_clock::time_point> until;
  for (;;) {
    const Home at = home();
    auto done = at.store->write(body);
    note_outcome(done);
    if (done || !says_moved(done.error())) return done;
    if (!until) until = deadline();
    if (!await_move(at, *until)) return done;
  }
}

// Most of the time there is nothing to note.
void MovingStore::note_outcome(const Result<void>& done) {
  const bool is_refusal = !done && done.error().code == Code::storage_failed;
  if (!is_refusal && (!done || !is_refusing_)) return;
  const std::lock_guard lock(mutex_);
  refusal_ = is_refusal ? std::optional(done.error()) : std::nullopt;
  is_refusing_ = is_refusal;
}

std::optional<Error> MovingStore::write_refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

bool MovingStore::await_move(const Home& old, steady_clock::time_point deadline) {
  const bool is_request = RequestScope::is_current();
  std::unique_lock lock(mutex_);
  is_woken_ = true;
  changed_.notify_all();
  if (is_request && waiting_ >= options_.waiting_requests) return home_.store != old.store;
  const std::uint64_t looks = looks_;
  waiting_ += is_request ? 1 : 0;
  changed_.wait_until(lock, deadline,
                      [&] { return is_stopping_ || home_.store != old.store || looks_ != looks; });
  waiting_ -= is_request ? 1 : 0;
  return !is_stopping_ && (home_.store != old.store || looks_ != looks);
}

Result<void> MovingStore::write_async(std::function<Result<void>(Tx&)> body,
                                      std::function<void(Result<void>)> done) {
  Home at;
  {
    const std::lock_guard lock(mutex_);
    if (held_.size() >= options_.held_writes) {
      return fail(Code::overloaded, std::to_string(held_.size()) + " writes wait for the store");
    }
    at = home_;
  }
  auto copy = body;
  return at.store->write_async(
      std::move(copy),
      [this, body = std::move(body), done = std::move(done)](Result<void> result) mutable {
        if (result || !says_moved(result.error())) {
          if (done) done(std::move(result));
          return;
        }
        {
          const std::lock_guard lock(mutex_);
          held_.push_back({std::move(body), std::move(done)});
          is_woken_ = true;
        }
        changed_.notify_all();
      });
}

Result<std::unique_ptr<Watch>> MovingStore::watch(const std::vector<Table>& tables, Waker wake,
                                                  Reach reach) {
  auto watched = std::make_shared<Watched>();
  watched->tables = tables;
  watched->gate = std::make_shared<Gate>(std::move(wake));
  watched->reach = reach;
  const std::lock_guard lock(watching_);
  WRIT_TRY(watched->inner, home().store->watch(tables, watched->waker(), reach));
  watched_.push_back(watched);
  return std::make_unique<Handle>(*this, std::move(watched));
}

// The watch ends outside of the lock: it waits for a call under way, which may end another one.
void MovingStore::unwatch(const Watched* watched) {
  std::unique_ptr<Watch> last;
  const std::lock_guard lock(watching_);
  const auto at = std::ranges::find_if(watched_, [&](const auto& w) { return w.get() == watched; });
  if (at == watched_.end()) return;
  last = std::move((*at)->inner);
  watched_.erase(at);
}

bool MovingStore::rest(milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return is_stopping_ || is_woken_; });
  is_woken_ = false;
  return !is_stopping_;
}

void MovingStore::run() {
  do {
    look();
  } while (rest(kRound));
}

void MovingStore::hear_of_the_mark(const Home& at) {
  if (mark_ != nullptr) return;
  auto mark = at.store->watch({kMovedTable}, [this](Wake) { nudge(); }, Reach::all_processes);
  if (mark) mark_ = *std::move(mark);
}

// Each try opens both stores: the longer it takes, the less often.
bool MovingStore::pause_before_try(int tries) {
  const milliseconds wanted = options_.first_pause * (1 << std::min(tries, 16));
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, about(std::min(wanted, options_.longest_pause)),
                    [&] { return is_stopping_ || has_news_; });
  return !is_stopping_;
}

void MovingStore::look() {
  for (int tries = 0;; ++tries) {
    const Home at = home();
    hear_of_the_mark(at);
    {
      const std::lock_guard lock(mutex_);
      if (has_news_) tries = 0;
      has_news_ = false;
    }
    const auto looked = moved_to(*at.store);
    if (!looked) return;  // it does not answer: who asks it is told so
    const std::optional<Moved>& moved = *looked;
    if (!moved) return stay();
    auto has_moved_on = try_to_move(at, *moved);
    if (has_moved_on && *has_moved_on) return;
    {
      const std::lock_guard lock(mutex_);
      obstacle_.reset();
      if (!has_moved_on) obstacle_ = std::move(has_moved_on).error();
    }
    if (!pause_before_try(tries)) return;
  }
}

// The store takes writes where it is.
void MovingStore::stay() {
  {
    const std::lock_guard lock(mutex_);
    ++looks_;
    obstacle_.reset();
  }
  changed_.notify_all();
  send_held();
}

Result<bool> MovingStore::try_to_move(const Home& at, const Moved& moved) {
  WRIT_TRY(auto next, find_(at, moved, stop_.get_token()));
  if (!next) return false;
  WRIT_CHECK(move_to(at, *std::move(next)));
  return true;
}

Result<void> MovingStore::move_to(const Home& old, Home next) {
  // Most of them while others put more.
  WRIT_TRY(const std::uint64_t carried, carry_young_blobs(old, next, 0));
  std::vector<std::unique_ptr<Watch>> over;
  {
    std::unique_lock arriving(arriving_);
    WRIT_CHECK(carry_young_blobs(old, next, carried));
    const std::lock_guard watching(watching_);
    over.push_back(std::move(mark_));
    {
      const std::lock_guard lock(mutex_);
      home_ = std::move(next);
      obstacle_.reset();
      is_woken_ = true;  // the new place is looked at in its turn
    }
    arriving.unlock();
    const Home at = home();
    for (const auto& watched : watched_) {
      auto again = at.store->watch(watched->tables, watched->waker(), watched->reach);
      over.push_back(std::move(watched->inner));
      if (again) watched->inner = *std::move(again);
    }
  }
  over.clear();
  changed_.notify_all();
  return {};
}

void MovingStore::send_held() {
  std::deque<Held> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(held_);
  }
  for (Held& held : waiting) {
    auto done = held.done;
    auto queued = write_async(std::move(held.body), std::move(held.done));
    if (!queued && done) done(std::move(queued));
  }
}

Result<std::uint64_t> MovingStore::carry_young_blobs(const Home& from, const Home& to,
                                                     std::uint64_t past) {
  std::deque<Young> young;
  std::uint64_t put = 0;
  {
    const std::lock_guard lock(mutex_);
    put = put_;
    const std::size_t wanted = std::min<std::uint64_t>(young_.size(), put - past);
    young.assign(young_.end() - static_cast<std::ptrdiff_t>(wanted), young_.end());
  }
  for (const Young& one : young) {
    WRIT_TRY(const bool is_there, to.blobs->contains(one.digest));
    WRIT_TRY(const bool was_there, from.blobs->contains(one.digest));
    if (is_there || !was_there) continue;
    WRIT_TRY(const auto writer, to.blobs->create());
    WRIT_CHECK(from.blobs->stream(one.digest,
                                  [&](std::string_view piece) { return writer->write(piece); }));
    WRIT_CHECK(writer->finish());
  }
  return put;
}

void MovingStore::note_young(const crypto::Digest& digest) {
  const auto now = steady_clock::now();
  const std::lock_guard lock(mutex_);
  while (!young_.empty() && now - young_.front().since > kYouth) young_.pop_front();
  young_.push_back({now, digest});
  ++put_;
}

// What was begun before the store moved is finished where it was begun, and carried over.
class MovingStore::BlobsWriter final : public BlobWriter {
 public:
  BlobsWriter(MovingStore& store, Home home, std::unique_ptr<BlobWriter> inner)
      : store_(store), home_(std::move(home)), inner_(std::move(inner)) {}

  Result<void> write(std::string_view bytes) override {
    return wherever_it_goes([&] { return inner_->write(bytes); });
  }
  Result<BlobRef> finish() override {
    return wherever_it_goes([&] { return finish_here(); });
  }
  Result<void> read_back(const BlobSink& sink) override { return inner_->read_back(sink); }

 private:
  template <typename Step>
  auto wherever_it_goes(Step step) -> decltype(step()) {
    std::optional<steady_clock::time_point> until;
    for (;;) {
      auto done = step();
      if (done || !says_moved(done.error())) return done;
      if (!until) until = store_.deadline();
      WRIT_CHECK(go_on_elsewhere(*until));
    }
  }
  Result<BlobRef> finish_here() {
    const std::shared_lock arriving(store_.arriving_);
    auto ref = inner_->finish();
    if (!ref) return ref;
    store_.note_young(ref->digest);
    const Home now = store_.home();
    if (now.store != home_.store) WRIT_CHECK(store_.carry_young_blobs(home_, now, 0));
    return ref;
  }
  // Blobs that are rows are written to the store, as everything else.
  Result<void> go_on_elsewhere(steady_clock::time_point until) {
    for (Home left = home_;;) {
      if (!store_.await_move(left, until)) return has_moved();
      left = store_.home();
      auto writer = begun_again(*left.blobs);
      if (!writer && says_moved(writer.error())) continue;
      if (!writer) return std::unexpected(std::move(writer).error());
      inner_ = *std::move(writer);
      home_ = std::move(left);
      return {};
    }
  }
  Result<std::unique_ptr<BlobWriter>> begun_again(BlobStore& blobs) {
    WRIT_TRY(auto writer, blobs.create());
    WRIT_CHECK(inner_->read_back([&](std::string_view piece) { return writer->write(piece); }));
    return writer;
  }

  MovingStore& store_;
  Home home_;
  std::unique_ptr<BlobWriter> inner_;
};

class MovingStore::Blobs final : public BlobStore {
 public:
  explicit Blobs(MovingStore& store) : store_(store) {}

  Result<std::unique_ptr<BlobWriter>> create() override {
    Home at = store_.home();
    WRIT_TRY(auto inner, at.blobs->create());
    return std::make_unique<BlobsWriter>(store_, std::move(at), std::move(inner));
  }
  Result<std::string> read(const crypto::Digest& digest, std::uint64_t max_bytes) override {
    const Home at = store_.home();
    auto bytes = at.blobs->read(digest, max_bytes);
    if (bytes || bytes.error().code != Code::not_found) return bytes;
    WRIT_TRY(const auto elsewhere, home_after(at));
    return elsewhere ? elsewhere->blobs->read(digest, max_bytes) : std::move(bytes);
  }
  Result<void> stream(const crypto::Digest& digest, const BlobSink& sink) override {
    const Home at = store_.home();
    auto done = at.blobs->stream(digest, sink);
    if (done || done.error().code != Code::not_found) return done;
    WRIT_TRY(const auto elsewhere, home_after(at));
    return elsewhere ? elsewhere->blobs->stream(digest, sink) : std::move(done);
  }
  Result<bool> contains(const crypto::Digest& digest) override {
    const Home at = store_.home();
    WRIT_TRY(const bool is_there, at.blobs->contains(digest));
    if (is_there) return true;
    WRIT_TRY(const auto elsewhere, home_after(at));
    return elsewhere ? elsewhere->blobs->contains(digest) : false;
  }
  // A transaction of the place that the store has left does not commit, whatever is done in it.
  Result<void> add_reference(Tx& tx, const BlobRef& ref) override {
    return store_.home().blobs->add_reference(tx, ref);
  }
  Result<void> drop_reference(Tx& tx, const BlobRef& ref) override {
    return store_.home().blobs->drop_reference(tx, ref);
  }
  Result<std::uint64_t> collect_garbage(Store& store) override {
    return store_.home().blobs->collect_garbage(store);
  }

 private:
  // Where the store is now, if that is not `at`: what is not there may have been put elsewhere.
  Result<std::optional<Home>> home_after(const Home& at) {
    WRIT_CHECK(store_.read([](Tx& tx) { return moved_to(tx); }));
    Home now = store_.home();
    if (now.store == at.store) return std::nullopt;
    return std::optional(std::move(now));
  }

  MovingStore& store_;
};

std::unique_ptr<BlobStore> MovingStore::make_blobs() { return std::make_unique<Blobs>(*this); }

}  // namespace writ::store
