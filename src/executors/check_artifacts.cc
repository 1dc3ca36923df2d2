// The check of artifacts (LAW-12): what the law declares as left by a run is there, each addressed
// by its content.
//
// An artifact is a list: files of the tree with their digests, or evidence records with theirs. The
// list is kept as a blob, and its digest is the artifact's.
#include <algorithm>

#include "executors/check.h"
#include "executors/files_in_scope.h"

namespace writ::executors {
namespace {

using execution::Problem;
using execution::StepContext;
using execution::StepResult;
using protocol::DeclaredArtifact;

std::string line_of(const crypto::Digest& digest, std::string_view name) {
  return digest.hex() + "  " + std::string(name) + "\n";
}

// Of a file that a step handed in its own bytes count; of all else the record.
std::string line_of(const evidence::Record& record) {
  const bool is_file = record.kind == evidence::Kind::file && !record.blobs.empty();
  return line_of(is_file ? record.blobs.front().digest : record.digest(),
                 record.step + " " + record.name);
}

// What it is made of, a line each; empty when there is nothing.
std::string contents_of(const StepContext& context, const DeclaredArtifact& artifact) {
  std::string out;
  if (artifact.evidence.empty()) {
    for (const repo::TreeFile& file : *context.tree.files) {
      if (matches_any(artifact.paths, file.path)) out += line_of(file.digest, file.path);
    }
    return out;
  }
  for (const evidence::Record& record : context.evidence) {
    const bool is_wanted = evidence::kind_name(record.kind) == artifact.evidence &&
                           std::ranges::find(artifact.by, record.step) != artifact.by.end();
    if (is_wanted) out += line_of(record);
  }
  return out;
}

std::string listed(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

Problem missing(const DeclaredArtifact& artifact) {
  Problem problem;
  problem.file = artifact.origin.file;
  problem.at = artifact.origin.at;
  problem.rule = "artifact";
  const std::string steps = artifact.by.empty() ? "" : " (made by " + listed(artifact.by) + ")";
  problem.message = "artifact `" + artifact.name + "` is missing: " +
                    (artifact.evidence.empty() ? "no file of the tree is " + listed(artifact.paths)
                                               : "there is no " + artifact.evidence + " evidence") +
                    steps;
  problem.remedy = artifact.evidence.empty() ? "Write it" : "Let the step that makes it do so";
  return problem;
}

}  // namespace

Result<StepResult> check_artifacts(const StepContext& context, const CheckDeps&, std::stop_token) {
  if (!context.tree.files) return fail(Code::internal, "the tree has no list of files");
  std::vector<Problem> problems;
  evidence::Draft draft;
  Array present;
  for (const DeclaredArtifact& artifact : context.plan.artifacts) {
    if (artifact.evidence == protocol::kAttestationArtifact) continue;
    const std::string contents = contents_of(context, artifact);
    if (contents.empty()) {
      problems.push_back(missing(artifact));
      continue;
    }
    WRIT_TRY(const store::BlobRef blob, context.blobs.put(contents));
    present.push_back(Object{{"name", artifact.name},
                             {"digest", blob.digest.hex()},
                             {"entries", std::ranges::count(contents, '\n')}});
    if (std::ranges::find(draft.blobs, blob.digest, &store::BlobRef::digest) == draft.blobs.end()) {
      draft.blobs.push_back(blob);
    }
  }
  draft.kind = evidence::Kind::artifact;
  draft.name = "artifacts";
  draft.facts = {{"artifacts.present", Value(present.size())},
                 {"artifacts.missing", Value(problems.size())}};
  draft.data = Object{{"artifacts", std::move(present)}};
  StepResult result = from_problems(std::move(problems), {"artifact missing", "artifacts missing"});
  result.evidence.push_back(std::move(draft));
  return result;
}

}  // namespace writ::executors
