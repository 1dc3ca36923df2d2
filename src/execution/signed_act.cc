#include "execution/signed_act.h"

#include <algorithm>

#include "contract/canonical.h"
#include "crypto/dsse.h"

namespace writ::execution {
namespace {

identity::Occasion occasion_of(const identity::Statement& statement) {
  identity::Occasion occasion;
  occasion.kind = statement.kind;
  occasion.run = statement.run;
  occasion.step = statement.step;
  occasion.attempt = statement.attempt;
  occasion.tree = statement.tree;
  occasion.plan = statement.plan;
  occasion.role = statement.role;
  occasion.blocker = statement.blocker;
  occasion.subject = statement.subject;
  occasion.now = statement.at;
  return occasion;
}

}  // namespace

Result<Found> find_step(const Journal& journal, std::string_view path) {
  const std::size_t index = journal.plan().find(path);
  if (index < journal.plan().steps.size()) return Found{index, &journal.plan().steps[index]};
  return fail(Code::not_found, "the run has no step " + std::string(path),
              "`writ status` lists the steps");
}

std::string role_of(const protocol::PlanStep& step) {
  const auto role = identity::parse_role(step.with.string_or("by", ""));
  return role ? *role : "";
}

Result<identity::Statement> statement_about(const ActDeps& deps, const Journal& journal,
                                            identity::StatementKind kind, const Found& at,
                                            std::string_view reason) {
  identity::Statement statement;
  statement.kind = kind;
  statement.run = journal.state().run.id;
  statement.step = at.step->path;
  // A step that has not begun yet is spoken of as its first attempt.
  statement.attempt = std::max(journal.state().steps[at.index].attempt, 1u);
  WRIT_TRY(const Tree tree, deps.workspace.tree());
  statement.tree = tree.digest;
  WRIT_TRY(statement.plan, crypto::Digest::parse_hex(journal.state().run.plan));
  statement.role = role_of(*at.step);
  statement.reason = reason;
  statement.at = deps.journal.clock.wall();
  return statement;
}

Result<std::string> sign_word(const ActDeps& deps, Journal& journal,
                              const identity::Statement& statement, const crypto::Signer& signer) {
  WRIT_TRY(const crypto::DsseEnvelope envelope, identity::make_statement(statement, signer));
  const auto verified =
      identity::verify_statement(envelope, occasion_of(statement), deps.authority);
  const std::string by = signer.id().hex;
  WRIT_TRY(const std::string text, contract::canonical_json(crypto::dsse_to_value(envelope)));
  std::string digest = crypto::sha256(text).hex();
  if (!verified) {
    WRIT_CHECK(journal.stage(statement_recorded("writ.approval.refused", statement.step,
                                                statement.attempt, by, digest)));
    WRIT_CHECK(journal.flush());
    return std::unexpected(verified.error());
  }
  Attachments attachments;
  attachments.statements.push_back({statement.step, statement.attempt,
                                    std::string(identity::statement_kind_name(statement.kind)), by,
                                    statement.tree.hex(), text, statement.at});
  journal.attach(std::move(attachments));
  return digest;
}

Result<void> record_word(const ActDeps& deps, Journal& journal,
                         const identity::Statement& statement, const crypto::Signer& signer,
                         std::string_view event) {
  WRIT_TRY(const std::string digest, sign_word(deps, journal, statement, signer));
  return journal.stage(
      statement_recorded(event, statement.step, statement.attempt, signer.id().hex, digest));
}

}  // namespace writ::execution
