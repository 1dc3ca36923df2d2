#include "executors/signed_words.h"

#include "base/json.h"
#include "crypto/dsse.h"

namespace writ::executors {

Result<identity::SignedAct> verify_word(const execution::SignedWord& word,
                                        identity::StatementKind kind,
                                        const execution::StepContext& context,
                                        const identity::Authority& authority) {
  const bool is_known = word.verified != nullptr && word.verified->statement.kind == kind &&
                        word.verified->statement.tree == context.tree.digest;
  if (is_known) return *word.verified;
  WRIT_TRY(const Value value, parse_json(word.envelope, "statement"));
  WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(value));
  identity::Occasion occasion;
  occasion.kind = kind;
  occasion.run = context.run;
  occasion.step = context.step.path;
  occasion.attempt = context.attempt;
  occasion.tree = context.tree.digest;
  WRIT_TRY(occasion.plan, crypto::Digest::parse_hex(context.plan_digest));
  const auto role = identity::parse_role(context.step.with.string_or("by", ""));
  if (role) occasion.role = *role;
  occasion.now = word.at;
  return identity::verify_statement(envelope, occasion, authority);
}

}  // namespace writ::executors
