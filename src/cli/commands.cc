// The command table: what each command is called, what it takes, and the function that does it.
#include "cli/command.h"
#include "cli/handlers.h"

namespace writ::cli {
namespace {

using Option = OptionRow;
using Positional = PositionalRow;

constexpr Positional kOptionalRun[] = {
    {"RUN", "Run id or its unique beginning; the newest run when left out", Positional::optional}};
constexpr Positional kOptionalStep[] = {
    {"STEP", "Path of a step; the one that stops the run when left out", Positional::optional}};
constexpr Positional kRunOrFile[] = {
    {"RUN|FILE", "Run id, or a bundle; the newest run when left out", Positional::optional}};
constexpr Positional kRunAndStep[] = {{"RUN", "Run id, its unique beginning, or `latest`"},
                                      {"STEP", "Path of the step, as `writ status` shows it"}};
constexpr Positional kRunAndBlocker[] = {{"RUN", "Run id, its unique beginning, or `latest`"},
                                         {"BLOCKER", "Id of the blocker, as `writ status` shows"}};
constexpr Positional kRunAndDeferral[] = {
    {"RUN", "Run id, its unique beginning, or `latest`"},
    {"DEFERRAL", "Id of the deferral, as `writ deferral list` shows"}};
constexpr Positional kSpec[] = {{"SPEC", "The spec to run, a YAML or JSON file"}};
constexpr Positional kFile[] = {{"FILE", "The file to read"}};
constexpr Positional kFiles[] = {{"FILE", "Documents to validate, YAML or JSON", Positional::many}};
constexpr Positional kTypedContract[] = {
    {"FILE",
     "A JSON Schema or an OpenAPI description, or a contract of Writ by its name; Writ's own "
     "API when left out",
     Positional::optional}};
constexpr Option kTypesOptions[] = {
    {"--lang", "LANGUAGE", "cpp (the header), cpp-source or ts", Option::required},
    {"--namespace", "NAME", "Of C++, writ::api by default"},
    {"--include", "PATH", "Of the header, as the C++ source includes it; types.h by default"}};
constexpr Positional kSuite[] = {{"DIR", "Folder in the format of the JSON-Schema-Test-Suite"}};
constexpr Positional kKey[] = {{"KEY", "A key's id, or the beginning of it"}};
constexpr Positional kPublicKey[] = {{"FILE.pub", "The public key file to trust"}};
constexpr Positional kFirstAdministrator[] = {{"EMAIL", "Address of who administers the server"}};
constexpr Positional kUser[] = {{"USER", "A user's id or address"}};
constexpr Positional kAgent[] = {{"AGENT", "An agent's id"}};
constexpr Positional kNewAgent[] = {{"NAME", "What it is called"}};
constexpr Option kNewAgentOptions[] = {
    {"--sponsor", "USER", "The id or address of the user who answers for it", Option::required},
    {"--provider", "ID", "The AI provider", Option::required},
    {"--model", "NAME", "The model", Option::required},
    {"--description", "TEXT", "What it is for"}};
constexpr Option kAgentKeyOptions[] = {
    {"--purpose", "TEXT", "What the key is for", Option::required},
    {"--scope", "SCOPE", "What it may ask tokens for", Option::at_least_one}};
constexpr Positional kRole[] = {{"ROLE", "Name of a role"}};
constexpr Positional kSubject[] = {
    {"SUBJECT", "Id of a principal, the address of a user, or any other subject"}};
constexpr Positional kRoleAndSubject[] = {kRole[0], kSubject[0]};
constexpr Option kDryRun{"--dry-run", "", "Changes nothing, and says who would gain or lose what"};
constexpr Option kDryRunOption[] = {kDryRun};
constexpr Option kNewRoleOptions[] = {
    {"--description", "TEXT", "What it is for"},
    {"--parent", "ROLE", "A role that it holds", Option::repeated},
    kDryRun};
constexpr Positional kDirectory[] = {
    {"DIRECTORY", "Its name in the settings; left out where there is one", Positional::optional}};
constexpr Option kSyncOptions[] = {
    {"--apply", "", "Really does it; else it is said what would be done"},
    {"--may-lose", "N", "How many people may be switched off or lose roles this time"}};
constexpr Positional kBackup[] = {{"BACKUP", "Id of a backup"}};
constexpr Positional kBackupItem[] = {
    {"BACKUP", "Id of a backup"},
    {"ITEM", "user or access"},
    {"ID", "The user's; of access a subject, or left out: all of it", Positional::optional}};
constexpr Positional kTrustedKey[] = {{"KEY", "A trusted key's id, its beginning, or its name"}};
constexpr Positional kEventFile[] = {
    {"FILE", "CloudEvents 1.0 as JSON; standard input when left out or `-`", Positional::optional}};
constexpr Positional kEvent[] = {{"ID", "Id of the event"}};
constexpr Positional kScanned[] = {
    {"PATH", "File or folder; the whole repository when left out", Positional::optional}};

constexpr Option kInput{"--input", "NAME=PATH", "Binds a document to an input of the spec",
                        Option::repeated};
constexpr Option kJunit{"--junit", "FILE", "Writes steps and gates as a JUnit report"};
constexpr Option kAnnotations{"--annotations", "",
                              "Prints findings as GitHub annotations (there, by itself)"};
constexpr Option kKeyOption{"--key", "FILE", "Key file to sign with; the runner's own by default"};
constexpr Option kSigningKey{"--key", "FILE", "Key file to sign with", Option::required};
constexpr Option kReason{"--reason", "TEXT", "Why; kept with the signed statement"};

constexpr Option kPlanOptions[] = {kInput};
constexpr Option kApplyOptions[] = {kInput, kJunit, kAnnotations};
constexpr Option kResumeOptions[] = {
    {"--replan", "", "Goes on under the edited spec, keeping steps whose definition still holds"},
    kInput,
    kJunit,
    kAnnotations};
constexpr Option kDecideOptions[] = {kKeyOption, kReason};
constexpr Option kResolveOptions[] = {kSigningKey, kReason};
constexpr Option kClaimOptions[] = {kKeyOption};
constexpr Option kSubmitOptions[] = {
    kKeyOption,
    {"--evidence", "FILE", "Files that the step asks for", Option::many},
    {"--note", "TEXT", "Kept with the signed submission"}};
constexpr Option kOwner{"--owner", "NAME", "Who has to settle it"};
constexpr Option kDue{"--due", "DATE", "Until when, as 2026-03-01"};
constexpr Option kUnblocker{"--unblocker", "TEXT", "What has to happen before it can be settled"};
constexpr Option kDeferOptions[] = {
    {"--what", "TEXT", "What is put off", Option::required}, kOwner, kDue, kUnblocker, kKeyOption};
constexpr Option kAssumeOptions[] = {
    {"--what", "TEXT", "What is assumed", Option::required},
    {"--about", "WHAT", "A path, or an invariant, that it is about", Option::at_least_one},
    kOwner,
    kDue,
    kUnblocker,
    kKeyOption};
constexpr Option kDeferralListOptions[] = {{"--all", "", "Closed ones too"}};
constexpr Option kExplainOptions[] = {
    {"--run", "RUN", "Another run than the newest"},
    {"--rego", "DIR", "Writes the gate as gate.rego, and the facts it saw as input.json, there"}};
constexpr Option kDoctorOptions[] = {
    {"--bundle", "FILE",
     "Writes the findings there as JSON, to send to whoever helps; no secrets"}};
constexpr Option kInitOptions[] = {
    {"--from-repo", "", "Writes a first spec.yaml from the build tool that it finds"}};
constexpr Option kOutOption[] = {{"--out", "FILE", "File to write", Option::required}};
constexpr Option kHandoffOptions[] = {{"--out", "FILE", "Writes it there"}};
constexpr Option kVerifyOptions[] = {
    {"--trust", "FILE", "Whose signatures count: a trust file, or one public key (.pub)"}};
constexpr Option kNewKeyOptions[] = {
    {"--out", "FILE", "Key file to create; the public half goes beside it", Option::required},
    {"--name", "NAME", "Whose key it is; the file's name by default"}};
constexpr Option kRevokeOptions[] = {{"--reason", "TEXT", "Why it is revoked", Option::required}};
constexpr Option kTrustOptions[] = {{"--role", "ROLE",
                                     "What the key may do: runner, attester, maintainer, …",
                                     Option::at_least_one}};
constexpr Option kValidateOptions[] = {
    {"--schema", "S", "Schema file, or the name of a contract of Writ's own", Option::required}};
constexpr Option kConformanceOptions[] = {
    {"--remotes", "DIR", "Folder that stands for http://localhost:1234/"}};
constexpr Option kScanOptions[] = {
    {"--since", "REV", "Only files that changed since this revision"},
    {"--format", "FORMAT", "text, json or sarif"},
    {"--list", "", "Lists the rules instead: what each finds, in which part of a file"},
    {"--rules", "RULE", "Rules or rule sets; zero-tolerance by default", Option::repeated}};
constexpr Option kListOptions[] = {
    {"--run", "RUN", "Events of this run"},
    {"--type", "TYPE", "Events of this type, or of all that begin so when it ends in `.`"},
    {"--subject", "SUBJECT", "Events about this, or about all below it when it ends in `/`"},
    {"--actor", "ACTOR", "Events of this actor"},
    {"--correlation", "ID", "Events that belong together under this"},
    {"--thread", "ID", "Events of this conversation or matter"},
    {"--from", "TIME", "Events of this time or later: 2026-03-01T12:00:00Z"},
    {"--to", "TIME", "Events before this time"},
    {"--text", "TEXT", "Events whose payload contains this"},
    {"--after", "INDEX", "Events from this index on"},
    {"--limit", "N", "At most so many; 100 by default"}};
constexpr Option kAppendOptions[] = {
    {"--lines", "", "Takes an event a line, however many, in batches"},
    {"--sign", "", "Signs what is appended, with the runner's own key"},
    {"--key", "FILE", "Signs with the key in this file"}};
constexpr Option kLogTrust{"--trust", "FILE",
                           "Whose signatures of the log count: a trust file, or one public key "
                           "(.pub); by default the keys that are known here"};
constexpr Option kProveOptions[] = {{"--out", "FILE", "Writes the proof there"}, kLogTrust};
constexpr Option kLogVerifyOptions[] = {kLogTrust};
constexpr Option kLedgerExportOptions[] = {
    {"--out", "DIR", "Folder of the tiles, or the file of JSON lines", Option::required},
    {"--format", "FORMAT", "tiles (C2SP tlog-tiles) or jsonl"},
    kLogTrust};

constexpr Positional kQuery[] = {{"QUERY", "Rego, for example data.app.allow"}};
constexpr Positional kDecision[] = {{"DECISION", "Its decision_id; of a gate also RUN/STEP"}};
constexpr Positional kPolicies[] = {
    {"PATH", "Policies and data: files, and folders of such", Positional::many}};
constexpr Positional kFormatted[] = {
    {"PATH", "Policies, and folders of such; standard input when there is none", Positional::any}};
constexpr Positional kCases[] = {{"DIR", "Folder of OPA's cases"}};
constexpr Option kData{"--data", "PATH", "Policies and data: a file, or a folder of such",
                       Option::repeated, "d"};
constexpr Option kBundle{"--bundle", "PATH", "A bundle, packed or as a folder", Option::repeated,
                         "b"};
constexpr Option kOlderRego{"--v0-compatible", "", "Reads Rego as it was before OPA 1.0"};
constexpr Option kIgnore{"--ignore", "GLOB", "Files and folders to leave out", Option::repeated};
constexpr Option kVerificationKey{"--verification-key", "KEY",
                                  "Public key that bundles must be signed for: a PEM file, or a "
                                  "secret"};
constexpr Option kVerificationKeyId{"--verification-key-id", "ID", "Its id; default by default"};
constexpr Option kSignatureAlgorithm{"--signing-alg", "NAME",
                                     "RS256 (as by default), PS, ES or HS with 256, 384 or 512, "
                                     "EdDSA"};
constexpr Option kScope{"--scope", "SCOPE", "What the signature must be for"};
constexpr Option kExcludedFiles{"--exclude-files-verify", "GLOB",
                                "Files that the signature need not list", Option::repeated};
constexpr Option kSkipVerify{"--skip-verify", "", "Reads signed bundles without a look at that"};
constexpr Option kBundleSigningKey{"--signing-key", "KEY", "Private key: a PEM file, or a secret"};
constexpr Option kClaims{"--claims-file", "FILE", "JSON with more claims for the signature"};
constexpr Option kAreBundles{"--bundle", "", "The paths are bundles, packed or as folders",
                             Option::optional, "b"};
constexpr Option kPolicyFormat{"--format", "FORMAT", "pretty or json", Option::optional, "f"};
constexpr Option kStrict{"--strict", "",
                         "Refuses unused variables, arguments and imports, and two imports of one "
                         "name",
                         Option::optional, "S"};
constexpr Option kSchema{"--schema", "PATH",
                         "JSON Schema of the input; a folder: schemas that annotations name",
                         Option::optional, "s"};
constexpr Option kEvalOptions[] = {
    kData,
    kBundle,
    kStrict,
    kSchema,
    kIgnore,
    kVerificationKey,
    kVerificationKeyId,
    kSignatureAlgorithm,
    kScope,
    kExcludedFiles,
    kSkipVerify,
    {"--input", "FILE", "The input, JSON", Option::optional, "i"},
    {"--stdin-input", "", "Reads the input from standard input", Option::optional, "I"},
    {"--format", "FORMAT", "json (as by default), pretty, values, bindings, raw or discard",
     Option::optional, "f"},
    {"--fail", "", "Exits with 1 when the query is undefined"},
    {"--fail-defined", "", "Exits with 1 when the query is defined"},
    {"--coverage", "", "Says which lines were evaluated", Option::optional, "c"},
    {"--profile", "", "Says where the time went"},
    {"--profile-limit", "N", "Lines of the profile; 10 by default, 0: all"},
    {"--explain", "HOW", "Says what happened: notes, fails or full"},
    {"--metrics", "", "Says how long each part took"},
    {"--partial", "", "Says what remains of the query over --unknowns", Option::optional, "p"},
    {"--unknowns", "REF", "What is not known with --partial; input by default", Option::repeated,
     "u"},
    {"--disable-inlining", "REF", "A rule that stays a rule with --partial", Option::repeated},
    {"--nondeterministic-builtins", "", "Calls time.now_ns and the like with --partial"},
    {"--strict-builtin-errors", "", "Lets the first error of a builtin end the query"},
    {"--show-builtin-errors", "", "Shows errors of builtins that made something undefined"},
    kOlderRego};
constexpr Option kPolicyExplainOptions[] = {
    kData,
    kBundle,
    kIgnore,
    kVerificationKey,
    kVerificationKeyId,
    kSignatureAlgorithm,
    kScope,
    kExcludedFiles,
    kSkipVerify,
    {"--file", "FILE", "A decision log, one event a line, instead of the buffer in --store"},
    {"--format", "FORMAT", "pretty (as by default) or json", Option::optional, "f"},
    kOlderRego};
constexpr Option kPolicyCheckOptions[] = {
    kStrict,
    kSchema,
    {"--max-errors", "N", "Errors to report; 10 by default, 0: all", Option::optional, "m"},
    kBundle,
    kIgnore,
    kVerificationKey,
    kVerificationKeyId,
    kSignatureAlgorithm,
    kScope,
    kExcludedFiles,
    kSkipVerify,
    kPolicyFormat,
    kOlderRego};
constexpr Option kPolicyBenchOptions[] = {
    kData,
    kBundle,
    kIgnore,
    {"--input", "FILE", "The input, JSON", Option::optional, "i"},
    {"--stdin-input", "", "Reads the input from standard input", Option::optional, "I"},
    {"--format", "FORMAT", "pretty (as by default), json or gobench", Option::optional, "f"},
    kOlderRego};
constexpr Option kPolicyBuildOptions[] = {
    kAreBundles,
    {"--output", "FILE", "The bundle; bundle.tar.gz by default", Option::optional, "o"},
    {"--revision", "TEXT", "Revision for the manifest", Option::optional, "r"},
    {"--entrypoint", "PATH", "Rule or package that must be there: app/allow", Option::repeated,
     "e"},
    kIgnore,
    kBundleSigningKey,
    kSignatureAlgorithm,
    kClaims,
    kVerificationKey,
    kVerificationKeyId,
    kScope,
    kExcludedFiles,
    kSkipVerify,
    kOlderRego};
constexpr Option kPolicySignOptions[] = {
    kAreBundles,
    kBundleSigningKey,
    kSignatureAlgorithm,
    kClaims,
    kScope,
    {"--output-file-path", "DIR", "Where .signatures.json goes; here by default", Option::optional,
     "o"}};
constexpr Option kPolicyTestOptions[] = {
    kBundle,
    kIgnore,
    {"--run", "PATTERN", "Only tests whose full name has a match", Option::optional, "r"},
    {"--verbose", "", "Lists the tests that pass, too", Option::optional, "v"},
    {"--coverage", "", "Says which lines the tests evaluate, as JSON", Option::optional, "c"},
    {"--threshold", "PERCENT", "Exits with 2 when less is covered"},
    kPolicyFormat,
    kOlderRego};
constexpr Option kPolicyFmtOptions[] = {
    {"--write", "", "Writes the files instead of printing them", Option::optional, "w"},
    {"--list", "", "Lists the files that would change", Option::optional, "l"},
    {"--diff", "", "Shows what would change", Option::optional, "d"},
    {"--fail", "", "Exits with 2 when something would change, and changes nothing"},
    kOlderRego};
constexpr Option kPolicyConformanceOptions[] = {
    {"--category", "NAME", "Only categories whose name contains this"}};
constexpr Positional kServed[] = {
    {"FILE", "Policies and data: files, and folders of such", Positional::any}};
constexpr Option kServeOptions[] = {
    {"--listen", "HOST:PORT",
     "Address to listen on, 127.0.0.1:8181 by default; port 0 takes any, unix:PATH a socket",
     Option::repeated},
    {"--addr", "HOST:PORT", "The same, as OPA calls it", Option::repeated, "a"},
    {"--config-file", "FILE", "Configuration in OPA's format: services, bundles, labels, logs",
     Option::optional, "c"},
    {"--set", "NAME=VALUE", "Overrides the configuration: labels.region=eu", Option::repeated},
    {"--bundle-dir", "DIR", "Hands out the bundles in this folder at /bundles/NAME.tar.gz"},
    {"--authentication", "HOW", "token: input.identity is the bearer token; off by default"},
    {"--authorization", "HOW", "basic: data.system.authz.allow decides; off by default"},
    {"--setting", "NAME=VALUE", "Overrides a setting of `writ config show`: log.level=debug",
     Option::repeated},
    {"--check-answers", "", "Holds every answer to the contract: one that breaks it is a 500"},
    kBundle,
    kIgnore,
    kVerificationKey,
    kVerificationKeyId,
    kSignatureAlgorithm,
    kScope,
    kExcludedFiles,
    kSkipVerify,
    kOlderRego};
constexpr Positional kKeptBundle[] = {
    {"NAME", "The bundle, as the server's configuration calls it"},
    {"REVISION", "A kept one; the one before the current when left out", Positional::optional}};
constexpr Option kPolicyRollbackOptions[] = {
    {"--persistence-dir", "DIR", "The server's persistence_directory, .opa by default"},
    {"--list", "", "Shows what is kept and changes nothing"}};

constexpr Option kApplyOption[] = {{"--apply", "", "Really do it"}};

using enum Effect;
constexpr Reach kServerToo = Reach::server;

constexpr Command kCommands[] = {
    {"apply", &apply, "Run a spec until it is attested or something stops it", changes_run, kSpec,
     kApplyOptions, kServerToo},
    {"approve", &approve, "Sign an approval that a run waits for", changes_run, kRunAndStep,
     kDecideOptions, kServerToo},
    {"assume", &assume, "Record an assumption where the law lets you make one", changes_run,
     kRunAndStep, kAssumeOptions, kServerToo},
    {"cancel", &cancel, "End a run for good", changes_run, kOptionalRun, {}, kServerToo},
    {"claim", &claim, "Say that you do an external step", changes_run, kRunAndStep, kClaimOptions,
     kServerToo},
    {"config check", &config_check, "Check .writ/config.yaml and .writ/settings.yaml"},
    {"config show", &config_show, "Print the project's settings and where each comes from"},
    {"contract canon", &contract_canon, "Print a document as canonical JSON (RFC 8785)", reads_only,
     kFile},
    {"contract conformance", &contract_conformance, "Run a JSON Schema test suite", reads_only,
     kSuite, kConformanceOptions},
    {"contract types", &contract_types, "Print the types of a contract", reads_only, kTypedContract,
     kTypesOptions},
    {"contract validate", &contract_validate, "Hold documents to a JSON Schema", reads_only, kFiles,
     kValidateOptions},
    {"deferral add", &deferral_add, "Put something off, with owner, date and what unblocks it",
     changes_run, kRunAndStep, kDeferOptions, kServerToo},
    {"deferral close", &deferral_close, "Sign that what was put off is settled", changes_run,
     kRunAndDeferral, kResolveOptions, kServerToo},
    {"deferral list", &deferral_list, "List what was put off, and what of it is overdue",
     reads_only, kOptionalRun, kDeferralListOptions, kServerToo},
    {"doctor", &doctor, "Look at everything that Writ needs here", reads_only, {}, kDoctorOptions},
    {"explain", &explain, "Say why a step stands as it does, and what would change that",
     reads_only, kOptionalStep, kExplainOptions, kServerToo},
    {"export", &export_bundle, "Write a run into one file that is checked offline", reads_only,
     kOptionalRun, kOutOption, kServerToo},
    {"handoff", &handoff, "Say in Markdown where a run stands, for whoever takes over", reads_only,
     kOptionalRun, kHandoffOptions, kServerToo},
    {"identity agents add", &identity_agents_add, "Register an AI agent", changes_project,
     kNewAgent, kNewAgentOptions, kServerToo},
    {"identity agents delete",
     &identity_agents_delete,
     "Delete an agent, with all that it may do",
     changes_project,
     kAgent,
     {},
     kServerToo},
    {"identity agents disable",
     &identity_agents_disable,
     "An agent may act no more, and what it was given is void",
     changes_project,
     kAgent,
     {},
     kServerToo},
    {"identity agents enable",
     &identity_agents_enable,
     "An agent may act again",
     changes_project,
     kAgent,
     {},
     kServerToo},
    {"identity agents key", &identity_agents_key,
     "Make a key that an agent asks for tokens with, and print it this once", changes_project,
     kAgent, kAgentKeyOptions, kServerToo},
    {"identity agents list",
     &identity_agents_list,
     "AI agents, oldest first",
     reads_only,
     {},
     {},
     kServerToo},
    {"identity agents show",
     &identity_agents_show,
     "One of them",
     reads_only,
     kAgent,
     {},
     kServerToo},
    {"identity backup", &identity_backup, "Back up accounts and access", changes_project},
    {"identity bootstrap-admin", &identity_bootstrap_admin,
     "Make the first administrator; the password comes on standard input", changes_project,
     kFirstAdministrator},
    {"identity directories list",
     &identity_directories_list,
     "Directories that accounts follow, and how the last runs ended",
     reads_only,
     {},
     {},
     kServerToo},
    {"identity directories sync", &identity_directories_sync, "Make accounts what a directory says",
     changes_project, kDirectory, kSyncOptions, kServerToo},
    {"identity restore", &identity_restore,
     "Put a backup in the place of accounts and access, or say what that changes", changes_project,
     kBackup, kApplyOption},
    {"identity roles add", &identity_roles_add, "Create a role", changes_project, kRole,
     kNewRoleOptions, kServerToo},
    {"identity roles assign", &identity_roles_assign, "Make a subject the holder of a role",
     changes_project, kRoleAndSubject, kDryRunOption, kServerToo},
    {"identity roles delete", &identity_roles_delete,
     "Delete a role, with its policies, and from whoever holds it", changes_project, kRole,
     kDryRunOption, kServerToo},
    {"identity roles list", &identity_roles_list, "Roles, by name", reads_only, {}, {}, kServerToo},
    {"identity roles of",
     &identity_roles_of,
     "All roles of a subject, its own first",
     reads_only,
     kSubject,
     {},
     kServerToo},
    {"identity roles show",
     &identity_roles_show,
     "A role, the roles that it holds, and who holds it",
     reads_only,
     kRole,
     {},
     kServerToo},
    {"identity roles unassign", &identity_roles_unassign, "Take a role from its holder",
     changes_project, kRoleAndSubject, kDryRunOption, kServerToo},
    {"identity rollback", &identity_rollback,
     "One user, or policies and roles, as a backup has them", changes_project, kBackupItem,
     kApplyOption},
    {"identity users delete",
     &identity_users_delete,
     "Delete a user with all that was given out",
     changes_project,
     kUser,
     {},
     kServerToo},
    {"identity users disable",
     &identity_users_disable,
     "Switch a user off; sessions and tokens are void at once",
     changes_project,
     kUser,
     {},
     kServerToo},
    {"identity users enable",
     &identity_users_enable,
     "Switch a user on again",
     changes_project,
     kUser,
     {},
     kServerToo},
    {"identity users list",
     &identity_users_list,
     "Users, in order of creation",
     reads_only,
     {},
     {},
     kServerToo},
    {"identity users show", &identity_users_show, "One of them", reads_only, kUser, {}, kServerToo},
    {"init", &init, "Set a repository up", changes_project, {}, kInitOptions},
    {"keys export",
     &keys_export,
     "Write the runner's public key to a file",
     reads_only,
     {},
     kOutOption},
    {"keys list", &keys_list, "List the project's own keys"},
    {"keys new", &keys_new, "Create a key file for a person", changes_project, {}, kNewKeyOptions},
    {"keys revoke", &keys_revoke, "Revoke a key of the project", changes_project, kKey,
     kRevokeOptions},
    {"keys rotate", &keys_rotate, "Give the runner a new key", changes_project},
    {"ledger append", &ledger_append, "Append events", changes_project, kEventFile, kAppendOptions,
     kServerToo},
    {"ledger checkpoint",
     &ledger_checkpoint,
     "Sign the head of the log",
     changes_project,
     {},
     {},
     kServerToo},
    {"ledger export",
     &ledger_export,
     "Write the log out for others to check",
     changes_project,
     {},
     kLedgerExportOptions,
     kServerToo},
    {"ledger list", &ledger_list, "List events", reads_only, {}, kListOptions, kServerToo},
    {"ledger prove", &ledger_prove, "Print the proof that an event is in the log", reads_only,
     kEvent, kProveOptions, kServerToo},
    {"ledger show", &ledger_show, "Print an event", reads_only, kEvent, {}, kServerToo},
    {"ledger verify",
     &ledger_verify,
     "Recompute the whole log and compare",
     reads_only,
     {},
     kLogVerifyOptions,
     kServerToo},
    {"plan", &plan, "Print what a spec comes to under its protocols", reads_only, kSpec,
     kPlanOptions},
    {"policy bench", &policy_bench, "Say how long a query takes", reads_only, kQuery,
     kPolicyBenchOptions},
    {"policy build", &policy_build, "Build a bundle of policies and data", changes_project,
     kPolicies, kPolicyBuildOptions},
    {"policy check", &policy_check, "Parse and compile policies", reads_only, kPolicies,
     kPolicyCheckOptions},
    {"policy conformance", &policy_conformance, "Run OPA's conformance cases", reads_only, kCases,
     kPolicyConformanceOptions},
    {"policy eval", &policy_eval, "Evaluate a query", reads_only, kQuery, kEvalOptions},
    {"policy explain", &policy_explain, "Make a logged decision again, and say which rule made it",
     reads_only, kDecision, kPolicyExplainOptions},
    {"policy fmt", &policy_fmt, "Lay policies out as everybody's are", changes_project, kFormatted,
     kPolicyFmtOptions},
    {"policy rollback", &policy_rollback,
     "Go back to a revision of a bundle that a server has kept", changes_project, kKeptBundle,
     kPolicyRollbackOptions},
    {"policy sign", &policy_sign, "Write the signature of a bundle", changes_project, kPolicies,
     kPolicySignOptions},
    {"policy test", &policy_test, "Run the tests that policies bring", reads_only, kPolicies,
     kPolicyTestOptions},
    {"reject", &reject, "Sign that you do not approve", changes_run, kRunAndStep, kDecideOptions,
     kServerToo},
    {"resolve", &resolve, "Sign that a blocker is lifted", changes_run, kRunAndBlocker,
     kResolveOptions, kServerToo},
    {"resume", &resume, "Go on with a run", changes_run, kOptionalRun, kResumeOptions, kServerToo},
    {"scan", &scan, "Find notes of work not done and functions that pretend", reads_only, kScanned,
     kScanOptions},
    {"serve", &serve, "Serve policies and a project over HTTP until told to stop", reads_only,
     kServed, kServeOptions},
    {"status", &status, "Show how a run stands", reads_only, kOptionalRun, {}, kServerToo},
    {"submit", &submit, "Hand in the evidence of an external step", changes_run, kRunAndStep,
     kSubmitOptions, kServerToo},
    {"trust add", &trust_add, "Trust a key", changes_project, kPublicKey, kTrustOptions},
    {"trust remove", &trust_remove, "Trust a key no longer", changes_project, kTrustedKey},
    {"trust show", &trust_show, "List the keys that are trusted", reads_only, {}, {}, kServerToo},
    {"verify", &verify, "Check a run, or a bundle, against everything that is kept of it",
     reads_only, kRunOrFile, kVerifyOptions, kServerToo},
};

constexpr CommandGroup kGroups[] = {
    {"config", "The project's configuration"},
    {"contract", "Schemas and canonical documents"},
    {"deferral", "What was put off, until it is settled"},
    {"identity", "People who use a server, agents, and what they may do"},
    {"identity agents", "AI agents"},
    {"identity directories", "Directories that accounts follow"},
    {"identity roles", "Roles, and who holds them"},
    {"identity users", "Accounts of people"},
    {"keys", "The project's own keys, and key files for people"},
    {"ledger", "The tamper-evident log"},
    {"policy", "Rego policies: decisions, tests, conformance"},
    {"trust", "Which keys the repository trusts, and for what"},
};

}  // namespace

std::span<const Command> command_table() { return kCommands; }
std::span<const CommandGroup> command_groups() { return kGroups; }

}  // namespace writ::cli
