#include "server/families.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "identity/accounts/account_secrets.h"
#include "identity/rbac/access_control.h"
#include "identity/rbac/access_rows.h"
#include "server/auth/auth_operations.h"
#include "server/auth/authenticator.h"
#include "server/auth/local_doorkeeper.h"
#include "server/directory/configured_directories.h"
#include "server/directory/directory_operations.h"
#include "server/events/event_operations.h"
#include "server/federation/federation_operations.h"
#include "server/iam/iam_operations.h"
#include "server/oauth/oauth_operations.h"
#include "server/rbac/rbac_operations.h"
#include "server/recovery/recovery_operations.h"
#include "server/runs/drive_operations.h"
#include "server/runs/run_operations.h"
#include "server/runs/word_operations.h"
#include "server/storage/storage_operations.h"
#include "server/storage/switch_operations.h"

namespace writ::server {
namespace {

Result<AuthOptions> auth_options(const FamilyNeeds& needs) {
  const std::filesystem::path directory = needs.directory / "identity";
  AuthOptions out{.secrets = directory / "secrets.json", .outbox = directory / "outbox"};
  if (const std::string& set = needs.settings.text("identity.secrets"); !set.empty()) {
    out.secrets = set;
  }
  WRIT_TRY(out.smtp, smtp_settings(needs.settings));
  out.mail_pause = needs.settings.duration("mail.retry");
  out.public_url = needs.public_url;
  out.trusted_proxies = needs.settings.texts("server.trusted_proxies");
  out.resources = needs.settings.texts("server.resources");
  // A person's own session may be used for everything that the contract has a scope for.
  out.session_scopes = scopes_of(needs.description);
  out.reserved_scopes = {"events:read", "events:write", "runs:read", "runs:write"};
  return out;
}

std::vector<std::string> scopes_in(const FamilyNeeds& needs, const Families& families) {
  std::set<std::string> scopes;
  for (const contract::DescribedOperation& operation : needs.description.operations()) {
    if (families.contains(operation.family)) {
      scopes.insert(operation.scopes.begin(), operation.scopes.end());
    }
  }
  return {scopes.begin(), scopes.end()};
}

// All but access control, which has to be able to make backups.
Result<RecoveryServices> recovery_services(const FamilyNeeds& needs) {
  WRIT_TRY(const AuthOptions options, auth_options(needs));
  WRIT_TRY(auto secrets, identity::load_account_secrets(needs.project.store(), options.secrets));
  store::Store& store = needs.project.store();
  identity::Journal& journal = needs.project.journal();
  return RecoveryServices{
      .access = {},
      .secrets = std::make_shared<const identity::ServerSecrets>(std::move(secrets)),
      .store = store,
      .journal = journal,
      .clock = needs.project.clock(),
      .random = needs.random,
      .directory = needs.directory / "backups",
      .second = second_person({store, journal, needs.project.clock(), needs.random})};
}

Result<std::shared_ptr<Directories>> directories_of(
    const FamilyNeeds& needs, const std::shared_ptr<identity::AccessControl>& access) {
  WRIT_TRY(auto configured, read_directories(needs.settings, needs.directory));
  std::vector<FollowedDirectory> followed;
  for (ConfiguredDirectory& one : configured) {
    followed.push_back({std::make_unique<LdapSource>(std::move(one.ldap)), std::move(one.rules)});
  }
  return std::make_shared<Directories>(DirectoryNeeds{.access = access,
                                                      .store = needs.project.store(),
                                                      .journal = needs.project.journal(),
                                                      .clock = needs.clock,
                                                      .random = needs.random,
                                                      .metrics = needs.metrics,
                                                      .log = needs.log},
                                       std::move(followed));
}

// Of a server that cannot read them nobody would be permitted anything: it does not start.
Result<identity::AccessConditions> conditions_of(const FamilyNeeds& needs) {
  const std::string& file = needs.settings.text("identity.conditions");
  if (file.empty()) return identity::AccessConditions();
  auto read = identity::AccessConditions::load((needs.directory / file).lexically_normal());
  if (!read) return std::unexpected(std::move(read).error().context("identity.conditions"));
  return read;
}

identity::BackUp backup_before_reset(const RecoveryServices& recovery) {
  return [recovery]() -> Result<std::string> {
    const identity::Deed deed{.journal = recovery.journal, .actor = "system"};
    WRIT_TRY(const identity::Manifest made,
             identity::make_backup(recovery.parts(), identity::BackupReason::before_reset, deed));
    return made.id.text();
  };
}

}  // namespace

void put(Composition& out, std::string family, std::vector<Binding> operations) {
  out.families.insert(std::move(family));
  for (Binding& one : operations) out.bindings.push_back(std::move(one));
}

// One line for each family: put(out, "rbac", rbac_operations(services));
Result<Composition> compose(const FamilyNeeds& needs) {
  Composition out;
  const Clock& clock = needs.project.clock();
  WRIT_TRY(AuthOptions options, auth_options(needs));
  WRIT_TRY(const auto auth, AuthService::open({.store = needs.project.store(),
                                               .journal = needs.project.journal(),
                                               .clock = clock,
                                               .machine = needs.clock,
                                               .random = needs.random,
                                               .metrics = needs.metrics,
                                               .log = needs.log},
                                              std::move(options)));
  out.doorkeeper = std::make_unique<LocalDoorkeeper>(std::make_unique<Authenticator>(auth),
                                                     scopes_of(needs.description));
  put(out, "auth", auth_operations(auth));
  WRIT_TRY(auto providers, read_sign_in_providers(needs.settings, needs.directory));
  std::vector<OfferedProvider> offered;
  for (const SignInProvider& one : providers) offered.push_back({one.name, one.title});
  put(out, "auth", federation_operations(auth, std::move(providers), needs.clock, needs.random));
  WRIT_TRY(RecoveryServices recovery, recovery_services(needs));
  WRIT_TRY(auto conditions, conditions_of(needs));
  WRIT_TRY(auto opened, identity::AccessControl::open(
                            {needs.project.store(), needs.project.journal(), needs.random,
                             std::move(conditions), backup_before_reset(recovery)}));
  const std::shared_ptr<identity::AccessControl> access = std::move(opened);
  recovery.access = access;
  put(out, "users", user_operations(auth, access));
  const auto is_on = [&](std::string_view family) {
    return needs.settings.flag("features." + std::string(family));
  };
  if (is_on("directory")) {
    WRIT_TRY(auto directories, directories_of(needs, access));
    put(out, "directory", directory_operations(directories));
  }
  if (is_on("recovery")) put(out, "recovery", recovery_operations(recovery));
  if (is_on("rbac")) {
    put(out, "rbac",
        rbac_operations({access, needs.project.store(), clock, recovery.second, needs.public_url}));
  }
  // The keys belong to `auth`, and keep it.
  if (is_on("iam")) {
    put(out, "iam",
        iam_operations({access, needs.project.store(), needs.project.journal(), clock, needs.random,
                        SealingKeys(auth, &auth->parts().keks)}));
  }
  if (is_on("storage")) {
    put(out, "storage",
        storage_operations({access, needs.project.store(), needs.project.journal()}));
    put(out, "storage",
        switch_operations({.switcher = &needs.project.switcher(),
                           .journal = needs.project.journal(),
                           .clock = clock,
                           .second = recovery.second}));
  }
  if (is_on("runs")) {
    put(out, "runs", run_operations({needs.project, needs.clock}));
    put(out, "runs", word_operations(needs.project, needs.clock));
    put(out, "runs", drive_operations({needs.project, needs.runs, needs.clock, needs.random}));
  }
  if (is_on("events")) {
    out.tail = std::make_shared<EventTail>(needs.project.ledger(), needs.clock);
    put(out, "events", event_operations({needs.project, needs.clock, out.tail}));
  }
  // Its metadata name the scopes of what is on.
  if (is_on("oauth")) {
    put(out, "oauth", oauth_operations(auth, scopes_in(needs, out.families), std::move(offered)));
    out.allows_origin = origins_of_clients(auth);
  }
  return out;
}

}  // namespace writ::server
