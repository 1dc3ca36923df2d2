#pragma once
// The Plan: what a run will do, fixed before it starts. Made by compile() from a spec and the
// protocols that bind it; immutable, canonical, digested without positions. Everything a run
// needs later is in it: it is stored whole and read back on resume.
// Contract: contracts/plan.schema.json.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "base/result.h"
#include "base/units.h"
#include "base/value.h"
#include "policy/gate/gate.h"

namespace writ::protocol {

// absolute > enforced > default.
enum class Authority : std::uint8_t { default_, enforced, absolute };

// Stages give the order of the plan; a protocol may refine the list, never reorder it.
inline constexpr std::string_view kStages[] = {"orient",    "extract",  "plan",     "scaffold",
                                               "implement", "document", "validate", "evidence",
                                               "attest",    "close"};

enum class StepKind : std::uint8_t {
  run,       // a command
  check,     // a named mechanical check: scan, scope, context, traceability …
  approval,  // a person's signed word
  external,  // an outside agent claims it and submits evidence
  wait,      // until a time has passed
  spec,      // a spec of its own, as a child run
  gate,      // no work: a phase's gate, a completion question, an attestation check
};

// Risk of an area, 1 to 5: from here on it needs rollback and simulation notes (LAW-16).
inline constexpr std::uint32_t kHighRisk = 4;
inline constexpr std::uint32_t kHighestRisk = 5;

enum class WorkType : std::uint8_t { IMPLEMENTATION, REMEDIATION, REFACTOR };

enum class BlockerKind : std::uint8_t {
  FIX_REQUIRED,  // clears when the same check passes again
  SPEC_BLOCKER,  // these three need a signed `writ resolve`
  CONTRACT_UNCLEAR,
  INVENTION_REQUIRED,
  HARD_STOP,  // ends the run
};

enum class Slot : std::uint8_t { enter, work, exit };

// Where a line of the plan comes from. Shown by `writ plan`; not part of the digest except for
// `document`.
struct Origin {
  std::string document;  // "spec" or "zero-tolerance-session@2.0.0"
  std::string file;      // as named by the user, or "builtin:…"
  Position at;
};

struct EvidenceWanted {
  std::string kind;  // evidence kind: tests, file, scan, benchmark, statement, …
  std::string path;  // relative to the tree; empty for kinds without a file
  bool required = true;
};

struct RetryPolicy {
  std::uint32_t max = 0;        // further attempts after the first
  std::vector<std::string> on;  // timeout, exit, signal, unavailable
  Duration backoff{1000};       // doubled each time, with jitter
  Duration backoff_limit{60'000};
};

struct PlanStep {
  std::string path;   // its name, unique: "test/unit"
  std::string title;  // for people; the command line when none is given
  std::string stage;
  Slot slot = Slot::work;
  StepKind kind = StepKind::run;
  std::vector<std::string> needs;  // paths that must have passed; always earlier in the plan
  // By kind. run: {argv: […]} or {shell: "…"}, {env: {…}, env_allow: […], directory, limits:
  // {cpu (ms), memory, file_size, output (bytes), processes, open_files}, sandbox:
  // off|prefer|require, secrets: [NAMES]}. check: {check: NAME, with:
  // {…}}. approval: {by: "role:…", not: "runner"}. external: {by, instructions}. wait: {for: ms}.
  // spec: {path, worktree: true where it is a packet}. gate: {}.
  Value with;
  std::optional<Duration> timeout;
  RetryPolicy retry;
  std::vector<EvidenceWanted> evidence;
  std::optional<policy::Gate> gate;
  std::vector<std::string> gate_over;  // steps whose evidence the gate sees; never empty
                                       // where there is a gate
  std::optional<BlockerKind> blocks;   // what a failure of it becomes; else the step fails
  std::vector<std::string> inputs;     // globs: the part of the tree it depends on; empty: all
  bool writes_tree = false;            // may change the tree (only before `validate`)
  bool is_repeatable = true;           // false: an interrupted attempt becomes a blocker
  Authority authority = Authority::default_;
  Origin origin;

  // A child run in a git worktree of its own, whose change is brought back (LAW-08).
  bool is_packet() const { return kind == StepKind::spec && with.bool_or("worktree", false); }
};

// Questions and attestation checks are also the last steps of the plan, of kind gate:
// `questions/<id>` and `attest/<name>`.
struct Question {  // answered from evidence at the close
  std::string id;
  std::string text;
  policy::Gate gate;
  Origin origin;
  std::vector<std::string> gate_over;  // steps whose evidence the gate sees
};

struct AttestCheck {  // every one must be proved, or there is no attestation
  std::string name;   // "tests_prove_contracts"
  policy::Gate gate;
  Origin origin;
  std::vector<std::string> gate_over;
};

struct Group {  // a checklist; its state is computed from evidence
  std::string id;
  std::string name;
  std::string description;
  std::string priority;            // P0 … P3
  std::vector<std::string> items;  // criteria or steps
  std::vector<std::string> needs;  // other groups
  std::optional<policy::Gate> validation;
  Origin origin;
};

// A conditional part of the law that does not apply to this work: shown, not assumed.
struct Inapplicable {
  std::string what;  // "phase api-review"
  std::string why;   // "nothing in module.repo.may_change touches src/api/**"
  Origin origin;
};

struct Criterion {  // acceptance.required
  std::string id;
  std::string text;
  std::vector<std::string> proved_by;  // globs over full test names
};

// A test that failed before this work: `check: baseline` holds it to the base revision (LAW-22).
struct KnownFailure {
  std::string test;  // its full name
  std::string file;
  std::string reason;
};

// What no assumption may touch (LAW-18).
struct Invariant {
  std::string id;
  std::string text;
  std::vector<std::string> paths;  // globs: where it is held
  Origin origin;
};

// A thing that the run leaves behind; the plan lists them in the order in which they are made
// (LAW-12). It is files of the tree, or evidence.
struct DeclaredArtifact {
  std::string name;  // "contract-extractions"
  std::string title;
  std::vector<std::string> paths;  // globs
  std::string evidence;            // its kind, or kAttestationArtifact
  std::vector<std::string> by;     // the steps that make it; empty: files that any step writes
  Origin origin;
};
inline constexpr std::string_view kAttestationArtifact = "attestation";

// The register of dependencies and trust boundaries (LAW-12): contracts/register.schema.json.
struct RegisterWanted {
  std::string path;                   // in the tree
  std::vector<std::string> sections;  // that the law asks for
  Origin origin;
};

// A look-up table of the law (LAW-01): where a model lives, who owns what.
struct LookupTable {
  std::string name;
  std::string title;
  std::vector<std::string> columns;  // the first is the key
  std::vector<std::vector<std::string>> rows;
  Origin origin;
};

// An addendum to the law that holds for this kind of module (LAW-01).
struct AppliedAddendum {
  std::string id;
  std::string why;  // "module.kind is executor"
  Origin origin;
};

struct BoundDocument {  // an input, a context document, or a protocol
  std::string name;
  std::string path;    // in the tree; of an input by file: URI from outside of it, absolute
  std::string uri;     // inputs only: where it comes from, as declared; empty: from `path`
  std::string digest;  // sha256 hex of its bytes
  Authority authority = Authority::default_;  // protocols only
};

struct Scope {
  std::string base = "HEAD";  // git revision, resolved when the run starts
  bool is_locked = false;     // false: a spec without may_change binds nothing
  std::vector<std::string> may_change;
  std::vector<std::string> allowed_new_files;
  std::vector<std::string> outputs;  // globs of what steps produce; untracked matches do not count
  bool sequential = false;           // one file per step
};

struct Budget {
  std::optional<std::uint32_t> max_files;
  std::optional<std::uint32_t> max_lines_per_file;
  std::optional<std::uint32_t> max_total_lines;
  std::optional<std::uint32_t> max_iterations;  // attempts of any one step
  std::optional<std::uint64_t> max_tokens;      // of the usage evidence of all attempts
  std::optional<std::uint64_t> max_micro_usd;   // the same, in millionths of a US dollar
  std::optional<Duration> active;               // time at work, not waiting for people
};

// A rule of the composed law and what became of it: printed by `writ plan`.
struct ComposedRule {
  std::string name;  // "forbid.todo-comment", "ambiguity"
  Value value;
  Authority authority = Authority::default_;
  Origin origin;
  std::vector<Origin> overrode;
  std::string because;
};

struct Plan {
  std::string spec_id;  // "orders.book"
  std::string spec_name;
  std::string spec_file;
  std::string spec_digest;  // sha256 hex of the spec's bytes
  std::vector<BoundDocument> protocols;
  std::vector<BoundDocument> inputs;
  std::vector<BoundDocument> context;  // required reading, with digests
  Value module;                        // the spec's `module`, for packs that look at it
  WorkType work_type = WorkType::IMPLEMENTATION;
  std::string ambiguity = "stop";             // assume | stop
  std::map<std::string, std::uint32_t> risk;  // area → 1..5
  std::string remediation_entry;              // why remediation is allowed; REMEDIATION only
  Scope scope;
  Budget budget;
  std::vector<Criterion> acceptance;
  std::vector<KnownFailure> known_failures;
  std::vector<Invariant> invariants;
  std::vector<std::string> forbid;  // scan rules that the law forbids
  std::vector<PlanStep> steps;      // in plan order; every `needs` points backwards
  std::vector<Question> questions;
  std::vector<AttestCheck> attest;
  std::vector<Group> groups;
  std::vector<ComposedRule> rules;
  std::vector<Inapplicable> inapplicable;
  std::vector<DeclaredArtifact> artifacts;
  std::optional<RegisterWanted> register_wanted;
  std::vector<LookupTable> tables;
  std::vector<AppliedAddendum> addenda;

  // Index of `path` in steps; npos-like steps.size() when absent.
  std::size_t find(std::string_view path) const;
  // Canonical JSON without positions, file names and the bytes' digests of spec and protocols
  // (their meaning is in it, their formatting is not); its SHA-256 is the plan's digest.
  std::string canonical() const;
  std::string digest() const;  // 64 hex digits
  // Whole, positions included, and back. Errors: tampered (not what to_value makes).
  Value to_value() const;
  static Result<Plan> from_value(const Value& value);
};

// The digest of one step's definition: what `resume --replan` compares.
std::string step_digest(const PlanStep& step);

}  // namespace writ::protocol
