#include "identity/recovery/manifest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json.h"
#include "contract/canonical.h"
#include "crypto/digest.h"
#include "crypto/dsse.h"
#include "crypto/key.h"

namespace writ::identity {
namespace {

constexpr std::string_view kFormat = "writ-backup/1";
constexpr std::string_view kPayloadType = "application/vnd.writ.backup+json";

Result<crypto::SecretKey> signing_key(const crypto::KeyEncryptionKey& kek) {
  const crypto::Digest seed = crypto::hmac_sha256(kek.key.view(), "writ backup signing key 1");
  return crypto::SecretKey::from_seed(seed.view());
}

std::unexpected<Error> no_manifest(std::string_view why) {
  return fail(Code::invalid_input, "this is no manifest of a backup: " + std::string(why),
              "Name the directory of a whole backup");
}

Value texts(const std::vector<std::string>& all) {
  Array out;
  for (const std::string& one : all) out.emplace_back(one);
  return out;
}

Result<std::vector<std::string>> texts_in(const Value& value, std::string_view member) {
  const Value* const all = value.find(member);
  std::vector<std::string> out;
  if (all == nullptr || !all->is_array()) return no_manifest(std::string(member));
  for (const Value& one : all->as_array()) {
    if (!one.is_string()) return no_manifest(std::string(member));
    out.push_back(one.as_string());
  }
  return out;
}

std::uint64_t count_in(const Value& value, std::string_view member) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.integer_or(member, 0)));
}

Value table_value(const BackupTable& table) {
  Array parts;
  for (const BackupPart& part : table.parts) {
    parts.push_back(Object{{"file", part.file}, {"sha256", part.sha256}, {"pieces", part.pieces}});
  }
  return Object{{"name", table.name},
                {"rows", table.rows},
                {"bytes", table.bytes},
                {"digest", table.digest},
                {"parts", std::move(parts)}};
}

// The name of a part is a name in the backup's directory and nothing else.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<BackupTable> table_from(const Value& value) {
  BackupTable out;
  out.name = value.string_or("name", "");
  out.rows = count_in(value, "rows");
  out.bytes = count_in(value, "bytes");
  out.digest = value.string_or("digest", "");
  const Value* const parts = value.find("parts");
  if (out.name.empty() || parts == nullptr || !parts->is_array()) return no_manifest("a table");
  for (const Value& part : parts->as_array()) {
    BackupPart one{std::string(part.string_or("file", "")),
                   std::string(part.string_or("sha256", "")), count_in(part, "pieces")};
    if (!is_file_name(one.file)) return no_manifest("a part's name");
    out.parts.push_back(std::move(one));
  }
  return out;
}

Result<Manifest> manifest_from(const Value& value) {
  if (value.string_or("format", "") != kFormat) return no_manifest("the format is another one");
  Manifest out;
  WRIT_TRY(out.id, BackupId::parse(value.string_or("id", "")));
  WRIT_TRY(out.made_at, parse_rfc3339(value.string_or("made_at", "")));
  const auto reason = kBackupReasons.parse(value.string_or("reason", ""));
  const Value* const schema = value.find("schema");
  const Value* const tables = value.find("tables");
  if (!reason || schema == nullptr || !schema->is_object() || tables == nullptr ||
      !tables->is_array()) {
    return no_manifest("a member is missing");
  }
  out.reason = *reason;
  for (const Member& one : schema->as_object()) {
    const std::int64_t version = one.value.is_integer() ? one.value.as_integer() : -1;
    if (version < 0 || version > UINT32_MAX) return no_manifest("schema");
    out.schema.insert_or_assign(one.key, static_cast<std::uint32_t>(version));
  }
  for (const Value& table : tables->as_array()) {
    WRIT_TRY(out.tables.emplace_back(), table_from(table));
  }
  WRIT_TRY(out.keks, texts_in(value, "keks"));
  WRIT_TRY(out.peppers, texts_in(value, "peppers"));
  WRIT_TRY(out.token_keys, texts_in(value, "token_keys"));
  out.access_revision = count_in(value, "access_revision");
  out.storage_revision = count_in(value, "storage_revision");
  out.ledger_size = count_in(value, "ledger_size");
  return out;
}

}  // namespace

std::uint64_t Manifest::rows() const {
  std::uint64_t out = 0;
  for (const BackupTable& table : tables) out += table.rows;
  return out;
}

std::uint64_t Manifest::rows_of(std::string_view table) const {
  const auto at = std::ranges::find(tables, table, &BackupTable::name);
  return at == tables.end() ? 0 : at->rows;
}

Value to_value(const Manifest& manifest) {
  Object schema;
  for (const auto& [module, version] : manifest.schema) schema.append(module, version);
  Array tables;
  for (const BackupTable& table : manifest.tables) tables.push_back(table_value(table));
  return Object{{"format", kFormat},
                {"id", manifest.id.text()},
                {"made_at", to_rfc3339(manifest.made_at)},
                {"reason", kBackupReasons.name(manifest.reason)},
                {"rows", manifest.rows()},
                {"schema", std::move(schema)},
                {"tables", std::move(tables)},
                {"keks", texts(manifest.keks)},
                {"peppers", texts(manifest.peppers)},
                {"token_keys", texts(manifest.token_keys)},
                {"access_revision", manifest.access_revision},
                {"storage_revision", manifest.storage_revision},
                {"ledger_size", manifest.ledger_size}};
}

Result<std::string> sign_manifest(const Manifest& manifest, const crypto::KeyEncryptionKey& kek) {
  WRIT_TRY(const auto key, signing_key(kek));
  WRIT_TRY(std::string payload, contract::canonical_json(to_value(manifest)));
  WRIT_TRY(const auto envelope,
           crypto::dsse_sign(std::string(kPayloadType), std::move(payload), key));
  return to_pretty_json(crypto::dsse_to_value(envelope));
}

Result<Manifest> open_manifest(std::string_view text,
                               std::span<const crypto::KeyEncryptionKey> keks) {
  WRIT_TRY(const Value value, parse_json(text));
  WRIT_TRY(const auto envelope, crypto::dsse_from_value(value));
  if (envelope.payload_type != kPayloadType) return no_manifest("the payload is another one");
  std::vector<crypto::PublicKey> trusted;
  for (const crypto::KeyEncryptionKey& kek : keks) {
    WRIT_TRY(const auto key, signing_key(kek));
    trusted.push_back(key.public_key());
  }
  if (auto verified = crypto::dsse_verify(envelope, trusted); !verified) {
    return fail(Code::signature_bad,
                "the manifest of the backup is not signed by a key that this server has",
                "Put the secrets file that the server had then in place, or take another backup");
  }
  WRIT_TRY(const Value payload, parse_json(envelope.payload));
  return manifest_from(payload);
}

}  // namespace writ::identity
