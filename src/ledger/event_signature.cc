#include "ledger/event_signature.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "contract/canonical.h"
#include "crypto/dsse.h"

namespace writ::ledger {
namespace {

constexpr std::string_view kPayloadType = "application/cloudevents+json";
constexpr std::string_view kScheme = "ed25519:";
constexpr std::size_t kKeyIdSize = 64;
constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kMaxSignatures = 16;

struct Signature {
  crypto::KeyId key;
  std::string bytes;
};

std::unexpected<Error> malformed(std::string_view word) {
  return fail(Code::invalid_input,
              "`" + std::string(word.substr(0, 80)) + "` is no signature of an event",
              "Write ed25519:<key id, 64 hex digits>:<64 bytes in base64>");
}

bool is_key_id(std::string_view text) {
  return text.size() == kKeyIdSize && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string word_of(const Signature& signature) {
  return std::string(kScheme) + signature.key.hex + ":" + to_base64(signature.bytes);
}

Result<Signature> parse_word(std::string_view word) {
  if (!word.starts_with(kScheme)) return malformed(word);
  const std::string_view rest = word.substr(kScheme.size());
  if (rest.size() <= kKeyIdSize || rest[kKeyIdSize] != ':') return malformed(word);
  Signature signature{{std::string(rest.substr(0, kKeyIdSize))}, {}};
  auto bytes = parse_base64(rest.substr(kKeyIdSize + 1));
  const bool is_whole = bytes && bytes->size() == kSignatureSize && is_key_id(signature.key.hex);
  if (!is_whole) return malformed(word);
  signature.bytes = *std::move(bytes);
  if (word_of(signature) != word) return malformed(word);  // base64 in another form
  return signature;
}

Result<std::vector<Signature>> parse_words(std::string_view words) {
  std::vector<Signature> out;
  if (words != sorted_words(words)) {
    return fail(Code::invalid_input,
                "an event's signatures are sorted, each once, with one space between");
  }
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    WRIT_TRY(Signature signature, parse_word(words.substr(0, end)));
    const bool is_again = !out.empty() && out.back().key == signature.key;
    if (is_again || out.size() == kMaxSignatures) {
      return fail(Code::invalid_input, "an event has at most 16 signatures, one of each key");
    }
    out.push_back(std::move(signature));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

}  // namespace

Result<std::string> signed_bytes(const Entry& entry) {
  Event event;
  event.entry = entry;
  event.entry.signatures.clear();
  Value value = to_cloud_event(event);
  value.as_object().erase("writpayloaddigest");
  WRIT_TRY(const std::string text, contract::canonical_json(value));
  return crypto::dsse_pae(kPayloadType, text);
}

Result<void> sign_entry(Entry& entry, const crypto::Signer& signer) {
  WRIT_TRY(std::vector<Signature> signatures, parse_words(entry.signatures));
  std::erase_if(signatures, [&](const Signature& s) { return s.key == signer.id(); });
  WRIT_TRY(const std::string message, signed_bytes(entry));
  WRIT_TRY(std::string bytes, signer.sign(message));
  signatures.push_back({signer.id(), std::move(bytes)});
  std::string words;
  for (const Signature& signature : signatures) words += " " + word_of(signature);
  entry.signatures = sorted_words(words);
  return {};
}

Result<void> check_signature_words(std::string_view signatures) {
  WRIT_CHECK(parse_words(signatures));
  return {};
}

Result<SignatureCount> check_signatures(const Entry& entry,
                                        std::span<const crypto::PublicKey> known) {
  SignatureCount count;
  if (entry.signatures.empty()) return count;
  WRIT_TRY(const std::vector<Signature> signatures, parse_words(entry.signatures));
  WRIT_TRY(const std::string message, signed_bytes(entry));
  for (const Signature& signature : signatures) {
    const auto key = std::ranges::find_if(
        known, [&](const crypto::PublicKey& k) { return k.id() == signature.key; });
    if (key == known.end()) {
      ++count.of_unknown_keys;
    } else if (key->verifies(message, signature.bytes)) {
      ++count.good;
    } else {
      return fail(Code::signature_bad,
                  "the signature of key " + signature.key.short_text() + " is not over this event");
    }
  }
  return count;
}

}  // namespace writ::ledger
