// writ trust: the working tree's trust file. What binds a run is the file at its base revision.
#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/server_client.h"
#include "cli/wiring.h"
#include "crypto/key_file.h"
#include "project/trust_value.h"

namespace writ::cli {
namespace {

struct TrustFile {
  std::filesystem::path path;
  identity::Trust trust;
};

Result<TrustFile> load_trust(const CommandContext& context) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  TrustFile file{ProjectPaths{repo.root()}.trust(), {}};
  const auto document = load_document(file.path);
  if (!document && document.error().code == Code::not_found) return file;
  if (!document) return std::unexpected(document.error());
  WRIT_TRY(file.trust, identity::Trust::parse(*document));
  return file;
}

// The working tree's file, here or at the server that was named.
Result<Value> trust_seen(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find_named(context));
  if (server != nullptr) return server->get("/trust");
  WRIT_TRY(const TrustFile file, load_trust(context));
  return project::trust_value(file.trust, context.wiring.clock.wall());
}

std::vector<std::string> words_of(const Value& value, std::string_view name) {
  std::vector<std::string> out;
  const Value* const list = value.find(name);
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& word : list->as_array()) {
    if (word.is_string()) out.push_back(word.as_string());
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

void tell(const CommandContext& context, const crypto::KeyId& id, bool is_trusted,
          const std::string& text) {
  report(context, Object{{"id", id.hex}, {"trusted", is_trusted}},
         text + "\n  next: commit .writ/trust.yaml; runs go by the file at their base revision\n");
}

}  // namespace

Result<int> trust_show(const CommandContext& context) {
  WRIT_TRY(const Value seen, trust_seen(context));
  if (context.global.is_json) {
    context.wiring.out << to_json(seen) << "\n";
    return 0;
  }
  const Value* const keys = seen.find("keys");
  if (keys == nullptr || !keys->is_array()) return 0;
  for (const Value& key : keys->as_array()) {
    const crypto::KeyId id{std::string(key.string_or("id", ""))};
    context.wiring.out << fmt::format("{}  {:5}  {:20}  {}\n", id.short_text(),
                                      key.string_or("state", ""), key.string_or("name", ""),
                                      joined(words_of(key, "roles")));
  }
  return 0;
}

Result<int> trust_add(const CommandContext& context) {
  WRIT_TRY(TrustFile file, load_trust(context));
  WRIT_TRY(const crypto::PublicKeyFile key,
           crypto::load_public_key_file(context.path(context.arguments.positional("FILE.pub"))));
  identity::TrustedKey trusted;
  trusted.key = key.key;
  trusted.name = key.name;
  trusted.roles = context.arguments.values("--role");
  const std::string what =
      key.name + " (" + key.key.id().short_text() + ") as " + joined(trusted.roles);
  WRIT_CHECK(file.trust.add(std::move(trusted)));
  WRIT_CHECK(replace_file(file.path, file.trust.to_yaml()));
  tell(context, key.key.id(), true, "trusts " + what);
  return 0;
}

Result<int> trust_remove(const CommandContext& context) {
  WRIT_TRY(TrustFile file, load_trust(context));
  const std::string wanted = context.arguments.positional("KEY");
  WRIT_TRY(const crypto::KeyId id, file.trust.resolve(wanted));
  if (!file.trust.remove(id)) return fail(Code::not_found, "no trusted key is " + wanted);
  WRIT_CHECK(replace_file(file.path, file.trust.to_yaml()));
  tell(context, id, false, "no longer trusts " + id.short_text());
  return 0;
}

}  // namespace writ::cli
