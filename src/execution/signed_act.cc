#include "execution/signed_act.h"

#include <algorithm>

#include "contract/canonical.h"
#include "crypto/dsse.h"

namespace writ::execution {

identity::Occasion occasion_of(const identity::Statement& statement, WallTime now) {
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
  occasion.now = now;
  return occasion;
}

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
  if (deps.tree != nullptr) {
    statement.tree = deps.tree->digest;
  } else {
    WRIT_TRY(const Tree tree, deps.workspace.tree());
    statement.tree = tree.digest;
  }
  WRIT_TRY(statement.plan, crypto::Digest::parse_hex(journal.state().run.plan));
  statement.role = role_of(*at.step);
  statement.reason = reason;
  statement.at = deps.journal.clock.wall();
  return statement;
}

Result<KeptEnvelope> keep(const crypto::DsseEnvelope& envelope) {
  WRIT_TRY(std::string text, contract::canonical_json(crypto::dsse_to_value(envelope)));
  std::string digest = crypto::sha256(text).hex();
  return KeptEnvelope{std::move(text), std::move(digest)};
}

Result<Word> admit_word(const ActDeps& deps, Journal& journal, const crypto::DsseEnvelope& envelope,
                        const identity::Occasion& occasion) {
  WRIT_TRY(KeptEnvelope kept, keep(envelope));
  const auto verified = identity::verify_statement(envelope, occasion, deps.authority);
  if (!verified) {
    // Whose key it was is known only where its signature holds.
    const auto signer = identity::statement_signer(envelope, deps.authority.trust());
    Transition refusal =
        statement_recorded("writ.approval.refused", occasion.step, occasion.attempt,
                           signer ? signer->hex : "", kept.digest);
    refusal.actor = signer ? "key:" + signer->hex : deps.journal.actor;
    WRIT_CHECK(journal.stage(std::move(refusal)));
    return std::unexpected(verified.error());
  }
  StatementRow row{occasion.step,
                   occasion.attempt,
                   std::string(identity::statement_kind_name(occasion.kind)),
                   verified->signer.hex,
                   occasion.tree.hex(),
                   std::move(kept.text),
                   occasion.now,
                   std::make_shared<const identity::SignedAct>(*verified)};
  return Word{verified->signer, std::move(kept.digest), occasion.now, std::move(row)};
}

Transition made_by(Transition event, const Word& word) {
  event.actor = "key:" + word.signer.hex;
  return event;
}

Result<void> record_word(Journal& journal, Transition event, const Word& word) {
  Object& payload = event.payload.as_object();
  payload.set("statement", word.digest);
  payload.set("received", to_rfc3339(word.received));
  WRIT_CHECK(journal.stage(made_by(std::move(event), word)));
  Attachments attachments;
  attachments.statements.push_back(word.row);
  journal.attach(std::move(attachments));
  return {};
}

}  // namespace writ::execution
