#include "identity/recovery/recovery_rows.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "base/json.h"
#include "crypto/private_file.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kRecovery{"identity_recovery"};
constexpr std::string_view kConfig = "config";
constexpr std::string_view kEpochFloor = "epoch_floor";
constexpr std::int64_t kMostKept = 1000;
constexpr std::size_t kLongestPlace = 1024;

Result<void> check_place(const std::string& place) {
  if (place.empty()) return {};
  const std::filesystem::path path(place);
  const bool is_plain = path.is_absolute() && path == path.lexically_normal() &&
                        place.size() <= kLongestPlace && place.find('\0') == std::string::npos;
  std::error_code error;
  if (is_plain && std::filesystem::is_directory(std::filesystem::symlink_status(path, error))) {
    return crypto::require_private_directory(path);
  }
  return fail(Code::invalid_input, "the place of backups is no absolute path of a directory",
              "Make a directory that nobody else may enter, and name it: /var/backups/writ");
}

}  // namespace

Object to_object(const RecoveryConfig& config) {
  return Object{{"keep", config.keep}, {"place", config.place}};
}

Result<RecoveryConfig> read_recovery_config(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kRecovery, kConfig));
  RecoveryConfig out;
  if (!row) return out;
  WRIT_TRY(const Value value, parse_json(*row));
  out.keep = value.integer_or("keep", out.keep);
  out.place = value.string_or("place", "");
  return out;
}

Result<RecoveryConfig> change_recovery_config(store::Tx& tx, const Value& patch, const Deed& deed) {
  WRIT_TRY(RecoveryConfig config, read_recovery_config(tx));
  config.keep = patch.integer_or("keep", config.keep);
  config.place = patch.string_or("place", config.place);
  if (config.keep < 1 || config.keep > kMostKept) {
    return fail(Code::invalid_input, "at least 1 backup is kept, and at most 1,000",
                "Name a number in between");
  }
  WRIT_CHECK(check_place(config.place));
  WRIT_CHECK(tx.put(kRecovery, kConfig, to_json(to_object(config))));
  WRIT_CHECK(deed.tell(tx, "writ.settings.changed", "settings/recovery", to_object(config)));
  return config;
}

Result<std::uint64_t> epoch_floor(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kRecovery, kEpochFloor));
  if (!row) return 0;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(row->data(), row->data() + row->size(), out);
  if (error == std::errc() && end == row->data() + row->size()) return out;
  return fail(Code::tampered, "the highest epoch of those who went is no number");
}

Result<void> raise_epoch_floor(store::Tx& tx, std::uint64_t epoch) {
  WRIT_TRY(const std::uint64_t floor, epoch_floor(tx));
  if (epoch <= floor) return {};
  return tx.put(kRecovery, kEpochFloor, std::to_string(epoch));
}

std::vector<store::Migration> recovery_migrations() {
  return store::make_tables("identity_recovery", "how backups are kept", {kRecovery});
}

}  // namespace writ::identity
