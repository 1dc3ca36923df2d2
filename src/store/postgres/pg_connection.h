#pragma once
// One connection to PostgreSQL in pipeline mode: statements are queued and sent together, so that
// a transaction costs as many round trips as it needs answers. The only file that knows libpq.
//
// One thread at a time. What breaks (`failure`) stays until `forget_failure`; a connection whose
// session is lost says so (`is_lost`) and is of no further use.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/postgres/pg_error.h"

struct pg_conn;
struct pg_result;

namespace writ::store {

// Eight bytes, big-endian: how PostgreSQL reads a bigint.
std::string int8(std::uint64_t number);

// A `postgresql://` URL as libpq reads it, without password and options: for messages.
std::string place_of(const std::string& url);

struct PgSettings {
  std::string url;
  // How long a statement may wait for another transaction's lock.
  std::chrono::milliseconds lock_timeout{5'000};
  // How long an answer may take before the connection is given up.
  std::chrono::milliseconds answer_timeout{30'000};
  // Writes although the store has moved.
  bool passes_fence = false;
};

// The rows of one statement. Owns what libpq allocated; views are valid as long as it lives.
class PgRows {
 public:
  explicit PgRows(pg_result* result) : result_(result) {}

  std::size_t size() const;
  std::string_view at(std::size_t row, int column) const;
  bool is_null(std::size_t row, int column) const;
  // Rows that an INSERT or DELETE changed.
  std::size_t changed() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

// A transaction of a session, as a database can be asked about it.
struct Mark {
  std::string session;  // 16 random bytes
  std::string number;   // of the transaction among those that write; eight bytes, big-endian
};

// How a statement's values travel.
enum class Wire : std::uint8_t { binary, text };

struct PgStatement {
  // Statements with a name are prepared once for each connection.
  std::string name;
  std::string sql;
  // For messages: "reading table x".
  std::string doing;
  Wire answer = Wire::binary;
};

class PgConnection {
 public:
  // Connects and sets up the session. Blocks for at most five seconds unless the URL says so.
  // Errors: those of pg_failure.
  static Result<std::unique_ptr<PgConnection>> open(const PgSettings& settings);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // Puts a statement with binary parameters behind those queued before; nothing is waited for
  // unless much is queued. Parameters are copied.
  void queue(const PgStatement& statement, std::span<const std::string_view> parameters = {});
  // For COPY … FROM STDIN, which does not go through the pipeline: begin, bytes in pieces, end.
  // What is queued is sent before. A failure in between shows at the end.
  void begin_copy(const PgStatement& statement);
  void copy(std::string_view bytes);
  Result<void> end_copy();

  // Puts a statement behind the end of what is queued, in the same round trip and in a transaction
  // of its own, whose outcome matters to nobody. A server that does not know it is not asked again.
  void queue_aside(const PgStatement& statement, std::span<const std::string_view> parameters = {});
  // Sends what is queued and waits for all answers. Rows of the last statement; an error if that
  // or one before it failed, now or since the last forget_failure.
  Result<PgRows> answer();

  // Asks the server whether the session still lives.
  bool is_alive();
  // What other sessions have notified this one of, once there is something, `stop` (a file
  // descriptor) can be read, or the time is up; then, and when the connection breaks, nothing.
  std::vector<std::string> hear(std::chrono::steady_clock::time_point deadline, int stop);

  // Of the next transaction that writes.
  Mark next_mark();

  // The first failure since forget_failure.
  const std::optional<PgFailure>& failure() const { return failure_; }
  // SQLSTATE of that failure; empty where the server said nothing.
  const std::string& failed_state() const { return failed_state_; }
  // Ends a transaction that failed.
  void forget_failure();
  bool is_lost() const;
  // Neither failed nor in a transaction: fit for the next who needs a connection.
  bool is_idle() const;
  std::chrono::steady_clock::time_point last_used() const { return last_used_; }
  const std::string& place() const { return place_; }

 private:
  enum class Step : std::uint8_t { prepare, execute, sync };
  struct Pending {
    Step step;
    std::string doing;
    std::string name;  // of what is prepared
    bool is_aside = false;
  };
  using Deadline = std::chrono::steady_clock::time_point;

  explicit PgConnection(const PgSettings& settings);
  Result<void> set_up();
  void make_room();
  void send(const PgStatement& statement, std::span<const std::string_view> parameters);
  void prepare(const PgStatement& statement);
  void note(bool is_queued, Step step, const PgStatement& statement);
  bool flush(Deadline deadline);
  bool wait(bool for_writing, Deadline deadline);
  // The next result of the pipeline; null at the end of a statement or when the session is lost.
  pg_result* next(Deadline deadline);
  // Rows of what was executed; nothing where it failed.
  std::optional<PgRows> take_answer(const Pending& pending, Deadline deadline);
  void take_sync(Deadline deadline);
  void take_end_of_copy(const pg_result* outcome);
  Deadline answer_deadline() const;
  void note_failure(const pg_result* result, const Pending& pending);
  void fail_with(std::string_view state, std::string_view said, std::string_view doing);
  void lose(std::string_view said);

  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  const PgSettings settings_;
  const std::string place_;
  std::unique_ptr<pg_conn, Finish> connection_;
  std::set<std::string, std::less<>> prepared_;
  std::deque<Pending> pending_;
  std::size_t queued_bytes_ = 0;
  bool is_aside_ = false;  // what is being queued
  bool are_asides_refused_ = false;
  bool is_copying_ = false;
  bool is_lost_ = false;
  std::string session_;
  std::uint64_t marks_ = 0;
  std::optional<PgFailure> failure_;
  std::string failed_state_;
  std::chrono::steady_clock::time_point last_used_;
};

}  // namespace writ::store
