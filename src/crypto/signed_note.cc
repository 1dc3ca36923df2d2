#include "crypto/signed_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/encoding.h"
#include "crypto/digest.h"

namespace writ::crypto {
namespace {

constexpr std::size_t kMaxNote = 1u << 20;
constexpr std::size_t kMaxSignatures = 64;  // the specification asks for 16 at least
constexpr std::size_t kMaxName = 256;
constexpr std::string_view kDash = "\u2014 ";  // starts every signature line
constexpr std::size_t kKeyIdSize = 4;
constexpr std::size_t kTimeSize = 8;

// Unicode's White_Space beyond ASCII, as UTF-8.
constexpr std::string_view kUnicodeSpaces[] = {"\u00a0", "\u1680", "\u2000", "\u2001",  "\u2002",
                                               "\u2003", "\u2004", "\u2005", "\u2006",  "\u2007",
                                               "\u2008", "\u2009", "\u200a", "\u2028",  "\u2029",
                                               "\u202f", "\u205f", "\u3000", "\xc2\x85"};

std::unexpected<Error> bad_note(std::string_view why) {
  return fail(Code::invalid_input, fmt::format("not a signed note: {}", why),
              "Give the note as it was written");
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxName || !is_utf8(name)) return false;
  const bool has_ascii = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '+' || c == 0x7f;
  });
  return !has_ascii && std::none_of(std::begin(kUnicodeSpaces), std::end(kUnicodeSpaces),
                                    [&](std::string_view s) { return name.contains(s); });
}

bool is_note_text(std::string_view text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n';
         });
}

// Only the one spelling: a note is compared and stored as bytes.
Result<std::string> parse_exact_base64(std::string_view text) {
  auto bytes = parse_base64(text);
  if (!bytes || to_base64(*bytes) != text) return bad_note("a signature is not standard base64");
  return bytes;
}

template <typename Number>
std::string big_endian(Number number) {
  std::string bytes;
  for (int shift = (static_cast<int>(sizeof number) - 1) * 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((number >> shift) & 0xff);
  }
  return bytes;
}

template <typename Number>
Number from_big_endian(std::string_view bytes) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = static_cast<Number>((number << 8) | static_cast<unsigned char>(bytes[i]));
  }
  return number;
}

Result<NoteSignature> parse_line(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_note("a signature line does not start with a dash");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_name(line.substr(0, space))) {
    return bad_note("a signature line has no valid name");
  }
  WRIT_TRY(const std::string bytes, parse_exact_base64(line.substr(space + 1)));
  if (bytes.size() <= kKeyIdSize) return bad_note("a signature is too short");
  return NoteSignature{std::string(line.substr(0, space)), from_big_endian<std::uint32_t>(bytes),
                       bytes.substr(kKeyIdSize)};
}

std::string cosigned_message(std::uint64_t seconds, std::string_view text) {
  return fmt::format("cosignature/v1\ntime {}\n{}", seconds, text);
}

bool is_cosignature_time(std::uint64_t seconds) {
  return seconds != 0 && seconds <= std::numeric_limits<std::int64_t>::max();
}

// The verified key, or nothing when the signature does not hold.
std::optional<VerifiedNoteKey> check(const NoteKey& key, std::string_view text,
                                     std::string_view signature) {
  if (key.type == NoteKeyType::ed25519) {
    if (!key.key.verifies(text, signature)) return std::nullopt;
    return VerifiedNoteKey{key, {}};
  }
  if (signature.size() <= kTimeSize) return std::nullopt;
  const auto seconds = from_big_endian<std::uint64_t>(signature);
  if (!is_cosignature_time(seconds) ||
      !key.key.verifies(cosigned_message(seconds, text), signature.substr(kTimeSize))) {
    return std::nullopt;
  }
  return VerifiedNoteKey{key, seconds};
}

// Two known keys with one name and id could take each other's signature: both are tried.
bool belongs_to(const NoteSignature& signature, const NoteKey& key) {
  return signature.name == key.name && signature.key_id == key.id();
}

Result<void> check_signable(std::string_view name, std::string_view text) {
  if (!is_name(name)) {
    return fail(Code::invalid_input, "a note key's name is text without spaces and `+`",
                "Use a name like example.com/log");
  }
  if (!text.ends_with('\n') || !is_note_text(text)) {
    return fail(Code::invalid_input,
                "a note's text is UTF-8 without control characters and ends in a newline",
                "End the text with a newline");
  }
  return {};
}

}  // namespace

std::uint32_t NoteKey::id() const {
  Sha256 hash;
  const char type_byte = static_cast<char>(type);
  hash.update(name).update("\n").update({&type_byte, 1}).update(as_text(key.bytes));
  return from_big_endian<std::uint32_t>(hash.finish().view());
}

std::string NoteKey::vkey() const {
  std::string typed(1, static_cast<char>(type));
  typed += as_text(key.bytes);
  return fmt::format("{}+{:08x}+{}", name, id(), to_base64(typed));
}

Result<NoteKey> NoteKey::parse_vkey(std::string_view text) {
  const std::string_view whole = text;
  const auto bad = [&](std::string_view why) {
    return fail(Code::invalid_input, fmt::format("`{}` is no verifier key: {}", whole, why),
                "Give NAME+ID+KEY as the log or witness publishes it");
  };
  if (text.size() > 2 * kMaxName) return fail(Code::invalid_input, "a verifier key is too long");
  const std::size_t first = text.find('+');
  // The base64 may hold a `+` itself, so only the first two count.
  const std::size_t second = first == text.npos ? text.npos : text.find('+', first + 1);
  if (second == text.npos || !is_name(text.substr(0, first))) return bad("not NAME+ID+KEY");
  const auto typed = parse_exact_base64(text.substr(second + 1));
  if (!typed || typed->empty()) return bad("the key is not standard base64");
  const auto type = static_cast<NoteKeyType>(typed->front());
  if (type != NoteKeyType::ed25519 && type != NoteKeyType::cosignature_v1) {
    return fail(Code::unsupported,
                fmt::format("`{}` has a key of a type other than Ed25519", whole),
                "Use an Ed25519 key (type 1) or a cosignature/v1 key (type 4)");
  }
  const auto key = PublicKey::parse_base64(to_base64(typed->substr(1)));
  if (!key) return bad(key.error().message);
  NoteKey parsed{std::string(text.substr(0, first)), *key, type};
  if (text.substr(first + 1, second - first - 1) != fmt::format("{:08x}", parsed.id())) {
    return bad("the id is not that of name and key");
  }
  return parsed;
}

std::string SignedNote::format() const {
  std::string note = text + "\n";
  for (const NoteSignature& signature : signatures) {
    note += fmt::format("{}{} {}\n", kDash, signature.name,
                        to_base64(big_endian(signature.key_id) + signature.bytes));
  }
  return note;
}

Result<SignedNote> SignedNote::parse(std::string_view note) {
  if (note.size() > kMaxNote) return bad_note("larger than 1 MiB");
  if (!is_note_text(note)) return bad_note("not UTF-8 text, or control characters in it");
  // The text may hold blank lines; the last one ends it.
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return bad_note("no blank line before the signatures");
  SignedNote parsed{std::string(note.substr(0, split + 1)), {}};
  std::string_view lines = note.substr(split + 2);
  if (lines.empty() || !lines.ends_with('\n')) return bad_note("no signature lines at the end");
  while (!lines.empty()) {
    if (parsed.signatures.size() == kMaxSignatures) return bad_note("more than 64 signatures");
    const std::size_t end = lines.find('\n');
    WRIT_TRY(NoteSignature signature, parse_line(lines.substr(0, end)));
    parsed.signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return parsed;
}

Result<std::vector<VerifiedNoteKey>> SignedNote::verify(std::span<const NoteKey> known) const {
  std::vector<VerifiedNoteKey> verified;
  for (const NoteSignature& signature : signatures) {
    bool is_known = false;
    bool holds = false;
    for (const NoteKey& key : known) {
      if (!belongs_to(signature, key)) continue;
      is_known = true;
      auto result = check(key, text, signature.bytes);
      if (!result) continue;
      holds = true;
      const bool is_new = std::none_of(verified.begin(), verified.end(),
                                       [&](const VerifiedNoteKey& v) { return v.key == key; });
      if (is_new) verified.push_back(*std::move(result));
    }
    if (is_known && !holds) {
      return fail(Code::signature_bad,
                  fmt::format("the signature by {} does not hold over this note", signature.name),
                  "The note was changed, or another key has taken this name");
    }
  }
  if (verified.empty()) {
    return fail(Code::signature_bad, "no known key signed this note",
                "Give the verifier key of the log that wrote it");
  }
  return verified;
}

Result<void> SignedNote::sign(std::string_view name, const Signer& signer) {
  WRIT_CHECK(check_signable(name, text));
  const NoteKey key{std::string(name), signer.public_key(), NoteKeyType::ed25519};
  WRIT_TRY(std::string bytes, signer.sign(text));
  signatures.push_back({key.name, key.id(), std::move(bytes)});
  return {};
}

Result<void> SignedNote::cosign(std::string_view name, const Signer& signer,
                                std::uint64_t seconds) {
  WRIT_CHECK(check_signable(name, text));
  if (!is_cosignature_time(seconds)) {
    return fail(Code::invalid_input, "a cosignature's time is from 1 to 2^63-1 seconds");
  }
  const NoteKey key{std::string(name), signer.public_key(), NoteKeyType::cosignature_v1};
  WRIT_TRY(const std::string bytes, signer.sign(cosigned_message(seconds, text)));
  signatures.push_back({key.name, key.id(), big_endian(seconds) + bytes});
  return {};
}

}  // namespace writ::crypto
