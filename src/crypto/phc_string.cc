#include "crypto/phc_string.h"

#include <sodium.h>

#include <array>
#include <charconv>

namespace writ::crypto {
namespace {

constexpr std::string_view kPlainName = "argon2id";
constexpr std::string_view kPepperedName = "argon2id-pepper";
constexpr std::string_view kVersion = "v=19";
constexpr std::string_view kKeyId = ",keyid=";
constexpr std::uint32_t kLeastMemory = 8;  // KiB, RFC 9106 section 3.1
// A longer text than libsodium's longest with a pepper's id is none of ours.
constexpr std::size_t kMaxText = crypto_pwhash_STRBYTES + 64;

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// "m=19456" from the front of `rest`, up to `end`; no sign, no leading zero.
std::optional<std::uint32_t> take_number(std::string_view& rest, std::string_view name) {
  if (!rest.starts_with(name)) return std::nullopt;
  rest.remove_prefix(name.size());
  if (rest.starts_with('0')) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc() || end == rest.data()) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return number;
}

std::optional<HashForm> parse_parameters(std::string_view rest, bool is_peppered) {
  const auto memory = take_number(rest, "m=");
  const auto passes = memory ? take_number(rest, ",t=") : std::nullopt;
  const auto lanes = passes ? take_number(rest, ",p=") : std::nullopt;
  if (!lanes || *lanes != 1) return std::nullopt;  // libsodium has one lane
  if (*passes > kMostHashWork.passes || *memory > kMostHashWork.memory_kib ||
      *memory < kLeastMemory) {
    return std::nullopt;
  }
  HashForm form{{*passes, *memory}, {}};
  if (!is_peppered) return rest.empty() ? std::optional(form) : std::nullopt;
  if (!rest.starts_with(kKeyId)) return std::nullopt;
  form.pepper_id = rest.substr(kKeyId.size());
  return is_pepper_id(form.pepper_id) ? std::optional(form) : std::nullopt;
}

bool is_base64(std::string_view text, std::size_t least_digits) {
  return text.size() >= least_digits && text.find_first_not_of(kBase64) == text.npos;
}

// "$name$v=19$parameters$salt$hash" in five parts.
std::optional<std::array<std::string_view, 5>> split(std::string_view text) {
  if (text.size() > kMaxText || !text.starts_with('$')) return std::nullopt;
  text.remove_prefix(1);
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    const std::size_t end = is_last ? text.size() : text.find('$');
    if (end == text.npos) return std::nullopt;
    parts[i] = text.substr(0, end);
    text.remove_prefix(is_last ? end : end + 1);
  }
  return parts;
}

}  // namespace

bool is_pepper_id(std::string_view id) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";
  return !id.empty() && id.size() <= 32 && id.find_first_not_of(kAllowed) == id.npos;
}

std::optional<PhcString> parse_phc(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto& [name, version, parameters, salt, hash] = *parts;
  const bool is_peppered = name == kPepperedName;
  if ((!is_peppered && name != kPlainName) || version != kVersion) return std::nullopt;
  // Salts of 8 bytes and hashes of 16 at least: less proves too little.
  if (!is_base64(salt, 11) || !is_base64(hash, 22)) return std::nullopt;
  const auto form = parse_parameters(parameters, is_peppered);
  if (!form) return std::nullopt;
  const std::string_view plain_parameters = parameters.substr(0, parameters.find(kKeyId));
  std::string plain = "$" + std::string(kPlainName) + "$" + std::string(kVersion) + "$";
  plain.append(plain_parameters).append("$").append(salt).append("$").append(hash);
  if (plain.size() >= crypto_pwhash_STRBYTES) return std::nullopt;
  return PhcString{*form, std::move(plain)};
}

std::string with_pepper(std::string_view plain, std::string_view pepper_id) {
  const auto parts = split(plain);
  WRIT_ASSERT(parts.has_value());
  const auto& [name, version, parameters, salt, hash] = *parts;
  std::string out = "$" + std::string(kPepperedName) + "$";
  out.append(version).append("$").append(parameters).append(kKeyId).append(pepper_id);
  out.append("$").append(salt).append("$").append(hash);
  return out;
}

}  // namespace writ::crypto
