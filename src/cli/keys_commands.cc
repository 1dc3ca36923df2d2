// writ keys: the project's own keys, and key files for people.
#include <fmt/format.h>

#include <ostream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/wiring.h"
#include "crypto/key_file.h"

namespace writ::cli {
namespace {

Result<crypto::Keyring> open_keyring(const CommandContext& context) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  return crypto::Keyring::open(ProjectPaths{repo.root()}.keys(), context.wiring.clock);
}

Value key_value(const crypto::KeyInfo& key) {
  Object out{{"id", key.id.hex},
             {"public", key.key.base64()},
             {"name", key.name},
             {"state", crypto::state_name(key.state)},
             {"created", to_rfc3339(key.created)}};
  if (key.ended) out.append("ended", to_rfc3339(*key.ended));
  if (!key.reason.empty()) out.append("reason", key.reason);
  return out;
}

}  // namespace

Result<int> keys_new(const CommandContext& context) {
  const std::filesystem::path path = context.path(*context.arguments.value("--out"));
  const std::string name = context.arguments.value("--name").value_or(path.stem().string());
  WRIT_TRY(
      const crypto::PublicKeyFile file,
      crypto::create_key_file(path, name, passphrase_of(context.wiring), context.wiring.clock));
  report(context, Object{{"file", path.string()}, {"id", file.key.id().hex}, {"name", name}},
         "created " + path.string() + " and " + path.string() + ".pub, key " +
             file.key.id().short_text() + " (" + name + ")\n");
  if (!passphrase_of(context.wiring) && !context.global.is_quiet) {
    context.wiring.err << "note: no WRIT_KEY_PASSPHRASE is set, so the file itself is the key\n";
  }
  return 0;
}

Result<int> keys_list(const CommandContext& context) {
  WRIT_TRY(const crypto::Keyring keyring, open_keyring(context));
  Array list;
  for (const crypto::KeyInfo& key : keyring.list()) {
    if (context.global.is_json) {
      list.push_back(key_value(key));
      continue;
    }
    context.wiring.out << fmt::format("{}  {:8}  {}  {}\n", key.id.short_text(),
                                      crypto::state_name(key.state), to_rfc3339(key.created),
                                      key.name);
  }
  if (context.global.is_json) context.wiring.out << to_json(Object{{"keys", list}}) << "\n";
  return 0;
}

Result<int> keys_rotate(const CommandContext& context) {
  WRIT_TRY(crypto::Keyring keyring, open_keyring(context));
  WRIT_TRY(const crypto::KeyInfo key, keyring.rotate("runner", passphrase_of(context.wiring)));
  report(context, key_value(key),
         "the runner's key is " + key.id.short_text() +
             " now; the one before is kept to verify what it signed\n"
             "  next: writ keys export --out KEY.pub, then  writ trust add --role runner "
             "--role attester KEY.pub, and commit .writ/trust.yaml\n");
  return 0;
}

Result<int> keys_revoke(const CommandContext& context) {
  WRIT_TRY(crypto::Keyring keyring, open_keyring(context));
  const std::string wanted = context.arguments.positional("KEY");
  for (const crypto::KeyInfo& key : keyring.list()) {
    if (wanted.size() < 8 || !key.id.hex.starts_with(wanted)) continue;
    const crypto::KeyId id = key.id;
    WRIT_CHECK(keyring.revoke(id, context.arguments.value("--reason").value_or("")));
    report(context, Object{{"id", id.hex}, {"state", "revoked"}},
           "revoked " + id.short_text() + "\n");
    return 0;
  }
  return fail(Code::not_found, "no key of this project begins with " + wanted,
              "`writ keys list` shows them; give at least 8 digits");
}

Result<int> keys_export(const CommandContext& context) {
  WRIT_TRY(const crypto::Keyring keyring, open_keyring(context));
  if (keyring.active() == nullptr) {
    return fail(Code::not_found, "there is no active key", "Run `writ init`");
  }
  const crypto::KeyInfo& key = *keyring.active();
  const std::filesystem::path path = context.path(*context.arguments.value("--out"));
  WRIT_CHECK(crypto::save_public_key_file(path, {key.key, key.name, key.created}));
  report(context, Object{{"file", path.string()}, {"id", key.id.hex}},
         "wrote the runner's public key to " + path.string() + "\n");
  return 0;
}

}  // namespace writ::cli
