#include "cli/policy_bundle_options.h"

#include "base/file.h"

namespace writ::cli {
namespace {

constexpr std::size_t kLargestKey = std::size_t{1} << 20;
constexpr std::string_view kKeyId = "default";

// A key is given as a file, or as itself where there is no such file.
Result<std::string> key_text(const CommandContext& context, const std::string& given) {
  std::error_code error;
  const std::filesystem::path path = context.path(given);
  if (given.contains('\n') || !std::filesystem::is_regular_file(path, error)) return given;
  return read_file(path, kLargestKey);
}

// A secret in a file ends where its line ends.
std::string as_secret(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string fitting(const std::string& algorithm, std::string key) {
  return algorithm.starts_with("HS") ? as_secret(std::move(key)) : key;
}

}  // namespace

Result<std::optional<rego::BundleVerification>> bundle_verification(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  const auto given = arguments.value("--verification-key");
  if (!given) return std::optional<rego::BundleVerification>();
  rego::BundleKey key;
  key.algorithm = arguments.value("--signing-alg").value_or(key.algorithm);
  WRIT_TRY(std::string text, key_text(context, *given));
  key.key = fitting(key.algorithm, std::move(text));
  rego::BundleVerification out;
  out.key_id = arguments.value("--verification-key-id").value_or(std::string(kKeyId));
  out.keys.emplace(out.key_id, std::move(key));
  out.scope = arguments.value("--scope").value_or("");
  out.excluded = arguments.values("--exclude-files-verify");
  return std::optional(std::move(out));
}

Result<std::optional<rego::BundleSigning>> bundle_signing(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  const auto given = arguments.value("--signing-key");
  if (!given) return std::optional<rego::BundleSigning>();
  rego::BundleSigning out;
  out.algorithm = arguments.value("--signing-alg").value_or(out.algorithm);
  WRIT_TRY(std::string text, key_text(context, *given));
  out.key = fitting(out.algorithm, std::move(text));
  out.scope = arguments.value("--scope").value_or("");
  if (const auto claims = arguments.value("--claims-file")) {
    WRIT_TRY(out.claims, read_file(context.path(*claims), kLargestKey));
  }
  return std::optional(std::move(out));
}

}  // namespace writ::cli
