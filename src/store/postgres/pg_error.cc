#include "store/postgres/pg_error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace writ::store {
namespace {

// `state`: a whole code, or its class (two characters). Sorted; the longest that fits counts.
struct Meaning {
  std::string_view state;
  Code code;
  Hope hope;
  std::string_view remedy;
};

constexpr std::string_view kReach = "Check that the database runs and can be reached, then retry";
constexpr std::string_view kTwice = "Retry: another server made the same";
constexpr std::string_view kRights = "Give the store's role the rights on its schema `writ`";

constexpr std::array kMeanings = {
    Meaning{"08", Code::unavailable, Hope::new_server, kReach},
    Meaning{"23505", Code::unavailable, Hope::again, kTwice},
    Meaning{"23514", Code::unavailable, Hope::none, "Retry: the store has moved"},
    Meaning{"25006", Code::unavailable, Hope::new_server, "Name the primary, not a standby"},
    Meaning{"25P03", Code::unavailable, Hope::new_server, "Retry"},
    Meaning{"28", Code::not_permitted, Hope::none, "Check the role and its password"},
    Meaning{"3D000", Code::not_found, Hope::none, "Create the database first: createdb NAME"},
    Meaning{"40", Code::unavailable, Hope::again, "Retry when fewer servers write the same rows"},
    Meaning{"40003", Code::unavailable, Hope::none, "Look whether it took effect, then retry"},
    Meaning{"42501", Code::not_permitted, Hope::none, kRights},
    Meaning{"42710", Code::unavailable, Hope::again, kTwice},
    Meaning{"42P06", Code::unavailable, Hope::again, kTwice},
    Meaning{"42P07", Code::unavailable, Hope::again, kTwice},
    Meaning{"53", Code::unavailable, Hope::again, "Give the database more room, then retry"},
    Meaning{"53100", Code::storage_failed, Hope::none, "Free disk space of the database"},
    Meaning{"53300", Code::unavailable, Hope::new_server, "Allow the database more connections"},
    Meaning{"54000", Code::invalid_input, Hope::none, "Keep large bytes as a blob"},
    Meaning{"55P03", Code::unavailable, Hope::again, "Retry when the other server is done"},
    Meaning{"57014", Code::timed_out, Hope::none, {}},
    Meaning{"57P", Code::unavailable, Hope::new_server, kReach},
    Meaning{"58", Code::storage_failed, Hope::none, "Look into the database's log"},
    Meaning{"XX001", Code::tampered, Hope::none, "Restore the database from a backup"},
    Meaning{"XX002", Code::tampered, Hope::none, "Rebuild the index (REINDEX), then check again"},
};

const Meaning* meaning_of(std::string_view state) {
  const Meaning* best = nullptr;
  for (const Meaning& row : kMeanings) {
    if (!state.starts_with(row.state)) continue;
    if (best == nullptr || row.state.size() > best->state.size()) best = &row;
  }
  return best;
}

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

PgFailure pg_failure(std::string_view state, std::string_view said, std::string_view doing,
                     std::string_view place) {
  std::string message = "the store " + std::string(place) + " failed while " + std::string(doing);
  if (const auto line = first_line(said); !line.empty()) message += ": " + std::string(line);
  if (state.empty()) {
    return {fail(Code::unavailable, std::move(message), std::string(kReach)).error(),
            Hope::new_server};
  }
  message += " (SQLSTATE " + std::string(state) + ")";
  const Meaning* const row = meaning_of(state);
  if (row == nullptr) return {fail(Code::internal, std::move(message)).error(), Hope::none};
  return {fail(row->code, std::move(message), std::string(row->remedy)).error(), row->hope};
}

}  // namespace writ::store
