#pragma once
// What PostgreSQL's SQLSTATE codes mean to a caller of the store.
// Source: PostgreSQL 15, appendix A; CockroachDB and YugabyteDB use the same classes.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::store {

// What a transaction that failed so can still become.
enum class Hope : std::uint8_t {
  none,
  again,       // nothing of it took effect: the same transaction may be tried again
  new_server,  // the connection is gone: tried again on another one
};

struct PgFailure {
  Error error;
  Hope hope = Hope::none;
};

// `state`: five characters, empty where the server said nothing (the connection broke).
// `said`: the message; its first line is kept. `doing`: "committing", "reading table x".
// `place`: the store's name without secrets.
PgFailure pg_failure(std::string_view state, std::string_view said, std::string_view doing,
                     std::string_view place);

}  // namespace writ::store
