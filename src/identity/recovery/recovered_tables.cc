#include "identity/recovery/recovered_tables.h"

#include <algorithm>
#include <utility>

#include "base/id.h"
#include "base/json.h"
#include "crypto/totp.h"
#include "store/key.h"

namespace writ::identity {
namespace {

// Rows of others, as their modules write them; a test holds the names to the tables that are there.
constexpr store::Table kPrincipals{"identity_principals"};
constexpr store::Table kErased{"identity_principals_erased"};
constexpr store::Table kUsers{"identity_users"};
constexpr store::Table kProviders{"identity_ai_providers"};
constexpr store::Table kApiKeys{"identity_api_keys"};
constexpr store::Table kApiKeysRevoked{"identity_api_keys_revoked"};
constexpr store::Table kIdentities{"identity_linked"};
constexpr store::Table kUnlinked{"identity_unlinked"};
constexpr store::Table kApplicationsErased{"identity_applications_erased"};

Settled as(const std::string* row) { return {row == nullptr ? std::nullopt : std::optional(*row)}; }

Result<bool> has(const RowPair& pair, const store::Table& table, std::string_view key) {
  WRIT_TRY(const auto row, pair.live.get(table, key));
  return row.has_value();
}

Result<Settled> take_saved(const RowPair& pair) { return as(pair.saved); }
Result<Settled> keep_here(const RowPair& pair) { return as(pair.here); }
Result<Settled> end_all(const RowPair&) { return Settled{}; }
// What one of them knows to be over is over.
Result<Settled> take_both(const RowPair& pair) {
  return as(pair.here != nullptr ? pair.here : pair.saved);
}

// `member` of the saved row, raised above what was here and above `floor`.
Result<Settled> raise(const RowPair& pair, std::string_view member, std::uint64_t floor) {
  WRIT_TRY(Value saved, parse_json(*pair.saved));
  Value before;
  if (pair.here != nullptr) {
    WRIT_TRY(before, parse_json(*pair.here));
    floor = static_cast<std::uint64_t>(before.integer_or(member, 0));
  }
  if (!saved.is_object()) return fail(Code::tampered, "a row of the backup is no object");
  const auto old = static_cast<std::uint64_t>(saved.integer_or(member, 0));
  Settled out;
  // Whether anything else differs.
  if (before.is_object()) {
    before.as_object().set(std::string(member), old);
    out.is_told = !(before == saved);
  }
  saved.as_object().set(std::string(member), std::max(old, floor) + 1);
  out.row = to_json(saved);
  return out;
}

Result<Settled> settle_principal(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  WRIT_TRY(const bool was_erased, has(pair, kErased, pair.key));
  if (was_erased) return Settled{};
  return raise(pair, "epoch", pair.epoch_floor);
}

// Of tables whose key is a principal's.
Result<Settled> follow_principal(const RowPair& pair) {
  WRIT_TRY(const bool is_there, has(pair, kPrincipals, pair.key));
  return is_there ? as(pair.saved) : Settled{};
}

Result<Settled> settle_user(const RowPair& pair) {
  WRIT_TRY(const bool is_there, has(pair, kPrincipals, pair.key));
  if (!is_there || pair.saved == nullptr) return Settled{};
  return raise(pair, "stamp", 0);
}

// The value is a user's key.
Result<Settled> follow_user(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  WRIT_TRY(const bool is_there, has(pair, kUsers, *pair.saved));
  return is_there ? as(pair.saved) : Settled{};
}

// One that is here stays, with what it has used up. One that comes back accepts no code of the time
// before, and has no recovery codes: nobody knows which of them were used.
Result<Settled> settle_factor(const RowPair& pair) {
  WRIT_TRY(const bool is_there, has(pair, kPrincipals, pair.key));
  if (!is_there) return Settled{};
  if (pair.here != nullptr) return as(pair.here);
  WRIT_TRY(Value row, parse_json(*pair.saved));
  if (!row.is_object()) return fail(Code::tampered, "a row of the backup is no object");
  const std::int64_t step = crypto::totp_step(pair.now, {});
  row.as_object().set("last_step", std::max(step, row.integer_or("last_step", -1)));
  row.as_object().set("recovery", Array());
  return Settled{to_json(row)};
}

// A credential that was replaced since was replaced for a reason.
Result<Settled> settle_provider(const RowPair& pair) {
  if (pair.saved == nullptr || pair.here == nullptr) return as(pair.saved);
  WRIT_TRY(Value saved, parse_json(*pair.saved));
  WRIT_TRY(const Value here, parse_json(*pair.here));
  constexpr std::string_view kVersion = "credential_version";
  if (!saved.is_object() || here.integer_or(kVersion, 0) <= saved.integer_or(kVersion, 0)) {
    return as(pair.saved);
  }
  for (const std::string_view member :
       {std::string_view("credential"), kVersion, std::string_view("credential_since")}) {
    const Value* const newer = here.find(member);
    if (newer != nullptr) saved.as_object().set(std::string(member), *newer);
  }
  return Settled{to_json(saved)};
}

// Whether an end of a link is there: a principal, a provider, or a group.
Result<bool> is_node(const RowPair& pair, const std::string& name) {
  if (name.starts_with("group:")) return true;
  const auto id = Uuid::parse(name);
  if (!id) return false;
  const std::string key = store::Key().uuid(*id).take();
  WRIT_TRY(const bool is_principal, has(pair, kPrincipals, key));
  if (is_principal) return true;
  return has(pair, kProviders, key);
}

Result<Settled> settle_link(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  store::KeyReader reader(pair.key);
  WRIT_TRY(const std::string first, reader.text());
  WRIT_CHECK(reader.text());
  WRIT_TRY(const std::string last, reader.text());
  for (const std::string& end : {first, last}) {
    WRIT_TRY(const bool is_there, is_node(pair, end));
    if (!is_there) return Settled{};
  }
  return as(pair.saved);
}

Result<Settled> settle_api_key(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  WRIT_TRY(const bool was_revoked, has(pair, kApiKeysRevoked, pair.key));
  WRIT_TRY(const Value row, parse_json(*pair.saved));
  const auto principal = Uuid::parse(row.string_or("principal", ""));
  if (was_revoked || !principal) return Settled{};
  WRIT_TRY(const bool is_there, has(pair, kPrincipals, store::Key().uuid(*principal).bytes()));
  if (!is_there) return Settled{};
  return as(pair.here != nullptr ? pair.here : pair.saved);  // the newer time of use
}

Result<Settled> follow_api_key(const RowPair& pair, const std::string& id) {
  WRIT_TRY(const bool is_there, has(pair, kApiKeys, store::Key().text(id).bytes()));
  return is_there ? as(pair.here != nullptr ? pair.here : pair.saved) : Settled{};
}

Result<Settled> settle_api_key_of(const RowPair& pair) {
  store::KeyReader reader(pair.key);
  WRIT_CHECK(reader.uuid());
  WRIT_CHECK(reader.number());
  WRIT_TRY(const std::string id, reader.text());
  return follow_api_key(pair, id);
}

Result<Settled> settle_rotation(const RowPair& pair) {
  WRIT_TRY(const std::string id, store::KeyReader(pair.key).text());
  return follow_api_key(pair, id);
}

// What somebody who was deleted had is nobody's.
Result<Settled> settle_access(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  WRIT_TRY(const std::string subject, store::KeyReader(pair.key).text());
  const auto id = Uuid::parse(subject);
  if (!id) return as(pair.saved);
  WRIT_TRY(const bool was_erased, has(pair, kErased, store::Key().uuid(*id).bytes()));
  return was_erased ? Settled{} : as(pair.saved);
}

// An identity that was unlinked since signs in to nothing, however it was linked anew.
Result<Settled> settle_identity(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  WRIT_TRY(const Value row, parse_json(*pair.saved));
  const auto id = Uuid::parse(row.string_or("id", ""));
  const auto user = Uuid::parse(row.string_or("user", ""));
  if (!id || !user) return fail(Code::tampered, "an identity of the backup is nobody's");
  WRIT_TRY(const bool was_unlinked, has(pair, kUnlinked, store::Key().uuid(*id).bytes()));
  WRIT_TRY(const bool is_there, has(pair, kPrincipals, store::Key().uuid(*user).bytes()));
  return was_unlinked || !is_there ? Settled{} : as(pair.saved);
}

// One that is here is newer, its secret too.
Result<Settled> settle_application(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  WRIT_TRY(const bool was_erased, has(pair, kApplicationsErased, pair.key));
  if (was_erased) return Settled{};
  return as(pair.here != nullptr ? pair.here : pair.saved);
}

// The value is the key of an identity.
Result<Settled> follow_identity(const RowPair& pair) {
  if (pair.saved == nullptr) return Settled{};
  WRIT_TRY(const bool is_there, has(pair, kIdentities, *pair.saved));
  return is_there ? as(pair.saved) : Settled{};
}

constexpr RecoveredTable kTables[] = {
    {"identity_principals_erased", InBackup::whole, &take_both},
    {"identity_principals", InBackup::whole, &settle_principal},
    {"identity_users", InBackup::whole, &settle_user},
    {"identity_user_emails", InBackup::whole, &follow_user},
    {"identity_administrators", InBackup::whole, &follow_principal},
    {"identity_settings", InBackup::whole, &take_saved},
    {"identity_second_factors", InBackup::whole, &settle_factor},
    {"identity_ai_providers", InBackup::whole, &settle_provider},
    {"identity_machines", InBackup::whole, &follow_principal},
    {"identity_links", InBackup::whole, &settle_link},
    {"identity_links_back", InBackup::whole, &settle_link},
    {"identity_api_keys_revoked", InBackup::whole, &take_both},
    {"identity_api_keys", InBackup::whole, &settle_api_key},
    {"identity_api_keys_of", InBackup::whole, &settle_api_key_of},
    {"identity_key_rotations", InBackup::whole, &settle_rotation},
    {"identity_unlinked", InBackup::whole, &take_both},
    {"identity_linked", InBackup::whole, &settle_identity},
    {"identity_linked_of", InBackup::whole, &follow_identity},
    {"identity_directory_people", InBackup::whole, &follow_user},
    {"identity_directory_people_of", InBackup::whole, &follow_principal},
    {"identity_directory_roles", InBackup::whole, &settle_access},
    {"identity_directory_states", InBackup::left_out, &keep_here},
    {"identity_applications_erased", InBackup::whole, &take_both},
    {"identity_applications", InBackup::whole, &settle_application},
    {"access_roles", InBackup::whole, &take_saved},
    {"access_assignments", InBackup::whole, &settle_access},
    {"access_policies", InBackup::whole, &settle_access},
    {"access_changes", InBackup::left_out, &keep_here},
    {"access_state", InBackup::left_out, &keep_here},
    {"storage_entries", InBackup::whole, &take_saved},
    {"storage_spaces", InBackup::whole, &take_saved},
    {"storage_state", InBackup::left_out, &keep_here},
    {"identity_sessions", InBackup::left_out, &end_all},
    {"identity_sessions_of", InBackup::left_out, &end_all},
    {"identity_session_cookies", InBackup::left_out, &end_all},
    {"identity_refresh_tokens", InBackup::left_out, &end_all},
    {"identity_refresh_families", InBackup::left_out, &end_all},
    {"identity_one_time_tokens", InBackup::left_out, &end_all},
    {"identity_one_time_tokens_of", InBackup::left_out, &end_all},
    {"identity_sign_in_trips", InBackup::left_out, &end_all},
    {"identity_consents", InBackup::left_out, &end_all},
    {"identity_authorization_codes", InBackup::left_out, &end_all},
    {"identity_delegations", InBackup::left_out, &end_all},
    {"identity_delegations_of", InBackup::left_out, &end_all},
    {"identity_sign_in_failures", InBackup::left_out, &keep_here},
    {"identity_mail_wishes", InBackup::left_out, &keep_here},
    {"identity_mail_due", InBackup::left_out, &keep_here},
    {"identity_mail_turns", InBackup::left_out, &keep_here},
    {"identity_token_keys", InBackup::public_half, &keep_here},
    {"identity_token_keys_revoked", InBackup::whole, &take_both},
    {"identity_tokens_revoked", InBackup::whole, &take_both},
    {"identity_upkeep", InBackup::left_out, &keep_here},
    {"identity_recovery", InBackup::left_out, &keep_here},
    {"identity_approvals", InBackup::left_out, &keep_here},
};

}  // namespace

std::span<const RecoveredTable> recovered_tables() { return kTables; }

const RecoveredTable* find_recovered_table(std::string_view name) {
  const auto* const at = std::ranges::find(kTables, name, &RecoveredTable::name);
  return at == std::end(kTables) ? nullptr : at;
}

}  // namespace writ::identity
