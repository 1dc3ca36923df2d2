#include "crypto/key_document.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/seed_box.h"

namespace writ::crypto {
namespace {

constexpr std::string_view kSecretKind = "WritSecretKey";
constexpr std::string_view kPublicKind = "WritPublicKey";
constexpr std::size_t kMaxName = 128;

Object header(std::string_view kind, const PublicKeyFile& info) {
  return {{"kind", kind},
          {"v", 1},
          {"id", info.key.id().hex},
          {"public", info.key.base64()},
          {"name", info.name},
          {"created", to_rfc3339(info.created)}};
}

// Says nothing of the text: a secret may stand in it.
std::unexpected<Error> no_key(std::string_view source, std::string_view why) {
  return fail(Code::invalid_input, fmt::format("{} is no key file: {}", source, why),
              "Name a file that `writ keys new` made");
}

Result<Value> parse_object(std::string_view text, std::string_view source, std::string_view kind) {
  // The parser's own message may quote the text, so it is dropped.
  auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return no_key(source, "not a JSON object");
  if (parsed->string_or("kind", "") != kind) {
    return no_key(source, fmt::format("`kind` is not {}", kind));
  }
  if (parsed->integer_or("v", 0) != 1) {
    return fail(Code::unsupported,
                fmt::format("{} is of a version this Writ does not read", source),
                "Use the version of Writ that wrote it");
  }
  return *std::move(parsed);
}

Result<PublicKeyFile> parse_header(const Value& document, std::string_view source) {
  PublicKeyFile info;
  const auto key = PublicKey::parse_base64(document.string_or("public", ""));
  if (!key) return no_key(source, "`public` is no Ed25519 key in base64");
  info.key = *key;
  if (document.string_or("id", "") != info.key.id().hex) {
    return no_key(source, "`id` is not the id of `public`");
  }
  info.name = document.string_or("name", "");
  if (!check_key_name(info.name)) return no_key(source, "`name` is not one short line");
  const auto created = parse_rfc3339(document.string_or("created", ""));
  if (!created) return no_key(source, "`created` is no RFC 3339 time");
  info.created = *created;
  return info;
}

Result<SecretKey> key_from_seed(std::string_view seed, const PublicKey& expected,
                                std::string_view source) {
  auto key = SecretKey::from_seed(seed);
  if (!key || key->public_key() != expected) {
    return no_key(source, "the secret does not belong to `public`");
  }
  return key;
}

void wipe_seed(Value& document) {
  Value* secret = document.as_object().find("secret");
  Value* seed =
      secret == nullptr || !secret->is_object() ? nullptr : secret->as_object().find("seed");
  // The Value is not const here; it merely hands out its string for reading.
  if (seed != nullptr && seed->is_string()) wipe(const_cast<std::string&>(seed->as_string()));
}

// Takes the base64 text out of `document` and wipes every copy in reach.
Result<SecretKey> read_plain(Value& document, const PublicKey& expected, std::string_view source) {
  std::string text(document.at_path({"secret"})->string_or("seed", ""));
  const WipeOnExit wipe_text(text);
  wipe_seed(document);
  auto seed = parse_base64(text);
  if (!seed) return no_key(source, "`secret` is malformed");
  const WipeOnExit wipe_bytes(*seed);
  return key_from_seed(*seed, expected, source);
}

}  // namespace

Result<void> check_key_name(std::string_view name) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (name.size() > kMaxName || has_control || !is_utf8(name)) {
    return fail(Code::invalid_input,
                fmt::format("a key's name is one line of at most {} bytes of UTF-8", kMaxName),
                "Give a shorter, plain name");
  }
  return {};
}

Result<std::string> secret_key_document(const SecretKey& key, const PublicKeyFile& info,
                                        std::optional<std::string_view> passphrase) {
  WRIT_CHECK(check_key_name(info.name));
  Object document = header(kSecretKind, info);
  if (passphrase) {
    if (passphrase->empty()) {
      return fail(Code::invalid_input, "the passphrase is empty",
                  "Give a passphrase, or ask for a key without one");
    }
    WRIT_TRY(Value box, seal_seed(key, *passphrase));
    document.append("secret", std::move(box));
    return to_pretty_json(document);
  }
  std::string seed = to_base64(key.seed());
  const WipeOnExit wipe_seed(seed);
  document.append("secret", Object{{"kdf", "none"}, {"seed", seed}});
  std::string text = to_pretty_json(document);
  wipe(const_cast<std::string&>(document.find("secret")->find("seed")->as_string()));
  return text;
}

Result<SecretKey> parse_secret_key_document(std::string_view text, std::string_view source,
                                            std::optional<std::string_view> passphrase) {
  WRIT_TRY(Value document, parse_object(text, source, kSecretKind));
  WRIT_TRY(const PublicKeyFile info, parse_header(document, source));
  const Value* secret = document.find("secret");
  if (secret == nullptr || !secret->is_object()) return no_key(source, "`secret` is missing");
  if (secret->string_or("kdf", "") == "none") return read_plain(document, info.key, source);
  if (!passphrase) {
    return fail(Code::not_permitted, fmt::format("{} is protected by a passphrase", source),
                "Give its passphrase");
  }
  auto seed = open_seed(*secret, info.key, *passphrase);
  if (!seed)
    return std::unexpected(std::move(seed).error().context(fmt::format("opening {}", source)));
  return key_from_seed(seed->view(), info.key, source);
}

Result<PublicKeyFile> public_half_of(std::string_view secret_document, std::string_view source) {
  WRIT_TRY(Value document, parse_object(secret_document, source, kSecretKind));
  wipe_seed(document);
  return parse_header(document, source);
}

std::string public_key_document(const PublicKeyFile& info) {
  return to_pretty_json(header(kPublicKind, info));
}

Result<PublicKeyFile> parse_public_key_document(std::string_view text, std::string_view source) {
  WRIT_TRY(const Value document, parse_object(text, source, kPublicKind));
  return parse_header(document, source);
}

}  // namespace writ::crypto
