// The checks of documents: required reading, and contracts.
#include <filesystem>

#include "base/document.h"
#include "base/file.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "executors/check.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;

constexpr std::size_t kMaxDocument = 64u << 20;

Problem problem_about(std::string file, std::string message, std::string remedy) {
  Problem problem;
  problem.file = std::move(file);
  problem.rule = "context";
  problem.message = std::move(message);
  problem.remedy = std::move(remedy);
  return problem;
}

std::optional<Problem> read_document(const StepContext& context,
                                     const protocol::BoundDocument& document, Object& digests) {
  const auto bytes = FilesBelow(context.workspace.root()).read(document.path, kMaxDocument);
  if (!bytes) {
    return problem_about(document.path, "cannot be read: " + bytes.error().message,
                         "The law requires it to be read before anything is written");
  }
  digests.set(document.path, crypto::sha256(*bytes).hex());
  return std::nullopt;
}

}  // namespace

Result<StepResult> check_context(const StepContext& context, const CheckDeps&, std::stop_token) {
  std::vector<Problem> problems;
  Object digests;
  for (const protocol::BoundDocument& document : context.plan.context) {
    if (auto problem = read_document(context, document, digests)) {
      problems.push_back(std::move(*problem));
    }
  }
  const std::size_t missing = problems.size();
  StepResult result = from_problems(
      std::move(problems),
      {"document of the context not as required", "documents of the context not as required"});
  if (missing != 0) result.blocker = protocol::BlockerKind::HARD_STOP;
  evidence::Draft draft;
  draft.kind = evidence::Kind::context;
  draft.name = "context";
  draft.facts = {{"context.read", Value(digests.size())}, {"context.missing", Value(missing)}};
  draft.data = Object{{"documents", std::move(digests)}};
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
