#include "cli/run_desk.h"

#include <string>
#include <utility>

#include "cli/command.h"
#include "cli/project.h"
#include "cli/remote_desk.h"
#include "cli/server_client.h"
#include "cli/signing_key.h"
#include "project/desk.h"

namespace writ::cli {
namespace {

constexpr std::uint64_t kMaxAttestation = 16u << 20;

// The run in the project's own store. To read it asks for less than to act on it: its tree may be
// gone.
class LocalDesk final : public RunDesk {
 public:
  LocalDesk(std::unique_ptr<Project> project, execution::Journal journal)
      : project_(std::move(project)), journal_(std::move(journal)) {}

  const protocol::Plan& plan() const override { return journal_.plan(); }
  const execution::RunState& state() const override { return journal_.state(); }
  Result<execution::Explanation> explain(std::string_view step) override {
    return execution::explain(journal_, step);
  }

  Result<std::vector<evidence::Record>> evidence() override { return journal_.evidence(); }
  Result<std::string> attestation() override {
    WRIT_TRY(const crypto::Digest digest, crypto::Digest::parse_hex(state().run.attestation));
    return project_->blobs().read(digest, kMaxAttestation);
  }

  Result<std::filesystem::path> root() override {
    WRIT_CHECK(open_to_act());
    return acting_->workspace().root();
  }
  Result<crypto::SecretKey> own_key() override { return project_->runner_key(); }

  Result<execution::Draft> draft(const execution::Intent& intent) override {
    WRIT_CHECK(open_to_act());
    return execution::draft_word(acting_->acts(), run(), intent);
  }
  Result<void> put(std::string_view bytes) override {
    WRIT_CHECK(project_->blobs().put(bytes));
    return {};
  }
  Result<void> take(const crypto::DsseEnvelope& word, const execution::Matter& matter) override {
    WRIT_CHECK(open_to_act());
    WRIT_CHECK(execution::take_word(acting_->acts(), run(), word, matter));
    return {};
  }

 private:
  Result<void> open_to_act() {
    if (acting_ != nullptr) return {};
    WRIT_TRY(acting_,
             project::Desk::open(*project_, project_->journal_deps(crypto::KeyId{}), run()));
    return {};
  }

  std::unique_ptr<Project> project_;
  execution::Journal journal_;
  std::unique_ptr<project::Desk> acting_;
};

}  // namespace

Result<std::unique_ptr<RunDesk>> open_run_desk(const CommandContext& context,
                                               std::string_view run) {
  WRIT_TRY(auto server, ServerClient::find(context));
  if (server != nullptr) return open_remote_desk(context, std::move(server), run);
  WRIT_TRY(auto project, open_project(context));
  WRIT_TRY(const RunId id, project->resolve_run(run));
  WRIT_TRY(auto journal, execution::Journal::open(project->journal_deps(crypto::KeyId{}), id));
  return std::make_unique<LocalDesk>(std::move(project), std::move(journal));
}

Result<execution::Draft> say(const CommandContext& context, RunDesk& desk, execution::Intent intent,
                             std::span<const std::string> files) {
  WRIT_TRY(auto named, named_key(context));
  auto chosen = named ? Result<crypto::SecretKey>(*std::move(named)) : desk.own_key();
  WRIT_TRY(const crypto::SecretKey key, std::move(chosen));
  intent.by = key.id();
  WRIT_TRY(execution::Draft draft, desk.draft(intent));
  for (const std::string& bytes : files) WRIT_CHECK(desk.put(bytes));
  WRIT_TRY(const crypto::DsseEnvelope envelope, identity::make_statement(draft.statement, key));
  WRIT_CHECK(desk.take(envelope, draft.matter));
  return draft;
}

}  // namespace writ::cli
