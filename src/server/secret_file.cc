#include "server/secret_file.h"

#include <string>
#include <string_view>
#include <system_error>

#include "base/file.h"

namespace writ::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSecret = 4096;

}  // namespace

Result<crypto::SecretBytes> read_secret_file(const fs::path& path) {
  std::error_code error;
  const fs::perms mode = fs::status(path, error).permissions();
  if (!error && (mode & fs::perms::others_all) != fs::perms::none) {
    return fail(Code::invalid_input, path.string() + " can be read by everybody",
                "chmod o= " + path.string());
  }
  WRIT_TRY(std::string text, read_file(path, kMaxSecret));
  const crypto::WipeOnExit wiped(text);
  std::string_view secret = text;
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.remove_suffix(1);
  if (secret.empty()) return fail(Code::invalid_input, path.string() + " is empty");
  return crypto::SecretBytes::copy_of(secret);
}

}  // namespace writ::server
