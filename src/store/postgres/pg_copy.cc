#include "store/postgres/pg_copy.h"

#include <cstddef>
#include <cstdint>

namespace writ::store {
namespace {

// Sent when it has grown to this.
constexpr std::size_t kPiece = 256u << 10;
// Signature, flags, length of the header's extension.
constexpr std::string_view kHeader("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\xff\xff", 2);

void put_number(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i));
}

}  // namespace

PgCopy::PgCopy(PgConnection& connection, const PgStatement& statement)
    : connection_(connection), buffer_(kHeader) {
  connection_.begin_copy(statement);
}

void PgCopy::add(std::span<const std::string_view> fields) {
  put_number(buffer_, fields.size(), 2);
  for (const std::string_view field : fields) {
    put_number(buffer_, field.size(), 4);
    buffer_ += field;
  }
  if (buffer_.size() < kPiece) return;
  connection_.copy(buffer_);
  buffer_.clear();
}

Result<void> PgCopy::finish() {
  buffer_ += kTrailer;
  connection_.copy(buffer_);
  return connection_.end_copy();
}

}  // namespace writ::store
