#include "server/runs/word_operations.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/json.h"
#include "crypto/dsse.h"
#include "execution/acts.h"
#include "identity/statement_document.h"
#include "project/desk.h"
#include "server/api/answers.h"
#include "server/auth/local_doorkeeper.h"

namespace writ::server {
namespace {

using identity::StatementKind;

// What the operations share. Words are taken one after the other: an envelope that is sent twice
// at once is recorded once.
struct Words {
  explicit Words(ProjectSide& side) : project(side) {}
  ProjectSide& project;
  std::mutex taking;
};

// Acts ask for the trust at the run's base revision and for its tree: for a repository.
Result<std::unique_ptr<project::Desk>> open_desk(const Words& words, const Call& call) {
  const project::Project* const project = words.project.project();
  if (project == nullptr) {
    return fail(Code::not_found, "this server has a store, and no project whose runs wait",
                "Start `writ serve` in a repository where `writ init` was run");
  }
  WRIT_TRY(const RunId run, project::resolve_run(words.project.store(), call.text("run")));
  execution::JournalDeps deps = words.project.journal_deps();
  // Of a word that no key of the trust signed, it is known who sent it.
  const bool is_local = call.who().credential == kLocalCredential;
  deps.actor = is_local ? std::string(kLocalCredential) : call.who().event_actor();
  return project::Desk::open(*project, std::move(deps), run);
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
  WRIT_TRY(const auto desk, open_desk(words, call));
  WRIT_TRY(const identity::Statement draft,
           execution::draft_word(desk->acts(), desk->run(), intent));
  WRIT_TRY(const std::string text, identity::serialize_statement(draft));
  WRIT_TRY(Value statement, parse_json(text));
  return json(200, Object{{"statement", std::move(statement)}});
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

Result<net::Answer> take(Words& words, const Call& call,
                         std::initializer_list<StatementKind> kinds) {
  WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(call.body));
  WRIT_TRY(const identity::Statement said, identity::read_statement(envelope));
  WRIT_CHECK(expect_kind(said, kinds));
  if (const Value* blocker = call.parameter("blocker")) {
    if (said.blocker && said.blocker->text() != blocker->as_string()) {
      return fail(Code::not_permitted, "this resolution is for another blocker",
                  "Name the blocker that `writ status` shows");
    }
  }
  const std::lock_guard lock(words.taking);
  WRIT_TRY(const auto desk, open_desk(words, call));
  WRIT_TRY(const execution::TakenWord word,
           execution::take_word(desk->acts(), desk->run(), envelope));
  return json(200, taken_value(word));
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

std::vector<Binding> word_operations(ProjectSide& project) {
  // Shared by the operations, which go together.
  const auto words = std::make_shared<Words>(project);
  const auto bound = [&words](Function function) {
    return [words, function](const Call& call) { return function(*words, call); };
  };
  return {
      {"draftWord", bound(&draft_word)},           {"giveApproval", bound(&give_approval)},
      {"claimStep", bound(&claim_step)},           {"resolveBlocker", bound(&resolve_blocker)},
      {"submitEvidence", bound(&submit_evidence)}, {"putBlob", bound(&put_blob)},
  };
}

}  // namespace writ::server
