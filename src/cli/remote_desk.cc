#include "cli/remote_desk.h"

#include <string>
#include <utility>

#include "cli/command.h"
#include "cli/project.h"
#include "cli/wiring.h"
#include "contract/canonical.h"
#include "crypto/digest.h"
#include "crypto/keyring.h"
#include "execution/run_document.h"
#include "identity/statement_document.h"
#include "net/http.h"
#include "repo/repo.h"

namespace writ::cli {
namespace {

using identity::StatementKind;

// Where a word of a kind is posted, below the run.
std::string path_of(const identity::Statement& said) {
  switch (said.kind) {
    case StatementKind::claim:
      return "/claims";
    case StatementKind::submission:
      return "/evidence";
    case StatementKind::resolution:
      return "/blockers/" + (said.blocker ? said.blocker->text() : "") + "/resolution";
    default:
      return "/approvals";
  }
}

Value value_of(const execution::Intent& intent) {
  Object out{{"kind", identity::statement_kind_name(intent.kind)}};
  if (!intent.step.empty()) out.append("step", intent.step);
  if (intent.blocker) out.append("blocker", intent.blocker->text());
  if (!intent.reason.empty()) out.append("reason", intent.reason);
  if (!intent.by.hex.empty()) out.append("signer", intent.by.hex);
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

  // The files of whoever hands in lie here, wherever the run is driven.
  Result<std::filesystem::path> root() override {
    WRIT_TRY(const repo::Repo repo, repo::Repo::open(context_.global.directory));
    return repo.root();
  }
  Result<crypto::SecretKey> own_key() override {
    const auto repo = repo::Repo::open(context_.global.directory);
    if (!repo) {
      return fail(Code::not_found, "there is no repository here, and so no key of its own",
                  "Name yours with --key FILE");
    }
    WRIT_TRY(const crypto::Keyring keys,
             crypto::Keyring::open(ProjectPaths{repo->root()}.keys(), context_.wiring.clock));
    return keys.load_active(passphrase_of(context_.wiring));
  }

  // What comes back is signed: it has to say what was asked for, of this run and this plan. When,
  // is said by the signer's own clock.
  Result<identity::Statement> draft(const execution::Intent& intent) override {
    WRIT_TRY(const Value answer, server_->post(path_ + "/drafts", value_of(intent)));
    const Value* const said = answer.find("statement");
    if (said == nullptr) return fail(Code::unavailable, "the server's draft holds no statement");
    WRIT_TRY(const std::string text, contract::canonical_json(*said));
    WRIT_TRY(identity::Statement statement, identity::parse_statement(text));
    const bool is_as_asked =
        statement.kind == intent.kind && statement.run == run() &&
        statement.plan.hex() == state_.run.plan && statement.reason == intent.reason &&
        statement.blocker == intent.blocker && statement.evidence == intent.evidence &&
        (intent.step.empty() || statement.step == intent.step);
    if (!is_as_asked) {
      return fail(Code::tampered, "the server wants something else signed than was asked for",
                  "Sign nothing there; ask who runs it");
    }
    statement.at = context_.wiring.clock.wall();
    return statement;
  }

  Result<void> put(std::string_view bytes) override {
    WRIT_CHECK(server_->put_bytes("/blobs/" + crypto::sha256(bytes).hex(), bytes));
    return {};
  }

  Result<void> take(const crypto::DsseEnvelope& word) override {
    WRIT_TRY(const identity::Statement said, identity::read_statement(word));
    WRIT_CHECK(server_->post(path_ + path_of(said), crypto::dsse_to_value(word)));
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
