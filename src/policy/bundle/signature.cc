#include "policy/bundle/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/encoding.h"
#include "base/safe_path.h"
#include "base/yaml.h"
#include "policy/builtins/base64_text.h"
#include "policy/builtins/jwk_set.h"
#include "policy/builtins/token.h"
#include "policy/term/build.h"
#include "policy/term/json.h"
#include "policy/term/json_file.h"

namespace writ::rego {
namespace {

constexpr std::string_view kSignatures = ".signatures.json";
constexpr std::string_view kManifest = ".manifest";
constexpr std::string_view kDigest = "SHA-256";

std::unexpected<Error> bad(std::string what) {
  return fail(Code::signature_bad, std::move(what),
              "Sign the bundle again, or give the key that it was signed with");
}

std::string text_member(const Term& object, std::string_view name) {
  const Term* const found = object.find(name);
  return found != nullptr && found->is_string() ? std::string(found->text()) : std::string();
}

const TokenAlgorithm* known_algorithm(std::string_view name) { return find_token_algorithm(name); }

std::unexpected<Error> unknown_algorithm(std::string_view name) {
  return fail(Code::invalid_input, fmt::format("unknown signature algorithm: {}", name),
              "Use RS, PS, ES or HS with 256, 384 or 512, or EdDSA");
}

// The one token that the file holds.
Result<std::string> token_of(const ArchiveFile& file) {
  Arena arena;
  const auto root = parse_json(arena, file.bytes);
  if (!root) return bad(".signatures.json: " + root.error().message);
  const Term* const tokens = root->is_object() ? root->find("signatures") : nullptr;
  if (tokens == nullptr || !tokens->is_array() || tokens->size() == 0) {
    return bad(".signatures.json: missing JWT (expected exactly one)");
  }
  if (tokens->size() > 1) {
    return bad(".signatures.json: multiple JWTs not supported (expected exactly one)");
  }
  if (!tokens->items()[0].is_string()) return bad(".signatures.json: the JWT must be a string");
  return std::string(tokens->items()[0].text());
}

// The key of `id`, which the configuration names, or else the token.
Result<const BundleKey*> key_of(const BundleVerification& how, const std::string& id) {
  if (how.keys.empty()) return bad("verification key not provided");
  if (id.empty()) {
    if (how.keys.size() == 1) return &how.keys.begin()->second;
    return fail(Code::invalid_input, "verification key ID is empty",
                "Say which key signs the bundle: `keyid`");
  }
  const auto found = how.keys.find(id);
  if (found != how.keys.end()) return &found->second;
  return fail(Code::invalid_input,
              fmt::format("verification key corresponding to ID {} not found", id),
              "Give the key under that id");
}

Result<void> verify_token(const Token& token, const TokenHeader& header, const BundleKey& key) {
  const auto failed = [](std::string_view why) {
    return bad(fmt::format("failed to verify JWT signature: {}", why));
  };
  const TokenAlgorithm* const algorithm = known_algorithm(key.algorithm);
  if (algorithm == nullptr) return unknown_algorithm(key.algorithm);
  // The key says how it signs; what the token says of it is not believed.
  if (header.algorithm != key.algorithm) {
    return failed(
        fmt::format("it is made by {}, the key is for {}", header.algorithm, key.algorithm));
  }
  WRIT_TRY(const std::string signature, token.decode_signature());
  std::vector<TokenKey> keys;
  if (algorithm->is_secret) {
    keys.push_back({nullptr, key.key, {}, {}});
  } else {
    WRIT_TRY(keys, parse_verification_keys(key.key));
  }
  const bool valid = std::ranges::any_of(keys, [&](const TokenKey& one) {
    return verifies(one, *algorithm, token.signed_text, signature);
  });
  if (!valid) return failed("the signature is not of this key");
  return {};
}

// The listed files by name, each to be found once.
using Listed = std::map<std::string, const Term*, std::less<>>;

Result<Listed> listed_files(const Term& payload) {
  const Term* const files = payload.find("files");
  if (files == nullptr || !files->is_array()) return bad("the signature lists no files");
  Listed out;
  for (const Term& file : files->items()) {
    if (!file.is_object()) return bad("the signature lists a file that is no object");
    std::string name = text_member(file, "name");
    while (name.starts_with('/')) name.erase(0, 1);
    if (!out.emplace(name, &file).second) return bad(name + " is listed twice");
  }
  return out;
}

Result<void> verify_file(const ArchiveFile& file, const Term& row) {
  const std::string algorithm = text_member(row, "algorithm");
  if (algorithm.empty()) return bad("no hashing algorithm provided for file " + file.path);
  WRIT_TRY(const std::string text, digested_text(file));
  WRIT_TRY(const std::string digest, named_digest(algorithm, text));
  const std::string got = to_hex(as_bytes(digest));
  std::string want = text_member(row, "hash");
  std::ranges::transform(want, want.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (want == got) return {};
  return bad(fmt::format("{}: digest mismatch (want: {}, got: {})", file.path, want, got));
}

bool is_excluded(const BundleVerification& how, std::string_view path) {
  return std::ranges::any_of(how.excluded, [&](std::string_view pattern) {
    while (pattern.starts_with('/')) pattern.remove_prefix(1);
    return glob_matches(pattern, path);
  });
}

Result<void> verify_files(const std::vector<ArchiveFile>& files, const BundleVerification& how,
                          Listed listed) {
  for (const ArchiveFile& file : files) {
    if (file.path == kSignatures || is_excluded(how, file.path)) continue;
    const auto found = listed.find(file.path);
    if (found == listed.end()) {
      return bad(fmt::format("file {} not included in bundle signature", file.path));
    }
    WRIT_CHECK(verify_file(file, *found->second));
    listed.erase(found);
  }
  for (const auto& [name, row] : listed) {
    if (is_excluded(how, name)) continue;
    return bad(fmt::format(
        "file {} specified in bundle signatures but not found in the target bundle", name));
  }
  return {};
}

// A private key in PEM: other blocks, such as EC PARAMETERS, may stand before it.
Result<TokenKey> signing_key(const BundleSigning& how, const TokenAlgorithm& algorithm) {
  if (algorithm.is_secret) return TokenKey{nullptr, how.key, {}, {}};
  std::string_view rest = how.key;
  while (const auto block = take_pem_block(rest)) {
    if (!block->type.ends_with("PRIVATE KEY")) continue;
    WRIT_TRY(Pkey key, parse_private_key(*block));
    return TokenKey{std::move(key), {}, {}, {}};
  }
  return fail(Code::invalid_input, "the signing key is no private key in PEM");
}

Result<Term> payload_of(Arena& arena, const std::vector<ArchiveFile>& files,
                        const BundleSigning& how) {
  std::vector<Term> rows;
  for (const ArchiveFile& file : files) {
    if (file.path == kSignatures) continue;
    WRIT_TRY(const std::string text, digested_text(file));
    WRIT_TRY(const std::string digest, named_digest(kDigest, text));
    rows.push_back(
        make_object(arena, {{borrow_string("name"), make_string(arena, file.path)},
                            {borrow_string("hash"), make_string(arena, to_hex(as_bytes(digest)))},
                            {borrow_string("algorithm"), borrow_string(kDigest)}}));
  }
  Term claims = empty_object();
  if (!how.claims.empty()) {
    WRIT_TRY(claims, parse_json(arena, how.claims));
    if (!claims.is_object()) return fail(Code::invalid_input, "the claims must be a JSON object");
  }
  const auto add = [&](std::string_view name, const Term& value) {
    claims = with_member(arena, claims, borrow_string(name), value);
  };
  add("files", make_array(arena, rows));
  if (!how.key_id.empty()) add("keyid", make_string(arena, how.key_id));
  if (!how.scope.empty()) add("scope", make_string(arena, how.scope));
  return claims;
}

// As Go writes JSON without escapes for HTML: line and paragraph separators are escaped still.
std::string go_text(const Term& term) {
  std::string out = to_json(term);
  for (const auto& [raw, escaped] :
       {std::pair<std::string_view, std::string_view>{"\xe2\x80\xa8", "\\u2028"},
        {"\xe2\x80\xa9", "\\u2029"}}) {
    for (std::size_t at = out.find(raw); at != std::string::npos; at = out.find(raw, at)) {
      out.replace(at, raw.size(), escaped);
    }
  }
  return out;
}

bool is_data(std::string_view path) {
  constexpr std::array<std::string_view, 4> kNames = {"data.json", "data.yaml", "data.yml",
                                                      kManifest};
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

Result<std::string> digested_text(const ArchiveFile& file) {
  if (!is_data(file.path)) return file.bytes;
  Arena arena;
  if (file.path.ends_with(".yaml") || file.path.ends_with(".yml")) {
    WRIT_TRY(const Value value, parse_yaml(file.bytes, file.path));
    return go_text(from_value(arena, value));
  }
  WRIT_TRY(const Term parsed, parse_json_file(arena, file.bytes, file.path));
  return go_text(parsed);
}

Result<void> verify_bundle(const std::vector<ArchiveFile>& files, const BundleVerification& how) {
  const auto found = std::ranges::find(files, kSignatures, &ArchiveFile::path);
  if (found == files.end()) return bad("bundle missing .signatures.json file");
  WRIT_TRY(const std::string text, token_of(*found));
  const auto broken = [](const Error& error) {
    return bad("failed to verify JWT signature: " + error.message);
  };
  Arena arena;
  const auto token = Token::parse(text);
  if (!token) return broken(token.error());
  const auto object = token->decode_header(arena);
  if (!object) return broken(object.error());
  const auto header = TokenHeader::read(*object);
  if (!header) return broken(header.error());
  const auto json = token->decode_payload();
  if (!json) return broken(json.error());
  const auto payload = parse_json_object(arena, *json);
  if (!payload) return broken(payload.error());
  std::string id = how.key_id;
  if (id.empty()) id = header->key_id.empty() ? text_member(*payload, "keyid") : header->key_id;
  WRIT_TRY(const BundleKey* const key, key_of(how, id));
  if (header->has_unknown_critical) return bad("failed to verify JWT signature: unknown `crit`");
  WRIT_CHECK(verify_token(*token, *header, *key));
  const std::string& scope = how.scope.empty() ? key->scope : how.scope;
  if (text_member(*payload, "scope") != scope) return bad("scope mismatch");
  WRIT_TRY(Listed listed, listed_files(*payload));
  return verify_files(files, how, std::move(listed));
}

Result<ArchiveFile> sign_bundle(const std::vector<ArchiveFile>& files, const BundleSigning& how) {
  const TokenAlgorithm* const algorithm = known_algorithm(how.algorithm);
  if (algorithm == nullptr) return unknown_algorithm(how.algorithm);
  if (how.key.empty()) return fail(Code::invalid_input, "the signing key is empty");
  WRIT_TRY(const TokenKey key, signing_key(how, *algorithm));
  Arena arena;
  std::vector<Member> header{{borrow_string("alg"), make_string(arena, how.algorithm)},
                             {borrow_string("typ"), borrow_string("JWT")}};
  if (!how.key_id.empty()) header.push_back({borrow_string("kid"), make_string(arena, how.key_id)});
  WRIT_TRY(const Term payload, payload_of(arena, files, how));
  const std::string signed_text =
      encode_base64url_unpadded(to_json(make_object(arena, std::move(header)))) + "." +
      encode_base64url_unpadded(to_json(payload));
  WRIT_TRY(const std::string signature, sign(key, *algorithm, signed_text));
  const Term token = make_string(arena, signed_text + "." + encode_base64url_unpadded(signature));
  return ArchiveFile{
      std::string(kSignatures),
      to_json(make_object(arena, {{borrow_string("signatures"), make_array(arena, {token})}}))};
}

Result<Bundle> make_verified_bundle(std::vector<ArchiveFile> files,
                                    const std::optional<BundleVerification>& how,
                                    Signatures signatures) {
  const bool is_signed = std::ranges::find(files, kSignatures, &ArchiveFile::path) != files.end();
  if (signatures == Signatures::checked) {
    if (how) {
      WRIT_CHECK(verify_bundle(files, *how));
    } else if (is_signed) {
      return bad("verification key not provided");
    }
  }
  return make_bundle(std::move(files));
}

}  // namespace writ::rego
