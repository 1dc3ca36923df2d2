#include "identity/graph/ai_providers.h"

#include <algorithm>

#include "base/json.h"
#include "identity/graph/machines.h"
#include "identity/rbac/access_model.h"
#include "store/key.h"

namespace writ::identity {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestAddress = 1024;
constexpr std::string_view kField = "credential";

std::string key_of(ProviderId id) { return store::Key().id(id).take(); }
std::string subject_of(ProviderId id) { return "ai-provider/" + id.text(); }

std::string to_row(const AiProvider& provider) {
  Object row{{"name", provider.name},
             {"kind", provider.kind},
             {"base_url", provider.base_url},
             {"active", provider.is_active},
             {"credential", provider.credential},
             {"credential_version", provider.credential_version},
             {"created", provider.created_at.micros}};
  if (provider.credential_since) {
    row.append("credential_since", provider.credential_since->micros);
  }
  return to_json(Value(std::move(row)));
}

Result<AiProvider> from_row(ProviderId id, std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  AiProvider out;
  out.id = id;
  out.name = value.string_or("name", "");
  out.kind = value.string_or("kind", "");
  out.base_url = value.string_or("base_url", "");
  out.is_active = value.bool_or("active", false);
  out.credential = value.string_or("credential", "");
  out.credential_version = static_cast<std::uint64_t>(value.integer_or("credential_version", 0));
  if (value.find("credential_since") != nullptr) {
    out.credential_since = WallTime{value.integer_or("credential_since", 0)};
  }
  out.created_at.micros = value.integer_or("created", 0);
  return out;
}

bool is_kind(std::string_view kind) {
  return !kind.empty() && kind.size() <= 64 && std::ranges::all_of(kind, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// Nothing that could carry a credential in the address, and nothing in the clear.
bool is_address(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme) || url.size() > kLongestAddress) return false;
  const std::string_view rest = url.substr(kScheme.size());
  return !rest.empty() && rest.front() != '/' && std::ranges::all_of(rest, [](char c) {
    return c > ' ' && c < 0x7f && c != '@' && c != '?' && c != '#' && c != '\\';
  });
}

Result<AiProvider> need(store::Tx& tx, ProviderId id) {
  WRIT_TRY(auto found, find_provider(tx, id));
  if (found) return *std::move(found);
  return fail(Code::not_found, "there is no provider " + id.text(),
              "List them: GET /iam/ai-providers");
}

Result<void> put(store::Tx& tx, const AiProvider& provider) {
  return tx.put(kProviders, key_of(provider.id), to_row(provider));
}

}  // namespace

Result<AiProvider> create_provider(store::Tx& tx, const NewProvider& provider, const Deed& deed) {
  WRIT_CHECK(check_access_name("the name", provider.name));
  if (provider.name.size() > kLongestName) {
    return fail(Code::invalid_input, "the name has more than 200 bytes", "Shorten it");
  }
  if (!is_kind(provider.kind)) {
    return fail(Code::invalid_input, "the kind is 1 to 64 of a-z, 0-9, `-` and `_`",
                "Name the API that it speaks, as `openai`");
  }
  if (!is_address(provider.base_url)) {
    return fail(Code::invalid_input, "the address is no https URL without user, query and fragment",
                "Give one as https://api.example.org/v1");
  }
  WRIT_TRY(const WallTime now, tx.now());
  AiProvider made;
  made.id = provider.id;
  made.name = provider.name;
  made.kind = provider.kind;
  made.base_url = provider.base_url;
  made.created_at = now;
  WRIT_CHECK(put(tx, made));
  WRIT_CHECK(deed.tell(tx, "writ.ai_provider.created", subject_of(made.id),
                       Object{{"kind", made.kind}, {"base_url", made.base_url}}));
  return made;
}

Result<std::optional<AiProvider>> find_provider(store::Tx& tx, ProviderId id) {
  WRIT_TRY(const auto row, tx.get(kProviders, key_of(id)));
  if (!row) return std::nullopt;
  WRIT_TRY(AiProvider out, from_row(id, *row));
  return out;
}

Result<std::vector<AiProvider>> list_providers(store::Tx& tx, std::optional<ProviderId> after,
                                               std::size_t limit) {
  const std::string from = after ? key_of(*after) + '\0' : std::string();
  WRIT_TRY(const auto rows, tx.scan(kProviders, {from, {}}, limit));
  std::vector<AiProvider> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(const Uuid id, store::KeyReader(row.key).uuid());
    WRIT_TRY(AiProvider one, from_row(ProviderId{id}, row.value));
    out.push_back(std::move(one));
  }
  return out;
}

Result<AiProvider> set_provider_credential(store::Tx& tx, ProviderId id,
                                           const crypto::KeyEncryptionKey& kek,
                                           std::string_view credential, const Deed& deed) {
  WRIT_TRY(AiProvider provider, need(tx, id));
  WRIT_TRY(const WallTime now, tx.now());
  ++provider.credential_version;
  provider.credential_since = now;
  const std::string record = subject_of(id);
  WRIT_TRY(provider.credential,
           crypto::seal(kek, credential, {record, kField, provider.credential_version}));
  WRIT_CHECK(put(tx, provider));
  WRIT_CHECK(deed.tell(tx, "writ.ai_provider.credential_changed", record,
                       Object{{"version", provider.credential_version}}));
  return provider;
}

Result<crypto::SecretBytes> open_provider_credential(
    store::Tx& tx, ProviderId id, std::span<const crypto::KeyEncryptionKey> keks) {
  WRIT_TRY(const AiProvider provider, need(tx, id));
  if (provider.credential.empty()) {
    return fail(Code::not_found, "the provider " + id.text() + " has no credential",
                "Give it one: PUT /iam/ai-providers/{id}/credential");
  }
  const std::string record = subject_of(id);
  return crypto::open_sealed(keks, provider.credential,
                             {record, kField, provider.credential_version});
}

Result<AiProvider> set_provider_active(store::Tx& tx, ProviderId id, bool is_active,
                                       const Deed& deed) {
  WRIT_TRY(AiProvider provider, need(tx, id));
  if (provider.is_active == is_active) return provider;
  provider.is_active = is_active;
  WRIT_CHECK(put(tx, provider));
  WRIT_TRY(const std::size_t agents, follow_provider(tx, id, is_active));
  WRIT_CHECK(deed.tell(tx, is_active ? "writ.ai_provider.enabled" : "writ.ai_provider.disabled",
                       subject_of(id), Object{{"agents", agents}}));
  return provider;
}

}  // namespace writ::identity
