#pragma once
// The functions of the command table, a file per family. Each answers with the exit code.
#include "cli/command.h"

namespace writ::cli {

// init_command.cc: sets a repository up. Again: completes what is missing, changes nothing.
Result<int> init(const CommandContext& context);

// config_commands.cc
Result<int> config_check(const CommandContext& context);
Result<int> config_show(const CommandContext& context);

// keys_commands.cc
Result<int> keys_new(const CommandContext& context);
Result<int> keys_list(const CommandContext& context);
Result<int> keys_rotate(const CommandContext& context);
Result<int> keys_revoke(const CommandContext& context);
Result<int> keys_export(const CommandContext& context);

// identity_commands.cc
Result<int> identity_bootstrap_admin(const CommandContext& context);

// recovery_commands.cc
Result<int> identity_backup(const CommandContext& context);
Result<int> identity_restore(const CommandContext& context);
Result<int> identity_rollback(const CommandContext& context);

// people_commands.cc
Result<int> identity_users_list(const CommandContext& context);
Result<int> identity_users_show(const CommandContext& context);
Result<int> identity_users_disable(const CommandContext& context);
Result<int> identity_users_enable(const CommandContext& context);
Result<int> identity_users_delete(const CommandContext& context);
Result<int> identity_agents_list(const CommandContext& context);
Result<int> identity_agents_show(const CommandContext& context);
Result<int> identity_agents_add(const CommandContext& context);
Result<int> identity_agents_disable(const CommandContext& context);
Result<int> identity_agents_enable(const CommandContext& context);
Result<int> identity_agents_delete(const CommandContext& context);
Result<int> identity_agents_key(const CommandContext& context);
Result<int> identity_roles_list(const CommandContext& context);
Result<int> identity_roles_show(const CommandContext& context);
Result<int> identity_roles_add(const CommandContext& context);
Result<int> identity_roles_delete(const CommandContext& context);
Result<int> identity_roles_assign(const CommandContext& context);
Result<int> identity_roles_unassign(const CommandContext& context);
Result<int> identity_roles_of(const CommandContext& context);
Result<int> identity_directories_list(const CommandContext& context);
Result<int> identity_directories_sync(const CommandContext& context);

// trust_commands.cc
Result<int> trust_show(const CommandContext& context);
Result<int> trust_add(const CommandContext& context);
Result<int> trust_remove(const CommandContext& context);

// run_commands.cc
Result<int> plan(const CommandContext& context);
Result<int> apply(const CommandContext& context);
Result<int> resume(const CommandContext& context);
Result<int> cancel(const CommandContext& context);

// status_command.cc
Result<int> status(const CommandContext& context);

// explain_command.cc
Result<int> doctor(const CommandContext& context);
Result<int> explain(const CommandContext& context);

// act_commands.cc
Result<int> approve(const CommandContext& context);
Result<int> reject(const CommandContext& context);
Result<int> resolve(const CommandContext& context);
Result<int> claim(const CommandContext& context);
Result<int> submit(const CommandContext& context);

// deferral_commands.cc
Result<int> assume(const CommandContext& context);
Result<int> deferral_add(const CommandContext& context);
Result<int> deferral_close(const CommandContext& context);
Result<int> deferral_list(const CommandContext& context);

// verify_commands.cc
Result<int> verify(const CommandContext& context);
Result<int> export_bundle(const CommandContext& context);

// handoff_command.cc
Result<int> handoff(const CommandContext& context);

// policy_bench_command.cc, policy_bundle_commands.cc, policy_commands.cc,
// policy_eval_command.cc, policy_fmt_command.cc, policy_rollback_command.cc
Result<int> policy_bench(const CommandContext& context);
Result<int> policy_build(const CommandContext& context);
Result<int> policy_check(const CommandContext& context);
Result<int> policy_conformance(const CommandContext& context);
Result<int> policy_eval(const CommandContext& context);
// policy_explain_command.cc
Result<int> policy_explain(const CommandContext& context);
Result<int> policy_fmt(const CommandContext& context);
Result<int> policy_rollback(const CommandContext& context);
Result<int> policy_sign(const CommandContext& context);
Result<int> policy_test(const CommandContext& context);

// ledger_commands.cc
Result<int> ledger_append(const CommandContext& context);
Result<int> ledger_list(const CommandContext& context);
Result<int> ledger_show(const CommandContext& context);
Result<int> ledger_prove(const CommandContext& context);
Result<int> ledger_verify(const CommandContext& context);
Result<int> ledger_checkpoint(const CommandContext& context);
Result<int> ledger_export(const CommandContext& context);

// contract_commands.cc
Result<int> contract_validate(const CommandContext& context);
Result<int> contract_canon(const CommandContext& context);
Result<int> contract_types(const CommandContext& context);
Result<int> contract_conformance(const CommandContext& context);

// scan_commands.cc
Result<int> scan(const CommandContext& context);

// serve_command.cc
Result<int> serve(const CommandContext& context);

}  // namespace writ::cli
