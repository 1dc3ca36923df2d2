#include "server/decisions/buffer.h"

#include <algorithm>

#include "store/key.h"

namespace writ::server {
namespace {

using store::Key;
using store::KeyReader;
using store::Tx;

constexpr store::Table kEvents{"decision_events"};
constexpr store::Table kState{"decision_state"};
constexpr std::string_view kStateKey = "state";
// Of one row; a larger event has a row of its own.
constexpr std::size_t kRowBytes = std::size_t{256} << 10;
constexpr std::size_t kRowsAtOnce = 16;

std::vector<store::Migration> migrations() {
  return {{"decisions", 1, "buffer of decision events", {kEvents, kState}, {}, {}}};
}

// `next`: the number of the next event. `done`: the first one that is still to be delivered.
// `bytes`: of all rows.
struct State {
  std::uint64_t next = 0;
  std::uint64_t done = 0;
  std::uint64_t bytes = 0;
};

Result<State> load(Tx& tx) {
  State state;
  WRIT_TRY(const auto row, tx.get(kState, kStateKey));
  if (!row) return state;
  KeyReader reader(*row);
  WRIT_TRY(state.next, reader.number());
  WRIT_TRY(state.done, reader.number());
  WRIT_TRY(state.bytes, reader.number());
  return state;
}

Result<void> save(Tx& tx, const State& state) {
  return tx.put(kState, kStateKey,
                Key().number(state.next).number(state.done).number(state.bytes).bytes());
}

std::uint64_t count_of(std::string_view lines) {
  return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
}

Result<std::uint64_t> number_of(const store::Row& row) { return KeyReader(row.key).number(); }

// Where the row at the front of `lines` ends: behind a newline.
std::size_t row_end(std::string_view lines) {
  if (lines.size() <= kRowBytes) return lines.size();
  const std::size_t last = lines.substr(0, kRowBytes).rfind('\n');
  return (last != std::string_view::npos ? last : lines.find('\n')) + 1;
}

// Erases rows whose events are all delivered.
Result<void> erase_delivered(Tx& tx, State& state) {
  while (true) {
    WRIT_TRY(const auto rows, tx.scan(kEvents, {}, 1));
    if (rows.empty()) return {};
    WRIT_TRY(const std::uint64_t first, number_of(rows[0]));
    if (first + count_of(rows[0].value) > state.done) return {};
    WRIT_TRY(const bool is_erased, tx.erase(kEvents, rows[0].key));
    if (is_erased) state.bytes -= std::min<std::uint64_t>(state.bytes, rows[0].value.size());
  }
}

bool has_room(const State& state, std::uint64_t events, std::uint64_t bytes,
              const BufferLimits& limits) {
  const bool is_empty = state.next == state.done;  // what is too large alone comes through alone
  return is_empty ||
         (state.next - state.done + events <= limits.events && state.bytes + bytes <= limits.bytes);
}

// Lets the oldest rows go until there is room. Returns how many events went.
Result<std::uint64_t> rotate(Tx& tx, State& state, std::uint64_t events, std::uint64_t bytes,
                             const BufferLimits& limits) {
  const std::uint64_t before = state.done;
  while (!has_room(state, events, bytes, limits)) {
    WRIT_TRY(const auto rows, tx.scan(kEvents, {}, 1));
    if (rows.empty()) break;
    WRIT_TRY(const std::uint64_t first, number_of(rows[0]));
    state.done = first + count_of(rows[0].value);
    WRIT_CHECK(erase_delivered(tx, state));
  }
  return state.done - before;
}

// The rows from the one on that holds event `number`.
Result<std::vector<store::Row>> rows_from(Tx& tx, std::uint64_t number) {
  store::KeyRange before;
  before.last = Key().number(number + 1).take();
  WRIT_TRY(const auto holding, tx.scan(kEvents, before, 1, store::Order::descending));
  store::KeyRange range;
  range.first = holding.empty() ? Key().number(number).take() : holding[0].key;
  return tx.scan(kEvents, range, kRowsAtOnce);
}

// The line with this member, or nothing.
std::optional<std::string> line_with(std::string_view lines, std::string_view member) {
  const std::size_t at = lines.find(member);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t before = lines.substr(0, at).rfind('\n');
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return std::string(lines.substr(begin, lines.find('\n', at) - begin));
}

}  // namespace

Result<std::unique_ptr<DecisionBuffer>> DecisionBuffer::open(std::unique_ptr<store::Store> store) {
  WRIT_CHECK(store->migrate(migrations(), store::DryRun::no));
  return std::unique_ptr<DecisionBuffer>(new DecisionBuffer(std::move(store)));
}

Result<std::uint64_t> DecisionBuffer::append(std::string_view lines, const BufferLimits& limits) {
  return store_->write([&](Tx& tx) -> Result<std::uint64_t> {
    WRIT_TRY(State state, load(tx));
    const std::uint64_t events = count_of(lines);
    std::uint64_t gone = 0;
    if (limits.rotates) {
      WRIT_TRY(gone, rotate(tx, state, events, lines.size(), limits));
    } else if (!has_room(state, events, lines.size(), limits)) {
      return fail(Code::overloaded, "the buffer of decisions is full");
    }
    for (std::string_view rest = lines; !rest.empty();) {
      const std::string_view row = rest.substr(0, row_end(rest));
      WRIT_CHECK(tx.put(kEvents, Key().number(state.next).bytes(), row));
      state.next += count_of(row);
      state.bytes += row.size();
      rest.remove_prefix(row.size());
    }
    WRIT_CHECK(save(tx, state));
    return gone;
  });
}

Result<std::vector<KeptEvent>> DecisionBuffer::oldest(std::size_t bytes) {
  return store_->read([&](Tx& tx) -> Result<std::vector<KeptEvent>> {
    WRIT_TRY(const State state, load(tx));
    std::vector<KeptEvent> out;
    std::size_t size = 0;
    std::uint64_t next = state.done;
    while (next < state.next) {
      WRIT_TRY(const auto rows, rows_from(tx, next));
      const std::uint64_t before = next;
      for (const store::Row& row : rows) {
        WRIT_TRY(std::uint64_t number, number_of(row));
        for (std::string_view rest = row.value; !rest.empty(); ++number) {
          const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
          if (number >= next) {
            if (!out.empty() && size + end > bytes) return out;
            out.push_back({number, std::string(rest.substr(0, end))});
            size += end;
            next = number + 1;
          }
          rest.remove_prefix(end + 1);
        }
      }
      if (next == before) return fail(Code::tampered, "the buffer of decisions lacks events");
    }
    return out;
  });
}

Result<void> DecisionBuffer::remove_through(std::uint64_t number) {
  return store_->write([&](Tx& tx) -> Result<void> {
    WRIT_TRY(State state, load(tx));
    state.done = std::max(state.done, std::min(number + 1, state.next));
    WRIT_CHECK(erase_delivered(tx, state));
    return save(tx, state);
  });
}

Result<BufferUsage> DecisionBuffer::usage() {
  return store_->read([](Tx& tx) -> Result<BufferUsage> {
    WRIT_TRY(const State state, load(tx));
    return BufferUsage{state.next - state.done, state.bytes};
  });
}

Result<std::string> find_decision(store::Store& store, std::string_view decision_id) {
  const std::string member = "\"decision_id\":\"" + std::string(decision_id) + "\"";
  WRIT_TRY(const std::optional<std::string> found,
           store.read([&](Tx& tx) -> Result<std::optional<std::string>> {
             store::KeyRange range;
             while (true) {
               WRIT_TRY(const auto rows, tx.scan(kEvents, range, kRowsAtOnce));
               for (const store::Row& row : rows) {
                 if (auto line = line_with(row.value, member)) return line;
                 range.first = row.key + '\0';
               }
               if (rows.size() < kRowsAtOnce) return std::optional<std::string>();
             }
           }));
  if (found) return *found;
  return fail(Code::not_found, "no decision " + std::string(decision_id) + " is kept here",
              "Uploaded decisions leave the buffer: look in the log service and give its line "
              "with --file");
}

}  // namespace writ::server
