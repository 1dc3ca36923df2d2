#include "execution/verify_deferrals.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "identity/signed_statement.h"

namespace writ::execution {
namespace {

using identity::StatementKind;

std::unexpected<Error> tampered(std::string message) {
  return fail(Code::tampered, std::move(message));
}

struct Matter {
  StatementKind kind = StatementKind::deferral;
  crypto::Digest subject;
  std::string by;
};

class Verifier {
 public:
  explicit Verifier(const RunArchive& archive) : archive_(archive) {}

  Result<void> verify() {
    for (const StatementRow& row : archive_.statements) {
      words_[crypto::sha256(row.envelope).hex()] = &row;
    }
    for (const ledger::Event& event : archive_.events) {
      WRIT_TRY(const Value payload, parse_json(event.entry.payload));
      if (event.entry.type == "writ.assumption.recorded") {
        WRIT_CHECK(verify_assumption(payload));
      } else if (event.entry.type == "writ.deferral.recorded") {
        WRIT_TRY(const Deferral deferral, deferral_from_value(*payload.find("deferral")));
        WRIT_TRY(const crypto::Digest subject, subject_of(deferral));
        if (!deferral.is_open) return tampered("a deferral was recorded as closed");
        WRIT_CHECK(expect_word(payload, {StatementKind::deferral, subject, deferral.by}));
      } else if (event.entry.type == "writ.deferral.closed") {
        WRIT_CHECK(verify_closure(payload));
      }
    }
    return {};
  }

 private:
  Result<void> verify_assumption(const Value& payload) {
    WRIT_TRY(const Assumption assumption, assumption_from_value(*payload.find("assumption")));
    if (touched_invariant(archive_.plan, assumption.about) != nullptr) {
      return tampered("an assumption touches an invariant: " + assumption.text);
    }
    WRIT_TRY(const crypto::Digest subject, subject_of(assumption));
    return expect_word(payload, {StatementKind::assumption, subject, assumption.by});
  }

  Result<void> verify_closure(const Value& payload) {
    const std::string_view id = payload.string_or("id", "");
    for (const Deferral& deferral : archive_.state.run.deferrals) {
      if (deferral.id.text() != id) continue;
      WRIT_TRY(const crypto::Digest subject, subject_of(deferral));
      return expect_word(payload, {StatementKind::closure, subject, deferral.closed_by});
    }
    return tampered("a deferral was closed that is not there: " + std::string(id));
  }

  Result<void> expect_word(const Value& payload, const Matter& matter) {
    const std::string what(identity::statement_kind_name(matter.kind));
    const auto word = words_.find(payload.string_or("statement", ""));
    if (word == words_.end()) return tampered("a " + what + " has no signed word");
    WRIT_TRY(const Value value, parse_json(word->second->envelope, "statement"));
    WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(value));
    WRIT_TRY(const identity::Statement said, identity::read_statement(envelope));
    if (said.kind == matter.kind && said.subject == matter.subject &&
        word->second->key_id == matter.by) {
      return {};
    }
    return tampered("a " + what + " is not what was signed");
  }

  const RunArchive& archive_;
  std::map<std::string, const StatementRow*, std::less<>> words_;
};

}  // namespace

Result<void> verify_deferrals(const RunArchive& archive) { return Verifier(archive).verify(); }

}  // namespace writ::execution
