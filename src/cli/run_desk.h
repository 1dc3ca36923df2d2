#pragma once
// A run as a command reads it and acts on it. Where it stands, and who takes what is said about
// it, is the desk's affair; the words are signed here, with the caller's own key.
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/dsse.h"
#include "crypto/key.h"
#include "evidence/record.h"
#include "execution/acts.h"
#include "execution/explain.h"
#include "execution/state.h"
#include "identity/signed_statement.h"
#include "protocol/plan.h"

namespace writ::cli {

struct CommandContext;

class RunDesk {
 public:
  virtual ~RunDesk() = default;

  // As the run stood when it was opened; they live as long as the desk.
  virtual const protocol::Plan& plan() const = 0;
  virtual const execution::RunState& state() const = 0;
  RunId run() const { return state().run.id; }
  // Of the plan's step `step`. Errors: as execution::explain.
  virtual Result<execution::Explanation> explain(std::string_view step) = 0;

  virtual Result<std::vector<evidence::Record>> evidence() = 0;
  // The attestation as it was signed. Requires: the run has one. Errors: tampered.
  virtual Result<std::string> attestation() = 0;

  // Where the files lie that are handed in.
  virtual Result<std::filesystem::path> root() = 0;
  // The key of whoever says nothing of --key.
  virtual Result<crypto::SecretKey> own_key() = 0;

  // As execution::draft_word and take_word. The bytes of evidence are put before the word that
  // names them.
  virtual Result<execution::Draft> draft(const execution::Intent& intent) = 0;
  virtual Result<void> put(std::string_view bytes) = 0;
  virtual Result<void> take(const crypto::DsseEnvelope& word, const execution::Matter& matter) = 0;
};

// `run` as somebody named it. Errors: those of opening; not_found.
Result<std::unique_ptr<RunDesk>> open_run_desk(const CommandContext& context, std::string_view run);

// Has `intent` signed, with --key FILE or the own key, and taken; `files` are the bytes that it
// names. What was said comes back.
Result<execution::Draft> say(const CommandContext& context, RunDesk& desk, execution::Intent intent,
                             std::span<const std::string> files = {});

}  // namespace writ::cli
