#include "identity/recovery/row_stream.h"

#include <utility>

#include "base/file.h"
#include "store/key.h"

namespace writ::identity {
namespace {

constexpr std::size_t kPieceBytes = 48u << 10;
constexpr std::uint64_t kPiecesOfAFile = 64;
constexpr std::size_t kMaxFile = 16u << 20;
// A row that is longer was never written: store::kMaxKeyBytes and store::kMaxValueBytes.
constexpr std::uint64_t kLongest = store::kMaxValueBytes;
constexpr std::size_t kLengthBytes = 8;

std::string record_of(BackupId backup) { return "backup/" + backup.text(); }

std::unexpected<Error> damaged(const BackupTable& table, std::string_view why) {
  return fail(Code::tampered,
              "table " + table.name + " of the backup is damaged: " + std::string(why),
              "Take another backup; this one cannot be restored");
}

// Takes bytes as they come, gives rows.
class RowParser {
 public:
  RowParser(const BackupTable& table, const std::function<Result<void>(store::Row)>& take)
      : table_(table), take_(take) {}

  Result<void> feed(std::string_view bytes) {
    rest_ += bytes;
    std::size_t at = 0;
    for (;;) {
      std::size_t next = at;
      store::Row row;
      WRIT_TRY(const bool has_key, part(next, row.key));
      WRIT_TRY(const bool has_value, has_key ? part(next, row.value) : Result<bool>(false));
      if (!has_value) break;
      sha_.update(std::string_view(rest_).substr(at, next - at));
      at = next;
      ++rows_;
      WRIT_CHECK(take_(std::move(row)));
    }
    rest_.erase(0, at);
    return {};
  }

  Result<void> finish() {
    if (!rest_.empty() || rows_ != table_.rows) return damaged(table_, "rows are missing");
    if (sha_.finish().hex() != table_.digest) return damaged(table_, "the digest is another one");
    return {};
  }

 private:
  // A part behind its length; false: it is not whole yet.
  Result<bool> part(std::size_t& at, std::string& out) const {
    if (rest_.size() - at < kLengthBytes) return false;
    WRIT_TRY(const std::uint64_t length,
             store::KeyReader(std::string_view(rest_).substr(at, kLengthBytes)).number());
    if (length > kLongest) return damaged(table_, "a row is too long");
    if (rest_.size() - at - kLengthBytes < length) return false;
    out = rest_.substr(at + kLengthBytes, length);
    at += kLengthBytes + length;
    return true;
  }

  const BackupTable& table_;
  const std::function<Result<void>(store::Row)>& take_;
  std::string rest_;
  crypto::Sha256 sha_;
  std::uint64_t rows_ = 0;
};

Result<void> read_part(const std::string& text, std::span<const crypto::KeyEncryptionKey> keks,
                       const std::string& record, const std::string& table, std::uint64_t& piece,
                       RowParser& parser) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    WRIT_TRY(const crypto::SecretBytes plain,
             crypto::open_sealed(keks, rest.substr(0, end), {record, table, ++piece}));
    WRIT_CHECK(parser.feed(plain.view()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

}  // namespace

RowWriter::RowWriter(std::filesystem::path directory, const crypto::KeyEncryptionKey& kek,
                     BackupId backup, std::string table)
    : directory_(std::move(directory)), kek_(kek), record_(record_of(backup)) {
  table_.name = std::move(table);
}

void RowWriter::put(std::string_view part) {
  const std::size_t from = plain_.size();
  plain_ += store::Key().number(part.size()).bytes();
  plain_ += part;
  sha_.update(std::string_view(plain_).substr(from));
}

Result<void> RowWriter::add(const store::Row& row) {
  ++table_.rows;
  table_.bytes += row.key.size() + row.value.size();
  put(row.key);
  put(row.value);
  return seal_pieces(kPieceBytes);
}

// Until no more than `keep` bytes wait.
Result<void> RowWriter::seal_pieces(std::size_t keep) {
  std::size_t at = 0;
  while (plain_.size() - at > keep) {
    const std::string_view piece = std::string_view(plain_).substr(at, kPieceBytes);
    WRIT_TRY(const std::string sealed, crypto::seal(kek_, piece, {record_, table_.name, ++piece_}));
    lines_.append(sealed).append("\n");
    at += piece.size();
    if (++pieces_in_file_ == kPiecesOfAFile) WRIT_CHECK(close_file());
  }
  plain_.erase(0, at);
  return {};
}

Result<void> RowWriter::close_file() {
  if (pieces_in_file_ == 0) return {};
  BackupPart part{table_.name + "-" + std::to_string(table_.parts.size() + 1),
                  crypto::sha256(lines_).hex(), pieces_in_file_};
  WRIT_CHECK(replace_file(directory_ / part.file, lines_, 0600));
  table_.parts.push_back(std::move(part));
  lines_.clear();
  pieces_in_file_ = 0;
  return {};
}

Result<BackupTable> RowWriter::finish() {
  WRIT_CHECK(seal_pieces(0));
  WRIT_CHECK(close_file());
  table_.digest = sha_.finish().hex();
  return std::move(table_);
}

Result<void> read_rows(const std::filesystem::path& directory,
                       std::span<const crypto::KeyEncryptionKey> keks, BackupId backup,
                       const BackupTable& table,
                       const std::function<Result<void>(store::Row)>& take) {
  const std::string record = record_of(backup);
  RowParser parser(table, take);
  std::uint64_t piece = 0;
  for (const BackupPart& part : table.parts) {
    const auto text = read_file(directory / part.file, kMaxFile);
    if (!text) return damaged(table, text.error().message);
    if (crypto::sha256(*text).hex() != part.sha256) {
      return damaged(table, "the file " + part.file + " was changed");
    }
    const std::uint64_t before = piece;
    WRIT_CHECK(read_part(*text, keks, record, table.name, piece, parser));
    if (piece - before != part.pieces) return damaged(table, "pieces are missing");
  }
  return parser.finish();
}

}  // namespace writ::identity
