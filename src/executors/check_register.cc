// The check of the register (LAW-12): dependencies and trust boundaries, as its contract wants them
// and with the sections that the law asks for.
#include "base/document.h"
#include "base/file.h"
#include "contract/validate_document.h"
#include "crypto/digest.h"
#include "executors/check.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;
using protocol::RegisterWanted;

constexpr std::size_t kMaxRegister = 4u << 20;

Problem problem_at(std::string file, Position at, std::string message, std::string remedy) {
  Problem problem;
  problem.file = std::move(file);
  problem.at = at;
  problem.rule = "register";
  problem.message = std::move(message);
  problem.remedy = std::move(remedy);
  return problem;
}

// Errors of a document that somebody wrote are problems, each at its place.
std::vector<Problem> problems_of(const Error& error, const std::string& path) {
  std::vector<Problem> out;
  for (const Diagnostic& found : error.diagnostics) {
    out.push_back(problem_at(path, found.at, found.message, found.remedy));
  }
  if (out.empty()) {
    out.push_back(problem_at(path, {}, error.message, std::string(error.remedy())));
  }
  return out;
}

Result<Document> read_register(const StepContext& context, const RegisterWanted& wanted,
                               std::string& bytes) {
  auto read = FilesBelow(context.workspace.root()).read(wanted.path, kMaxRegister);
  if (!read && read.error().code == Code::not_found) {
    return fail(Code::not_found, "there is no register here",
                "Write one: docs/formats/register.md shows how");
  }
  if (!read) return std::unexpected(std::move(read.error()));
  bytes = *std::move(read);
  WRIT_TRY(Document document, parse_document(wanted.path, bytes));
  WRIT_CHECK(contract::validate_document("register", document));
  return document;
}

// How many entries a section lists; one that says `{none: why}` has none, and is there.
std::size_t entries_of(const Value& root, std::string_view section) {
  const Value* found = root.find(section);
  return found != nullptr && found->is_array() ? found->as_array().size() : 0;
}

}  // namespace

Result<StepResult> check_register(const StepContext& context, const CheckDeps&, std::stop_token) {
  StepResult result;
  if (!context.plan.register_wanted) {
    return fail(Code::invalid_input, "the spec names no register", "Add `register: <path>` to it");
  }
  const RegisterWanted& wanted = *context.plan.register_wanted;
  std::string bytes;
  auto document = read_register(context, wanted, bytes);
  std::vector<Problem> problems;
  std::size_t missing = document ? 0 : 1;
  std::size_t entries = 0;
  if (!document) problems = problems_of(document.error(), wanted.path);
  for (const std::string& section : wanted.sections) {
    if (!document || document->root.find(section) != nullptr) continue;
    ++missing;
    problems.push_back(problem_at(
        wanted.path, document->root.at(), "the register has no `" + section + "`",
        "List them under `" + section + ":`, or say why there are none: `{none: <why>}`"));
  }
  if (document) {
    entries =
        entries_of(document->root, "dependencies") + entries_of(document->root, "trust_boundaries");
  }
  result = from_problems(std::move(problems), {"fault in the register", "faults in the register"});
  evidence::Draft draft;
  draft.kind = evidence::Kind::register_;
  draft.name = wanted.path;
  draft.facts = {{"register.entries", Value(entries)}, {"register.missing", Value(missing)}};
  draft.data = Object{{"path", wanted.path}, {"entries", entries}, {"missing", missing}};
  if (!bytes.empty()) {
    WRIT_TRY(const store::BlobRef blob, context.blobs.put(bytes));
    draft.data.as_object().append("digest", blob.digest.hex());
    draft.blobs.push_back(blob);
  }
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
