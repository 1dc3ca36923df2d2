#include "identity/server_secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "crypto/random_bytes.h"

namespace writ::identity {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 64u << 10;

std::unexpected<Error> no_secrets(const fs::path& path, std::string_view why) {
  return fail(Code::invalid_input, path.string() + " " + std::string(why),
              "Bring it back from a backup: what it seals cannot be read without it");
}

Object fresh_key() {
  Object out;
  out.append("id", to_hex(as_bytes(crypto::random_bytes(8))));
  out.append("key", to_base64(crypto::random_secret(crypto::kKekSize).view()));
  return out;
}

std::unexpected<Error> cannot_make(const fs::path& path) {
  return fail(Code::storage_failed,
              "cannot make " + path.string() + ": " + std::generic_category().message(errno));
}

// The entry is on the disk before anything is sealed with what the file holds.
Result<void> sync_directory(const fs::path& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return cannot_make(path);
  const int done = ::fsync(directory);
  ::close(directory);
  if (done != 0) return cannot_make(path);
  return {};
}

// Whole, or not at all, and never in the place of another's: servers that start at the same time
// all read the file that was first.
Result<void> link_file(const fs::path& path, std::string_view text) {
  fs::path draft = path;
  draft += "." + to_hex(as_bytes(crypto::random_bytes(8)));
  WRIT_CHECK(replace_file(draft, text, 0600));
  const bool is_linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  auto failed = cannot_make(path);
  (void)::unlink(draft.c_str());
  if (!is_linked) return failed;
  return sync_directory(path.parent_path());
}

Result<void> make_file(const fs::path& path) {
  Object file;
  file.append("keks", Array{fresh_key()});
  file.append("peppers", Array{fresh_key()});
  WRIT_CHECK(make_directory(path.parent_path(), 0700));
  std::string text = to_pretty_json(Value(std::move(file)));
  const crypto::WipeOnExit wiped(text);
  return link_file(path, text);
}

// Calls `take` with id and key of each entry of a list.
template <typename F>
Result<void> each_key(const fs::path& path, const Value& file, std::string_view list, F take) {
  const Value* const keys = file.find(list);
  if (keys == nullptr || !keys->is_array() || keys->as_array().empty()) {
    return no_secrets(path, "has no `" + std::string(list) + "`");
  }
  for (const Value& entry : keys->as_array()) {
    auto key = parse_base64(entry.string_or("key", ""));
    if (!key) return no_secrets(path, "holds a key that is not base64");
    const crypto::WipeOnExit wiped(*key);
    WRIT_CHECK(take(entry.string_or("id", ""), crypto::SecretBytes::copy_of(*key)));
  }
  return {};
}

// What others than this server may do with the file; a group that lends it may read.
mode_t rights_to_spare(const struct stat& file) {
  const mode_t lent = file.st_uid == ::geteuid() ? 0 : S_IRGRP;
  return file.st_mode & (S_IRWXG | S_IRWXO) & ~lent;
}

Result<void> require_private(const fs::path& path, IfMissing missing) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) {
    if (errno != ENOENT) {
      return fail(Code::storage_failed, "cannot look at " + path.string() + ": " +
                                            std::generic_category().message(errno));
    }
    if (missing == IfMissing::make) return make_file(path);
    return fail(Code::not_found, path.string() + " is not there, and there are accounts already",
                "Bring it back from a backup, or share that of the other servers: what it seals "
                "cannot be read without it");
  }
  if (rights_to_spare(file) != 0) return no_secrets(path, "may be read by others than its owner");
  return {};
}

}  // namespace

Result<ServerSecrets> load_server_secrets(const fs::path& path, IfMissing missing) {
  WRIT_CHECK(require_private(path, missing));
  WRIT_TRY(std::string text, read_file(path, kMaxFile));
  const crypto::WipeOnExit wiped(text);
  const auto file = parse_json(text);
  if (!file) return no_secrets(path, "is not JSON");
  ServerSecrets out;
  WRIT_CHECK(each_key(path, *file, "keks",
                      [&](std::string_view id, crypto::SecretBytes key) -> Result<void> {
                        WRIT_TRY(auto kek, crypto::make_kek(id, std::move(key)));
                        out.keks.push_back(std::move(kek));
                        return {};
                      }));
  WRIT_CHECK(each_key(path, *file, "peppers",
                      [&](std::string_view id, crypto::SecretBytes key) -> Result<void> {
                        out.peppers.push_back({std::string(id), std::move(key)});
                        return {};
                      }));
  return out;
}

}  // namespace writ::identity
