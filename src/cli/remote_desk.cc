#include "cli/remote_desk.h"

#include <string>
#include <utility>

#include "cli/command.h"
#include "cli/signing_key.h"
#include "cli/wiring.h"
#include "contract/canonical.h"
#include "crypto/digest.h"
#include "execution/expect_draft.h"
#include "execution/run_document.h"
#include "identity/statement_document.h"
#include "net/http.h"
#include "repo/repo.h"

namespace writ::cli {
namespace {

using identity::StatementKind;

// Where a word of a kind is posted, below the run.
std::string path_of(const identity::Statement& said, const execution::Matter& matter) {
  switch (said.kind) {
    case StatementKind::claim:
      return "/claims";
    case StatementKind::submission:
      return "/evidence";
    case StatementKind::assumption:
      return "/assumptions";
    case StatementKind::deferral:
      return "/deferrals";
    case StatementKind::closure:
      return "/deferrals/" + (matter.deferral ? matter.deferral->id.text() : "") + "/closure";
    case StatementKind::resolution:
      return "/blockers/" + (said.blocker ? said.blocker->text() : "") + "/resolution";
    default:
      return "/approvals";
  }
}

void add_matter(Object& out, const execution::Intent& intent) {
  const execution::OpenMatter& matter = intent.matter;
  if (!matter.what.empty()) out.append("what", matter.what);
  if (!matter.owner.empty()) out.append("owner", matter.owner);
  if (matter.due) out.append("due", to_rfc3339(*matter.due));
  if (!matter.unblocker.empty()) out.append("unblocker", matter.unblocker);
  if (intent.deferral) out.append("deferral", intent.deferral->text());
  Array about;
  for (const std::string& name : intent.about) about.emplace_back(name);
  if (!about.empty()) out.append("about", std::move(about));
}

// What a word names by its digest goes with it; a closure's path says which deferral.
Value body_of(const crypto::DsseEnvelope& word, const identity::Statement& said,
              const execution::Matter& matter) {
  Value envelope = crypto::dsse_to_value(word);
  if (said.kind == StatementKind::assumption && matter.assumption) {
    return Object{{"word", std::move(envelope)},
                  {"assumption", execution::to_value(*matter.assumption)}};
  }
  if (said.kind == StatementKind::deferral && matter.deferral) {
    return Object{{"word", std::move(envelope)},
                  {"deferral", execution::to_value(*matter.deferral)}};
  }
  return envelope;
}

Result<execution::Draft> draft_from_value(const Value& answer) {
  const Value* const said = answer.find("statement");
  if (said == nullptr) return fail(Code::unavailable, "the server's draft holds no statement");
  WRIT_TRY(const std::string text, contract::canonical_json(*said));
  execution::Draft draft;
  WRIT_TRY(draft.statement, identity::parse_statement(text));
  if (const Value* assumption = answer.find("assumption")) {
    WRIT_TRY(draft.matter.assumption, execution::assumption_from_value(*assumption));
  }
  if (const Value* deferral = answer.find("deferral")) {
    WRIT_TRY(draft.matter.deferral, execution::deferral_from_value(*deferral));
  }
  return draft;
}

Value value_of(const execution::Intent& intent) {
  Object out{{"kind", identity::statement_kind_name(intent.kind)}};
  if (!intent.step.empty()) out.append("step", intent.step);
  if (intent.blocker) out.append("blocker", intent.blocker->text());
  if (!intent.reason.empty()) out.append("reason", intent.reason);
  if (!intent.by.hex.empty()) out.append("signer", intent.by.hex);
  add_matter(out, intent);
  Array evidence;
  for (const identity::EvidenceClaim& claim : intent.evidence) {
    evidence.push_back(
        Object{{"kind", claim.kind}, {"path", claim.path}, {"sha256", claim.digest.hex()}});
  }
  if (!evidence.empty()) out.append("evidence", std::move(evidence));
  return out;
}

class RemoteDesk final : public RunDesk {
 public:
  RemoteDesk(const CommandContext& context, std::unique_ptr<ServerClient> server,
             protocol::Plan plan, execution::RunState state)
      : context_(context),
        server_(std::move(server)),
        plan_(std::move(plan)),
        state_(std::move(state)),
        path_("/runs/" + state_.run.id.text()) {}

  const protocol::Plan& plan() const override { return plan_; }
  const execution::RunState& state() const override { return state_; }

  Result<execution::Explanation> explain(std::string_view step) override {
    WRIT_TRY(const Value answer, server_->get(path_ + "/steps/" + net::percent_encode(step)));
    return execution::explanation_from_value(plan_, answer);
  }

  Result<std::vector<evidence::Record>> evidence() override {
    WRIT_TRY(const Value answer, server_->get(path_ + "/evidence"));
    std::vector<evidence::Record> out;
    const Value* const list = answer.find("evidence");
    if (list == nullptr || !list->is_array()) return out;
    for (const Value& item : list->as_array()) {
      WRIT_TRY(evidence::Record record, evidence::Record::from_value(item));
      out.push_back(std::move(record));
    }
    return out;
  }

  // The run names its digest, and the run comes from the server: whether it is true is for
  // `writ verify` to say.
  Result<std::string> attestation() override {
    WRIT_TRY(const Value answer, server_->get(path_ + "/attestation"));
    WRIT_TRY(std::string text, contract::canonical_json(answer));
    if (crypto::sha256(text).hex() == state_.run.attestation) return text;
    return fail(Code::tampered, "the server's attestation is not the one that the run ended with");
  }

  // The files of whoever hands in lie here, wherever the run is driven.
  Result<std::filesystem::path> root() override {
    WRIT_TRY(const repo::Repo repo, repo::Repo::open(context_.global.directory));
    return repo.root();
  }
  Result<crypto::SecretKey> own_key() override { return cli::own_key(context_); }

  // When, is said by the signer's own clock.
  Result<execution::Draft> draft(const execution::Intent& intent) override {
    WRIT_TRY(const Value answer, server_->post(path_ + "/drafts", value_of(intent)));
    WRIT_TRY(execution::Draft draft, draft_from_value(answer));
    WRIT_CHECK(execution::expect_draft(plan_, run(), intent, draft));
    draft.statement.at = context_.wiring.clock.wall();
    return draft;
  }

  Result<void> put(std::string_view bytes) override {
    WRIT_CHECK(server_->put_bytes("/blobs/" + crypto::sha256(bytes).hex(), bytes));
    return {};
  }

  Result<void> take(const crypto::DsseEnvelope& word, const execution::Matter& matter) override {
    WRIT_TRY(const identity::Statement said, identity::read_statement(word));
    WRIT_CHECK(server_->post(path_ + path_of(said, matter), body_of(word, said, matter)));
    return {};
  }

 private:
  const CommandContext& context_;
  std::unique_ptr<ServerClient> server_;
  protocol::Plan plan_;
  execution::RunState state_;
  std::string path_;
};

}  // namespace

// What the contract lets a run be called; any other name is nobody's.
Result<void> expect_run_name(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef-";
  const bool may_be = name == "latest" || (name.size() <= 36 && name.find_first_not_of(kDigits) ==
                                                                    std::string_view::npos);
  if (may_be) return {};
  return fail(Code::not_found, "no run begins with " + std::string(name));
}

Result<std::unique_ptr<RunDesk>> open_remote_desk(const CommandContext& context,
                                                  std::unique_ptr<ServerClient> server,
                                                  std::string_view run) {
  const std::string name(run.empty() ? "latest" : run);
  WRIT_CHECK(expect_run_name(name));
  WRIT_TRY(const Value standing, server->get("/runs/" + name));
  WRIT_TRY(execution::RunState state, execution::state_from_value(standing));
  WRIT_TRY(const Value plan_value, server->get("/runs/" + state.run.id.text() + "/plan"));
  WRIT_TRY(protocol::Plan plan, protocol::Plan::from_value(plan_value));
  if (plan.digest() != state.run.plan || plan.steps.size() != state.steps.size()) {
    return fail(Code::tampered, "the server's plan is not the one that the run is bound to");
  }
  return std::make_unique<RemoteDesk>(context, std::move(server), std::move(plan),
                                      std::move(state));
}

}  // namespace writ::cli
