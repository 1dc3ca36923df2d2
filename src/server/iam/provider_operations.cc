// AI providers. Credentials come in and never go out.
#include <string>
#include <utility>

#include "identity/graph/ai_providers.h"
#include "server/api/answers.h"
#include "server/iam/iam_parts.h"

namespace writ::server {
namespace {

using identity::AiProvider;
using identity::ProviderId;

Value to_value(const AiProvider& provider) {
  Object out{{"id", provider.id.text()},
             {"name", provider.name},
             {"kind", provider.kind},
             {"base_url", provider.base_url},
             {"is_active", provider.is_active},
             {"has_credential", !provider.credential.empty()},
             {"credential_version", provider.credential_version},
             {"created_at", to_rfc3339(provider.created_at)}};
  if (provider.credential_since) {
    out.append("credential_since", to_rfc3339(*provider.credential_since));
  }
  return out;
}

Result<AiProvider> seal_credential(const IamServices& services, store::Tx& tx, const Call& call,
                                   ProviderId id) {
  if (services.keks == nullptr || services.keks->empty()) {
    return fail(Code::unsupported, "this server has no key to seal credentials with",
                "Configure a key-encryption key");
  }
  return identity::set_provider_credential(tx, id, services.keks->front(),
                                           call.body.string_or("credential", ""),
                                           deed_of(services, call));
}

Result<net::Answer> create(const IamServices& services, const Call& call) {
  const identity::NewProvider provider{
      .id = new_id<ProviderId>(services),
      .name = std::string(call.body.string_or("name", "")),
      .kind = std::string(call.body.string_or("kind", "")),
      .base_url = std::string(call.body.string_or("base_url", ""))};
  WRIT_TRY(const AiProvider made, services.store.write([&](store::Tx& tx) -> Result<AiProvider> {
    WRIT_TRY(AiProvider fresh, identity::create_provider(tx, provider, deed_of(services, call)));
    if (call.body.find("credential") == nullptr) return fresh;
    return seal_credential(services, tx, call, provider.id);
  }));
  return json(201, to_value(made));
}

Result<net::Answer> list(const IamServices& services, const Call& call) {
  WRIT_TRY(const auto after, after_of<ProviderId>(call));
  WRIT_TRY(const auto found, services.store.read([&](store::Tx& tx) {
    return identity::list_providers(tx, after, limit_of(call));
  }));
  Array items;
  for (const AiProvider& provider : found) items.push_back(to_value(provider));
  Object out{{"items", std::move(items)}};
  if (found.size() == limit_of(call)) out.append("next", found.back().id.text());
  return json(200, std::move(out));
}

Result<net::Answer> get(const IamServices& services, const Call& call) {
  WRIT_TRY(const ProviderId id, id_in<ProviderId>(call));
  WRIT_TRY(const auto found,
           services.store.read([&](store::Tx& tx) { return identity::find_provider(tx, id); }));
  if (!found) return fail(Code::not_found, "there is no provider " + id.text(), "Check the id");
  return json(200, to_value(*found));
}

Result<net::Answer> replace_credential(const IamServices& services, const Call& call) {
  WRIT_TRY(const ProviderId id, id_in<ProviderId>(call));
  WRIT_TRY(const AiProvider made, services.store.write([&](store::Tx& tx) {
    return seal_credential(services, tx, call, id);
  }));
  return json(200, to_value(made));
}

Result<net::Answer> set_active(const IamServices& services, const Call& call, bool is_active) {
  WRIT_TRY(const ProviderId id, id_in<ProviderId>(call));
  WRIT_TRY(const AiProvider made, services.store.write([&](store::Tx& tx) {
    return identity::set_provider_active(tx, id, is_active, deed_of(services, call));
  }));
  return json(200, to_value(made));
}

}  // namespace

std::vector<Binding> provider_operations(const IamServices& services) {
  const auto bound = [&](auto function) { return for_administrators(services, function); };
  using Services = const IamServices&;
  return {{"createAiProvider", bound(create)},
          {"listAiProviders", bound(list)},
          {"getAiProvider", bound(get)},
          {"replaceAiProviderCredential", bound(replace_credential)},
          {"disableAiProvider",
           bound([](Services with, const Call& call) { return set_active(with, call, false); })},
          {"enableAiProvider",
           bound([](Services with, const Call& call) { return set_active(with, call, true); })}};
}

}  // namespace writ::server
