#include "server/runs/word_operations.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "base/json.h"
#include "crypto/dsse.h"
#include "execution/acts.h"
#include "identity/statement_document.h"
#include "server/api/answers.h"
#include "server/auth/local_doorkeeper.h"
#include "server/runs/run_desks.h"

namespace writ::server {
namespace {

using identity::StatementKind;

// What the operations share.
struct Words {
  Words(ProjectSide& side, const Clock& clock) : project(side), desks(side, clock) {}
  ProjectSide& project;
  RunDesks desks;
};

Result<RunDesks::Taken> take_desk(Words& words, const Call& call) {
  WRIT_TRY(const RunId run, project::resolve_run(words.project.store(), call.text("run")));
  return words.desks.take(run);
}

// Of a word that no key of the trust signed, it is known who sent it.
std::string sender(const Call& call) {
  const bool is_local = call.who().credential == kLocalCredential;
  return is_local ? std::string(kLocalCredential) : call.who().event_actor();
}

// What it says of an assumption, a deferral or a closure.
Result<void> read_matter(const Value& body, execution::Intent& intent) {
  intent.matter.what = body.string_or("what", "");
  intent.matter.owner = body.string_or("owner", "");
  intent.matter.unblocker = body.string_or("unblocker", "");
  if (const Value* due = body.find("due")) {
    WRIT_TRY(intent.matter.due, parse_rfc3339(due->as_string()));
  }
  if (const Value* deferral = body.find("deferral")) {
    WRIT_TRY(intent.deferral, DeferralId::parse(deferral->as_string()));
  }
  const Value* const about = body.find("about");
  if (about == nullptr) return {};
  for (const Value& name : about->as_array()) intent.about.push_back(name.as_string());
  return {};
}

Result<execution::Intent> intent_of(const Value& body) {
  execution::Intent intent;
  intent.kind = identity::find_statement_kind(body.string_or("kind", ""))
                    .value_or(StatementKind::approval);  // the contract lists those there are
  intent.step = body.string_or("step", "");
  intent.reason = body.string_or("reason", "");
  intent.by.hex = body.string_or("signer", "");
  if (const Value* blocker = body.find("blocker")) {
    WRIT_TRY(intent.blocker, BlockerId::parse(blocker->as_string()));
  }
  WRIT_CHECK(read_matter(body, intent));
  const Value* const evidence = body.find("evidence");
  if (evidence == nullptr) return intent;
  for (const Value& item : evidence->as_array()) {
    WRIT_TRY(const crypto::Digest digest, crypto::Digest::parse_hex(item.string_or("sha256", "")));
    intent.evidence.push_back(
        {std::string(item.string_or("kind", "")), std::string(item.string_or("path", "")), digest});
  }
  return intent;
}

Result<net::Answer> draft_word(Words& words, const Call& call) {
  WRIT_TRY(const execution::Intent intent, intent_of(call.body));
  WRIT_TRY(const auto desk, take_desk(words, call));
  WRIT_TRY(const execution::Draft draft,
           execution::draft_word(desk.acts(sender(call)), desk.run(), intent));
  WRIT_TRY(const std::string text, identity::serialize_statement(draft.statement));
  WRIT_TRY(Value statement, parse_json(text));
  Object body{{"statement", std::move(statement)}};
  const auto& [deferral, assumption] = draft.matter;
  if (assumption) body.append("assumption", execution::to_value(*assumption));
  if (deferral) body.append("deferral", execution::to_value(*deferral));
  return json(200, body);
}

Result<void> expect_kind(const identity::Statement& said,
                         std::initializer_list<StatementKind> kinds) {
  if (std::ranges::find(kinds, said.kind) != kinds.end()) return {};
  return fail(Code::invalid_input,
              "a word of kind " + std::string(identity::statement_kind_name(said.kind)) +
                  " is not for this path",
              "GET /openapi.json says which path takes which kind");
}

Value taken_value(const execution::TakenWord& word) {
  return Object{{"run", word.statement.run.text()},
                {"kind", identity::statement_kind_name(word.statement.kind)},
                {"step", word.statement.step},
                {"attempt", word.statement.attempt},
                {"by", word.signer.hex},
                {"statement", word.digest},
                {"signed_at", to_rfc3339(word.statement.at)},
                {"received_at", to_rfc3339(word.received)}};
}

// A closure names its deferral by its digest, the path by its id.
Result<void> expect_deferral(store::Store& store, RunId run, const identity::Statement& said,
                             const Call& call) {
  const Value* const named = call.parameter("deferral");
  if (named == nullptr) return {};
  WRIT_TRY(const execution::RunState state, execution::read_run_state(store, run));
  for (const execution::Deferral& deferral : state.run.deferrals) {
    if (deferral.id.text() != named->as_string()) continue;
    WRIT_TRY(const crypto::Digest subject, execution::subject_of(deferral));
    if (subject == said.subject) return {};
    return fail(Code::not_permitted, "this closure is for another deferral",
                "Name the deferral that `writ deferral list` shows");
  }
  return fail(Code::not_found, "the run has no deferral " + named->as_string(),
              "`writ deferral list` shows them");
}

Result<net::Answer> take_from(Words& words, const Call& call, const Value& word,
                              std::initializer_list<StatementKind> kinds,
                              const execution::Matter& matter) {
  WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(word));
  WRIT_TRY(const identity::Statement said, identity::read_statement(envelope));
  WRIT_CHECK(expect_kind(said, kinds));
  if (const Value* blocker = call.parameter("blocker")) {
    if (said.blocker && said.blocker->text() != blocker->as_string()) {
      return fail(Code::not_permitted, "this resolution is for another blocker",
                  "Name the blocker that `writ status` shows");
    }
  }
  WRIT_TRY(const auto desk, take_desk(words, call));
  const execution::ActDeps acts = desk.acts(sender(call));
  WRIT_CHECK(expect_deferral(words.project.store(), desk.run(), said, call));
  WRIT_TRY(const execution::TakenWord taken,
           execution::take_word(acts, desk.run(), envelope, matter));
  return json(200, taken_value(taken));
}

// The body is the envelope.
Result<net::Answer> take(Words& words, const Call& call,
                         std::initializer_list<StatementKind> kinds) {
  return take_from(words, call, call.body, kinds, {});
}

// The body is the envelope and what it is about.
Result<net::Answer> record_assumption(Words& words, const Call& call) {
  auto assumption = execution::assumption_from_value(*call.body.find("assumption"));
  if (!assumption) {
    return fail(Code::invalid_input, "the assumption says nothing",
                "Say what is assumed in `text`");
  }
  const execution::Matter matter{.assumption = *std::move(assumption)};
  return take_from(words, call, *call.body.find("word"), {StatementKind::assumption}, matter);
}

Result<net::Answer> record_deferral(Words& words, const Call& call) {
  execution::Matter matter;
  WRIT_TRY(matter.deferral, execution::deferral_from_value(*call.body.find("deferral")));
  return take_from(words, call, *call.body.find("word"), {StatementKind::deferral}, matter);
}

Result<net::Answer> close_deferral(Words& words, const Call& call) {
  return take(words, call, {StatementKind::closure});
}

Result<net::Answer> give_approval(Words& words, const Call& call) {
  return take(words, call, {StatementKind::approval, StatementKind::rejection});
}

Result<net::Answer> claim_step(Words& words, const Call& call) {
  return take(words, call, {StatementKind::claim});
}

Result<net::Answer> resolve_blocker(Words& words, const Call& call) {
  return take(words, call, {StatementKind::resolution});
}

Result<net::Answer> submit_evidence(Words& words, const Call& call) {
  return take(words, call, {StatementKind::submission});
}

Result<net::Answer> put_blob(Words& words, const Call& call) {
  const std::string digest = crypto::sha256(call.request.body).hex();
  if (digest != call.text("digest")) {
    return fail(Code::invalid_input, "the bytes that came have another digest: " + digest,
                "Send the file as it is, and its own SHA-256");
  }
  WRIT_TRY(const store::BlobRef blob, words.project.blobs().put(call.request.body));
  return json(200, Object{{"sha256", digest}, {"size", blob.size}});
}

using Function = Result<net::Answer> (*)(Words&, const Call&);

}  // namespace

std::vector<Binding> word_operations(ProjectSide& project, const Clock& clock) {
  // Shared by the operations, which go together.
  const auto words = std::make_shared<Words>(project, clock);
  const auto bound = [&words](Function function) {
    return [words, function](const Call& call) { return function(*words, call); };
  };
  return {
      {"draftWord", bound(&draft_word)},
      {"giveApproval", bound(&give_approval)},
      {"claimStep", bound(&claim_step)},
      {"resolveBlocker", bound(&resolve_blocker)},
      {"submitEvidence", bound(&submit_evidence)},
      {"putBlob", bound(&put_blob)},
      {"recordAssumption", bound(&record_assumption)},
      {"recordDeferral", bound(&record_deferral)},
      {"closeDeferral", bound(&close_deferral)},
  };
}

}  // namespace writ::server
