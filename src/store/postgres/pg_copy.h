#pragma once
// Rows for COPY … FROM STDIN in its binary form (PostgreSQL 15, "COPY", section Binary Format),
// sent in pieces while they are made.
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/postgres/pg_connection.h"

namespace writ::store {

class PgCopy {
 public:
  // `connection` is borrowed and is used for nothing else until `finish`.
  PgCopy(PgConnection& connection, const PgStatement& statement);
  void add(std::span<const std::string_view> fields);
  // Errors: of the statement, or of what was added.
  Result<void> finish();

 private:
  PgConnection& connection_;
  std::string buffer_;
};

}  // namespace writ::store
