#include "store/postgres/pg_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

#include "base/random.h"

namespace writ::store {
namespace {

using std::chrono::steady_clock;

// What is queued beyond this is sent and its answers are read, so that neither side's buffers
// grow without end.
constexpr std::size_t kMostQueued = 256;
constexpr std::size_t kMostQueuedBytes = 1u << 20;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

struct ClearAnswer {
  void operator()(pg_result* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<pg_result, ClearAnswer>;

// Where the URL does not say otherwise. A server that is gone without a word is noticed after
// half a minute.
constexpr std::array<std::array<const char*, 2>, 8> kDefaults = {{
    {"connect_timeout", "5"},
    {"application_name", "writ"},
    {"client_encoding", "UTF8"},
    {"keepalives", "1"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "20000"},
}};

pg_conn* connect(const std::string& url) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : kDefaults) {
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back("dbname");  // read as a URL; what it says counts before what stands above
  values.push_back(url.c_str());
  names.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectdbParams(names.data(), values.data(), 1);
}

std::string_view state_of(const pg_result* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : std::string_view(state);
}

std::string_view message_of(const pg_result* result) {
  const char* const said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return said == nullptr ? PQresultErrorMessage(result) : said;
}

bool is_failed(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
         status == PGRES_PIPELINE_ABORTED;
}

const PgStatement kPing{"writ_ping", "SELECT 1", "asking whether the connection lives", Wire::text};

PgStatement setting(std::string sql) {
  return {{}, std::move(sql), "setting up the connection", Wire::text};
}

}  // namespace

std::string place_of(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(url.c_str(), nullptr));
  const auto value = [&](std::string_view keyword) -> std::string {
    for (const PQconninfoOption* at = options.get(); at != nullptr && at->keyword; ++at) {
      if (at->keyword == keyword && at->val != nullptr) return at->val;
    }
    return {};
  };
  std::string host = value("host");
  if (!value("port").empty()) host += ":" + value("port");
  const std::string user = value("user");
  return "postgresql://" + (user.empty() ? host : user + "@" + host) + "/" + value("dbname");
}

std::string int8(std::uint64_t number) {
  std::string out(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(number >> (56 - 8 * i));
  return out;
}

void PgRows::Clear::operator()(pg_result* result) const { PQclear(result); }

std::size_t PgRows::size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }

std::string_view PgRows::at(std::size_t row, int column) const {
  const int index = static_cast<int>(row);
  return {PQgetvalue(result_.get(), index, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), index, column))};
}

bool PgRows::is_null(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}

std::size_t PgRows::changed() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::size_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

void PgConnection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

PgConnection::PgConnection(const PgSettings& settings)
    : settings_(settings), place_(place_of(settings.url)), last_used_(steady_clock::now()) {
  std::array<std::uint8_t, 16> id{};
  SystemRandom().fill(id);
  session_.assign(id.begin(), id.end());
}

PgConnection::~PgConnection() = default;

Result<std::unique_ptr<PgConnection>> PgConnection::open(const PgSettings& settings) {
  std::unique_ptr<PgConnection> out(new PgConnection(settings));
  out->connection_.reset(connect(settings.url));
  pg_conn* const connection = out->connection_.get();
  if (connection == nullptr) return fail(Code::unavailable, "no memory for a connection");
  if (PQstatus(connection) != CONNECTION_OK) {
    // libpq gives no code for what the server refuses before there is a session.
    std::string_view said = PQerrorMessage(connection);
    std::string_view state;
    if (said.contains("does not exist") && said.contains("database")) state = "3D000";
    if (said.contains("authentication failed") || said.contains("no password")) state = "28000";
    if (const auto fatal = said.find("FATAL:"); fatal != std::string_view::npos) {
      said = said.substr(fatal + 6);
      said = said.substr(std::min(said.find_first_not_of(' '), said.size()));
    }
    return std::unexpected(pg_failure(state, said, "connecting", out->place_).error);
  }
  WRIT_CHECK(out->set_up());
  return out;
}

Result<void> PgConnection::set_up() {
  // What the server remarks beside its answers is for its own log.
  PQsetNoticeReceiver(connection_.get(), [](void*, const pg_result*) {}, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) {
    return fail(Code::unavailable, "cannot set up a connection to " + place_);
  }
  // Durable whatever the server's default; a session that is forgotten in a transaction ends.
  queue(setting("SET synchronous_commit = on"));
  queue(setting("SET idle_in_transaction_session_timeout = '120s'"));
  queue(setting(fmt::format("SET lock_timeout = '{}ms'", settings_.lock_timeout.count())));
  queue(setting(fmt::format("SET statement_timeout = '{}ms'", settings_.answer_timeout.count())));
  if (settings_.passes_fence) queue(setting("SET writ.passes_fence = 'on'"));
  WRIT_CHECK(answer());
  return {};
}

void PgConnection::fail_with(std::string_view state, std::string_view said,
                             std::string_view doing) {
  if (failure_) return;
  failure_ = pg_failure(state, said, doing, place_);
  failed_state_ = state;
}

void PgConnection::lose(std::string_view said) {
  fail_with({}, said, pending_.empty() ? "waiting for an answer" : pending_.front().doing);
  is_lost_ = true;
  pending_.clear();
  queued_bytes_ = 0;
}

void PgConnection::note(bool is_queued, Step step, const PgStatement& statement) {
  if (!is_queued) return lose(PQerrorMessage(connection_.get()));
  pending_.push_back({step, statement.doing, statement.name, is_aside_});
}

void PgConnection::prepare(const PgStatement& statement) {
  if (statement.name.empty() || is_lost_ || !prepared_.insert(statement.name).second) return;
  note(PQsendPrepare(connection_.get(), statement.name.c_str(), statement.sql.c_str(), 0,
                     nullptr) == 1,
       Step::prepare, statement);
}

void PgConnection::queue(const PgStatement& statement,
                         std::span<const std::string_view> parameters) {
  make_room();
  send(statement, parameters);
}

void PgConnection::send(const PgStatement& statement,
                        std::span<const std::string_view> parameters) {
  prepare(statement);
  if (is_lost_) return;
  std::array<const char*, 4> values{};
  std::array<int, 4> lengths{};
  std::array<int, 4> formats{};
  WRIT_ASSERT(parameters.size() <= values.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    values[i] = parameters[i].data() == nullptr ? "" : parameters[i].data();  // null is NULL
    lengths[i] = static_cast<int>(parameters[i].size());
    formats[i] = 1;
    queued_bytes_ += parameters[i].size();
  }
  const int count = static_cast<int>(parameters.size());
  const int format = statement.answer == Wire::binary ? 1 : 0;
  const int sent = statement.name.empty()
                       ? PQsendQueryParams(connection_.get(), statement.sql.c_str(), count, nullptr,
                                           values.data(), lengths.data(), formats.data(), format)
                       : PQsendQueryPrepared(connection_.get(), statement.name.c_str(), count,
                                             values.data(), lengths.data(), formats.data(), format);
  note(sent == 1, Step::execute, statement);
}

void PgConnection::queue_aside(const PgStatement& statement,
                               std::span<const std::string_view> parameters) {
  if (is_lost_ || are_asides_refused_) return;
  if (PQpipelineSync(connection_.get()) != 1) return lose(PQerrorMessage(connection_.get()));
  pending_.push_back({Step::sync, {}, {}, false});
  is_aside_ = true;
  send(statement, parameters);
  is_aside_ = false;
}

// Before a statement is queued and never after: the rows of the last one are somebody's answer.
void PgConnection::make_room() {
  if (pending_.size() < kMostQueued && queued_bytes_ < kMostQueuedBytes) return;
  // A failure stays noted and shows with the next answer.
  static_cast<void>(answer());
}

bool PgConnection::wait(bool for_writing, Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  if (left.count() <= 0) {
    lose("no answer in time");
    return false;
  }
  pollfd at{PQsocket(connection_.get()), POLLIN, 0};
  if (for_writing) at.events = POLLIN | POLLOUT;
  const int ready = ::poll(&at, 1, static_cast<int>(left.count()));
  if (ready < 0 && errno != EINTR) {
    lose(std::strerror(errno));
    return false;
  }
  if (ready > 0 && (at.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_.get()) != 1) {
    lose(PQerrorMessage(connection_.get()));
    return false;
  }
  return true;
}

bool PgConnection::flush(Deadline deadline) {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) return true;
    // What the server said before it hung up is still to be read.
    if (left < 0 && PQconsumeInput(connection_.get()) != 1) {
      lose(PQerrorMessage(connection_.get()));
      return false;
    }
    if (left < 0) return true;
    if (!wait(true, deadline)) return false;
  }
}

pg_result* PgConnection::next(Deadline deadline) {
  while (PQisBusy(connection_.get()) != 0) {
    if (!flush(deadline) || !wait(false, deadline)) return nullptr;
  }
  return PQgetResult(connection_.get());
}

std::optional<PgRows> PgConnection::take_answer(const Pending& pending, Deadline deadline) {
  pg_result* const result = next(deadline);
  if (result == nullptr) {
    lose(PQerrorMessage(connection_.get()));
    return std::nullopt;
  }
  PgRows rows(result);
  const bool has_failed = is_failed(PQresultStatus(result));
  if (has_failed) note_failure(result, pending);
  if (is_lost_) return std::nullopt;
  if (pg_result* const end = next(deadline); end != nullptr) {  // a null ends each statement
    PQclear(end);
    lose("an answer too many");
  }
  if (is_lost_ || has_failed || pending.step == Step::prepare || pending.is_aside)
    return std::nullopt;
  return rows;
}

void PgConnection::note_failure(const pg_result* result, const Pending& pending) {
  if (pending.step == Step::prepare) prepared_.erase(pending.name);
  const std::string_view state = state_of(result);
  if (pending.is_aside) {
    are_asides_refused_ = are_asides_refused_ || state == "42883" || state == "0A000";
  } else {
    fail_with(state, message_of(result), pending.doing);
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) lose({});
}

void PgConnection::take_sync(Deadline deadline) {
  pg_result* const result = next(deadline);
  const bool is_sync = result != nullptr && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
  if (!is_lost_ && !is_sync) lose(PQerrorMessage(connection_.get()));
  PQclear(result);
}

Result<PgRows> PgConnection::answer() {
  std::optional<PgRows> last;
  if (!is_lost_) {
    const Deadline deadline = answer_deadline();
    if (PQpipelineSync(connection_.get()) != 1) lose(PQerrorMessage(connection_.get()));
    if (!is_lost_) flush(deadline);
    while (!is_lost_ && !pending_.empty()) {
      const Pending pending = pending_.front();
      if (pending.step == Step::sync) {
        take_sync(deadline);
      } else if (auto rows = take_answer(pending, deadline)) {
        last = std::move(rows);
      }
      if (!is_lost_) pending_.pop_front();
    }
    if (!is_lost_) take_sync(deadline);
    queued_bytes_ = 0;
    last_used_ = steady_clock::now();
  }
  if (failure_) return std::unexpected(failure_->error);
  if (!last) return fail(Code::internal, "an answer was asked for without a question");
  return *std::move(last);
}

PgConnection::Deadline PgConnection::answer_deadline() const {
  return steady_clock::now() + settings_.answer_timeout +
         std::chrono::seconds(5);  // the server gives up first
}

void PgConnection::begin_copy(const PgStatement& statement) {
  if (!pending_.empty()) static_cast<void>(answer());  // a failure shows at the end
  if (is_lost_ || failure_) return;
  if (PQexitPipelineMode(connection_.get()) != 1 ||
      PQsendQuery(connection_.get(), statement.sql.c_str()) != 1) {
    return lose(PQerrorMessage(connection_.get()));
  }
  pending_.push_back({Step::execute, statement.doing, {}, false});
  is_copying_ = true;
  const Answer begun(next(answer_deadline()));
  const bool goes_on = PQresultStatus(begun.get()) == PGRES_COPY_IN;
  if (!goes_on) take_end_of_copy(begun.get());
}

void PgConnection::copy(std::string_view bytes) {
  const Deadline deadline = answer_deadline();
  while (is_copying_ && !is_lost_) {
    const int sent = PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (sent > 0) return;
    // Zero: the buffer is full until some of it has been sent.
    if (sent < 0) return lose(PQerrorMessage(connection_.get()));
    if (!flush(deadline)) return;
  }
}

Result<void> PgConnection::end_copy() {
  const Deadline deadline = answer_deadline();
  while (is_copying_ && !is_lost_) {
    const int ended = PQputCopyEnd(connection_.get(), nullptr);
    if (ended < 0) lose(PQerrorMessage(connection_.get()));
    if (ended == 0) flush(deadline);
    if (ended > 0) take_end_of_copy(Answer(next(deadline)).get());
  }
  if (failure_) return std::unexpected(failure_->error);
  return {};
}

// The outcome, and back into the pipeline.
void PgConnection::take_end_of_copy(const pg_result* outcome) {
  is_copying_ = false;
  if (!is_lost_ && outcome == nullptr) lose(PQerrorMessage(connection_.get()));
  if (is_lost_) return;
  const Pending pending = pending_.front();
  pending_.pop_front();
  if (PQresultStatus(outcome) != PGRES_COMMAND_OK) note_failure(outcome, pending);
  if (is_lost_) return;
  const Answer end(next(answer_deadline()));  // a null ends each statement
  if (!is_lost_ && (end || PQenterPipelineMode(connection_.get()) != 1)) {
    lose(PQerrorMessage(connection_.get()));
  }
}

bool PgConnection::is_alive() {
  queue(kPing);
  return answer().has_value();
}

std::vector<std::string> PgConnection::hear(Deadline deadline, int stop) {
  std::vector<std::string> out;
  const auto take = [&] {
    while (PGnotify* const heard = PQnotifies(connection_.get())) {
      out.emplace_back(heard->extra);
      PQfreemem(heard);
    }
  };
  take();  // what came along with an answer
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  if (is_lost_ || !out.empty() || left.count() <= 0) return out;
  std::array<pollfd, 2> at{{{PQsocket(connection_.get()), POLLIN, 0}, {stop, POLLIN, 0}}};
  const int ready = ::poll(at.data(), at.size(), static_cast<int>(left.count()));
  if (ready <= 0 || at[0].revents == 0) return out;
  if (PQconsumeInput(connection_.get()) != 1) lose(PQerrorMessage(connection_.get()));
  take();
  return out;
}

Mark PgConnection::next_mark() { return {session_, int8(++marks_)}; }

void PgConnection::forget_failure() {
  if (is_lost_) return;
  failure_.reset();
  failed_state_.clear();
}

bool PgConnection::is_lost() const { return is_lost_; }

bool PgConnection::is_idle() const {
  return !is_lost_ && !failure_ && pending_.empty() &&
         PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

}  // namespace writ::store
