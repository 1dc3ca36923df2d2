#pragma once
// Documents as they were read: typed, with positions, not yet joined. Private to the module.
//
// Readers are tolerant: what has the wrong shape was already refused by the document's contract,
// so they skip it and report only what a schema cannot say.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "protocol/plan.h"

namespace writ::protocol {

struct SourceDocument {
  Document document;
  std::string label;   // "spec", "zero-tolerance-session@2.0.0", "…@2.0.0/lite"
  std::string file;    // as the user named it, "builtin:…"
  std::string digest;  // sha256 hex of its bytes
  Authority authority = Authority::default_;
  bool is_spec = false;
  std::filesystem::path root;  // of the repository: paths in the document are relative to it
};

// "spec.yaml:3:7", as messages name the other side of a conflict.
inline std::string place_text(const Origin& origin) {
  return origin.file + ":" + std::to_string(origin.at.line) + ":" +
         std::to_string(origin.at.column);
}

struct NameAt {
  std::string name;
  Position at;
};

// An input that a protocol asks for.
struct RequiredInput {
  std::string name;
  std::string title;  // what the document is; may be empty
  std::string type;   // text, data; empty: anything
  Position at;
};

struct Law;

struct StepSource {
  PlanStep step;          // without needs, stage, slot and gate_over
  std::string container;  // "test", "test/fast/unit"
  std::optional<std::vector<NameAt>> needs;
  std::optional<std::vector<NameAt>> over;
  std::optional<bool> writes;
  Position gate_at;
  bool is_phase_gate = false;
  const Law* names_of = nullptr;  // of a question: the law whose names `over` uses
};

struct PhaseSource {
  const SourceDocument* source = nullptr;
  std::string id;
  std::string title;
  std::string stage;
  Slot slot = Slot::work;
  Position at;
  Position stage_at;
  std::optional<std::vector<NameAt>> needs;
  std::vector<StepSource> steps;  // its gate last
};

// A question or an attestation check.
struct ClosingSource {
  std::string name;
  std::string text;
  std::optional<policy::Gate> gate;
  std::optional<std::vector<NameAt>> over;
  Position gate_at;
  Origin origin;
  const SourceDocument* source = nullptr;
};

struct RuleSource {
  std::string name;  // "forbid.todo-comment"
  Value value;
  Position at;
};

struct OverrideSource {
  std::string protocol;  // id
  std::string rule;
  std::string because;
  Position at;
};

struct ContextSource {
  std::string path;  // one of the two
  std::string glob;
  Position at;
};

struct ArtifactSource {
  DeclaredArtifact artifact;  // without the steps that make it
  std::vector<NameAt> by;     // as named: steps and phases of the document
};

// What a document asks of the plan, whether spec, protocol or profile of one.
struct Law {
  const SourceDocument* source = nullptr;
  std::string id;       // of a protocol
  std::string profile;  // empty: the whole protocol
  std::vector<RuleSource> rules;
  std::vector<OverrideSource> overrides;
  std::vector<NameAt> may_loosen;
  std::vector<NameAt> stages;
  std::vector<NameAt> required_keys;
  std::vector<RequiredInput> required_inputs;
  std::vector<Invariant> invariants;
  std::vector<std::string> outputs;  // globs of what its steps produce
  std::vector<ContextSource> context;
  std::vector<NameAt> protocols;  // references
  std::vector<PhaseSource> phases;
  std::vector<NameAt> skipped;  // phases and steps that do not apply: paths
  std::vector<ClosingSource> questions;
  std::vector<ClosingSource> attest;
  std::vector<ArtifactSource> artifacts;
  std::vector<NameAt> register_sections;  // that it asks for
  NameAt register_path;                   // of a spec: where its register is
  std::vector<const Value*> addenda;      // bodies of those that apply; of `source`
};

}  // namespace writ::protocol
