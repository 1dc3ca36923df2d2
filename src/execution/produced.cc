#include "execution/produced.h"

#include <algorithm>

namespace writ::execution {
namespace {

// Every artifact of `record`; empty where it is not as the check of artifacts writes it.
Result<std::vector<evidence::ProducedArtifact>> listed_by(const evidence::Record& record) {
  std::vector<evidence::ProducedArtifact> out;
  const Value* list = record.data.find("artifacts");
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& entry : list->as_array()) {
    evidence::ProducedArtifact artifact;
    artifact.name = entry.string_or("name", "");
    WRIT_TRY(artifact.digest, crypto::Digest::parse_hex(entry.string_or("digest", "")));
    artifact.evidence = {record.id, record.digest()};
    const auto kept = std::ranges::find(record.blobs, artifact.digest, &store::BlobRef::digest);
    if (kept == record.blobs.end()) {
      return fail(Code::invalid_input,
                  "what artifact " + artifact.name + " is made of is not kept");
    }
    out.push_back(std::move(artifact));
  }
  return out;
}

bool is_newest(const protocol::Plan& plan, const RunState& state, const evidence::Record& record) {
  const std::size_t index = plan.find(record.step);
  return index < state.steps.size() && state.steps[index].attempt == record.attempt;
}

}  // namespace

Result<std::vector<evidence::ProducedArtifact>> produced_artifacts(
    const protocol::Plan& plan, const RunState& state, std::span<const evidence::Record> records,
    const crypto::Digest& tree) {
  std::vector<evidence::ProducedArtifact> out;
  for (const evidence::Record& record : records) {
    if (record.kind != evidence::Kind::artifact || record.tree != tree) continue;
    if (!is_newest(plan, state, record)) continue;
    WRIT_TRY(out, listed_by(record));
  }
  std::size_t at = 0;
  for (const protocol::DeclaredArtifact& declared : plan.artifacts) {
    if (declared.evidence == protocol::kAttestationArtifact) continue;
    if (at == out.size() || out[at].name != declared.name) {
      return fail(Code::invalid_input,
                  "artifact " + declared.name + " is not listed, in its place, for this tree");
    }
    ++at;
  }
  if (at != out.size()) {
    return fail(Code::invalid_input, "artifact " + out[at].name + " is not declared");
  }
  return out;
}

}  // namespace writ::execution
