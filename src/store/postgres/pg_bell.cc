#include "store/postgres/pg_bell.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"

namespace writ::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// PostgreSQL takes payloads of less than 8,000 bytes. Where the names are longer it says none,
// which is any.
constexpr std::size_t kMostNews = 7'900;

// Between two attempts to connect.
constexpr milliseconds kFirstWait{20};
constexpr milliseconds kLongestWait{1'000};

// Its commit changes nothing that could be lost, and others wait for it.
const PgStatement kRing{
    "writ_ring",
    "SELECT set_config('synchronous_commit', 'off', true), pg_notify('writ_changed', $1)",
    "telling the other servers", Wire::text};

std::string random_name() {
  std::array<std::uint8_t, 8> bytes{};
  SystemRandom().fill(bytes);
  return to_hex(bytes);
}

// Nobody waits for the listener but its end, so it gives up sooner than others.
PgSettings impatient(PgSettings settings) {
  settings.answer_timeout = std::min(settings.answer_timeout, milliseconds(5'000));
  return settings;
}

bool is_refused(const std::optional<PgFailure>& failure) {
  return failure && failure->hope == Hope::none;
}

}  // namespace

PgBell::PgBell(const PgSettings& settings, WatchHub& hub, BellSettings bell)
    : settings_(impatient(settings)),
      bell_(std::move(bell)),
      hub_(hub),
      name_(random_name()),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

PgBell::~PgBell() {
  is_stopping_ = true;
  ::eventfd_write(stop_, 1);
  if (thread_.joinable()) thread_.join();
  ::close(stop_);
}

void PgBell::ring(PgConnection& connection, const TablesWritten& tables) const {
  if (tables.is_empty()) return;
  std::string news = name_;
  for (const std::string& table : tables.names()) news += " " + table;
  if (news.size() > kMostNews) news = name_;
  connection.queue_aside(kRing, std::array{std::string_view(news)});
}

void PgBell::listen() {
  std::call_once(begun_, [this] { thread_ = std::thread([this] { run(); }); });
}

void PgBell::run() {
  for (milliseconds wait = kFirstWait; !is_stopping_; wait = std::min(kLongestWait, 2 * wait)) {
    if (const auto connection = PgConnection::open(settings_); connection) {
      (*connection)->queue({{}, bell_.listen, "beginning to listen", Wire::text});
      const bool listens = (*connection)->answer().has_value();
      if (listens) {
        listen_on(**connection);
        wait = kFirstWait;
      } else if (is_refused((*connection)->failure())) {
        return call_now_and_then();
      }
    }
    pause(wait);
  }
}

void PgBell::listen_on(PgConnection& connection) {
  hub_.perhaps();  // of what came before this connection nobody was told
  auto round_ends = steady_clock::now() + bell_.round;
  while (!is_stopping_ && !connection.is_lost()) {
    for (const std::string& news : connection.hear(round_ends, stop_)) tell(news);
    if (is_stopping_ || steady_clock::now() < round_ends) continue;
    if (!connection.is_alive()) return;
    hub_.perhaps();
    round_ends = steady_clock::now() + bell_.round;
  }
}

void PgBell::call_now_and_then() {
  while (!is_stopping_) {
    hub_.perhaps();
    pause(bell_.unheard_round);
  }
}

void PgBell::tell(std::string_view news) {
  const auto take_word = [&news] {
    const std::string_view word = news.substr(0, news.find(' '));
    news.remove_prefix(std::min(news.size(), word.size() + 1));
    return word;
  };
  if (take_word() == name_) return;
  if (news.empty()) return hub_.perhaps();
  TablesWritten tables;
  while (!news.empty()) tables.note(take_word());
  hub_.changed(tables);
}

void PgBell::pause(milliseconds time) const {
  pollfd at{stop_, POLLIN, 0};
  ::poll(&at, 1, static_cast<int>(time.count()));
}

}  // namespace writ::store
