#include "protocol/load.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>

#include "contract/validate_document.h"
#include "crypto/digest.h"
#include "protocol/addenda.h"
#include "protocol/artifacts.h"
#include "protocol/bind.h"
#include "protocol/compose_rules.h"
#include "protocol/embedded.h"
#include "protocol/expect_checks.h"
#include "protocol/find_protocol.h"
#include "protocol/gates.h"
#include "protocol/import_rules.h"
#include "protocol/look_up.h"
#include "protocol/order.h"
#include "protocol/packets.h"
#include "protocol/read_law.h"

namespace writ::protocol {
namespace {

constexpr std::size_t kMaxProtocols = 64;
constexpr std::size_t kMaxDiagnostics = 100;
constexpr std::string_view kRemediationLaw = "remediation@1";

SourceDocument spec_source(Document document, const std::filesystem::path& file) {
  SourceDocument source;
  source.label = "spec";
  source.file = file.string();
  source.digest = crypto::sha256(document.text).hex();
  source.is_spec = true;
  source.document = std::move(document);
  return source;
}

// Everything at once, in the order in which a reader meets it, each once.
std::unexpected<Error> refuse(std::vector<Diagnostic> problems) {
  const auto key = [](const Diagnostic& d) { return std::tie(d.file, d.at, d.message, d.remedy); };
  std::ranges::sort(problems, {}, key);
  const auto same = [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b); };
  problems.erase(std::ranges::unique(problems, same).begin(), problems.end());
  const std::size_t count = problems.size();
  if (count > kMaxDiagnostics) {
    problems.resize(kMaxDiagnostics);
    problems.push_back({problems.back().file,
                        {},
                        "and " + std::to_string(count - kMaxDiagnostics) + " more problems",
                        "Correct these first"});
  }
  return fail(std::move(problems));
}

class Loader {
 public:
  Loader(const LoadOptions& options, SourceDocument spec)
      : options_(options), spec_document_(std::move(spec)), finder_(options.root) {
    spec_document_.root = options.root;
  }

  Result<Plan> load() {
    if (!has_kind(spec_document_, "Spec")) return refuse(std::move(problems_));
    validate(spec_document_);
    Reading reading(spec_document_, problems_);
    spec_ = read_spec(reading, plan_);
    find_laws(spec_.law, {});
    find_law_of_the_work();
    sort_laws();
    compose();
    read_bodies();
    bind();
    order();
    if (!problems_.empty()) return refuse(std::move(problems_));
    return std::move(plan_);
  }

 private:
  bool has_kind(const SourceDocument& source, std::string_view kind) {
    const Value& root = source.document.root;
    if (root.string_or("kind", "") == kind) return true;
    const Value* found = root.find("kind");
    problems_.push_back(source.document.diagnostic(
        found != nullptr ? found->at() : root.at(), "this is no " + std::string(kind) + " document",
        "It starts with `writ: 1` and `kind: " + std::string(kind) + "`"));
    return false;
  }

  // Against the document's contract.
  void validate(const SourceDocument& source) {
    auto& schema = source.is_spec ? spec_schema_ : protocol_schema_;
    if (!schema) {
      auto loaded = contract::load_contract(source.is_spec ? "spec" : "protocol");
      WRIT_ASSERT(loaded.has_value());  // built in, and compiled by a test
      schema = *std::move(loaded);
    }
    const auto found =
        contract::to_diagnostics(schema->validate(source.document.root), source.document);
    problems_.insert(problems_.end(), found.begin(), found.end());
  }

  // Protocols that a law names, and those that they name, each once; `around` are the references
  // that led here.
  void find_laws(const Law& from, std::vector<std::string> around) {
    for (const NameAt& name : from.protocols) {
      Reference reference;
      if (!parse_reference(name.name, reference)) {
        problems_.push_back(from.source->document.diagnostic(
            name.at, "`" + name.name + "` is no reference to a protocol",
            "Name id and version, as in zero-tolerance-session@2"));
        continue;
      }
      const SourceDocument* found = finder_.find(reference, *from.source, name.at, problems_);
      if (found == nullptr) continue;
      const std::string label =
          found->label + (reference.profile.empty() ? "" : "/" + reference.profile);
      if (std::ranges::find(around, label) != around.end()) {
        problems_.push_back(from.source->document.diagnostic(
            name.at, "protocols include each other: " + label + " again",
            "Take one of the references away"));
        continue;
      }
      if (!labels_.insert(label).second) continue;
      if (labels_.size() > kMaxProtocols) {
        problems_.push_back(
            from.source->document.diagnostic(name.at, "a spec is bound by at most 64 protocols"));
        return;
      }
      take_law(*found, reference, label, around, *from.source, name);
    }
  }

  // A remediation takes its eleven steps whether its spec names them or not (LAW-09).
  void find_law_of_the_work() {
    const bool is_named = std::ranges::find(laws_, "remediation", &Law::id) != laws_.end();
    if (plan_.work_type != WorkType::REMEDIATION || is_named) return;
    const Position at = spec_document_.document.root.find("work_type")->at();
    Law implied;
    implied.source = &spec_document_;
    implied.protocols.push_back({std::string(kRemediationLaw), at});
    find_laws(implied, {});
  }

  void report_profile(const SourceDocument& found, const SourceDocument& from, const NameAt& name) {
    std::string known;
    const Value* profiles = found.document.root.find("profiles");
    if (profiles != nullptr && profiles->is_object()) {
      for (const Member& member : profiles->as_object()) known += " " + member.key;
    }
    problems_.push_back(from.document.diagnostic(
        name.at, found.label + " has no such profile: " + name.name,
        known.empty() ? "Name the protocol without a profile" : "Its profiles are:" + known));
  }

  void take_law(const SourceDocument& found, const Reference& reference, const std::string& label,
                std::vector<std::string> around, const SourceDocument& from, const NameAt& name) {
    if (!has_kind(found, "Protocol")) return;
    validate(found);
    if (body_of(found, reference.profile) == nullptr) return report_profile(found, from, name);
    SourceDocument& source = sources_.emplace_back(found);
    source.label = label;
    source.root = options_.root;
    Reading reading(source, problems_);
    std::string why;
    if (!reading.applies(source.document.root.find("when"), spec_.circumstances, why)) {
      plan_.inapplicable.push_back({"protocol " + label, why, {from.label, from.file, name.at}});
      return;
    }
    look_up_tables(source, plan_.tables, problems_);
    laws_.push_back(read_protocol_head(reading, reference.profile));
    read_addenda(reading, *body_of(source, reference.profile), spec_.circumstances, laws_.back(),
                 plan_);
    const Law law = laws_.back();  // a copy: the list grows below
    around.push_back(label);
    find_laws(law, std::move(around));
  }

  void sort_laws() {
    std::vector<Law> sorted;
    for (const Authority authority :
         {Authority::absolute, Authority::enforced, Authority::default_}) {
      std::ranges::copy_if(laws_, std::back_inserter(sorted),
                           [&](const Law& law) { return law.source->authority == authority; });
    }
    laws_ = std::move(sorted);
    for (const Law& law : laws_) {
      add_outputs(law);
      plan_.protocols.push_back(
          {law.source->label, law.source->file, "", law.source->digest, law.source->authority});
    }
  }

  void add_outputs(const Law& law) {
    std::vector<std::string>& outputs = plan_.scope.outputs;
    for (const std::string& glob : law.outputs) {
      if (std::ranges::find(outputs, glob) == outputs.end()) outputs.push_back(glob);
    }
  }

  void gather_invariants(const Law& law) {
    for (const Invariant& invariant : law.invariants) {
      const auto known = std::ranges::find(plan_.invariants, invariant.id, &Invariant::id);
      if (known == plan_.invariants.end()) {
        plan_.invariants.push_back(invariant);
        continue;
      }
      problems_.push_back(
          {invariant.origin.file, invariant.origin.at,
           "invariant `" + invariant.id + "` is there already, at " + place_text(known->origin),
           "Give one of them another id"});
    }
  }

  void compose() {
    for (const Law& law : laws_) gather_invariants(law);
    gather_invariants(spec_.law);
    plan_.rules = compose_rules(laws_, spec_.law, problems_);
    spec_.circumstances.rules = plan_.rules;
    check_required_keys(laws_, spec_.law, problems_);
  }

  void read_bodies() {
    for (Law& law : laws_) {
      Reading reading(*law.source, problems_);
      if (const Value* body = body_of(*law.source, law.profile)) {
        read_law_body(reading, *body, spec_.circumstances, law, plan_.inapplicable);
      }
    }
    Reading reading(spec_document_, problems_);
    const Value& root = spec_document_.document.root;
    read_law_body(reading, root, spec_.circumstances, spec_.law, plan_.inapplicable);
    if (root.find("steps") == nullptr && root.find("phases") == nullptr) {
      reading.report(root.at(), "the spec has no steps", "Add `steps:` with at least one `run:`");
    }
  }

  void bind() {
    bind_inputs(laws_, spec_, options_, plan_, problems_);
    bind_context(laws_, spec_.law, options_, plan_, problems_);
    plan_.spec_file = spec_document_.file;
    plan_.spec_digest = spec_document_.digest;
  }

  void order() {
    const Stages stages(laws_, problems_);
    std::vector<Position> gate_positions;
    for (OrderedStep& ordered : order_steps(laws_, spec_.law, stages, problems_)) {
      plan_.steps.push_back(std::move(ordered.step));
      gate_positions.push_back(ordered.gate_at);
    }
    apply_rules(plan_, problems_);
    apply_import_rules(plan_, problems_);
    check_packets(plan_, problems_);
    expect_checks(spec_document_, plan_, problems_);
    // Gates are judged against steps: with some of those missing it would only confuse.
    if (!problems_.empty()) return;
    check_gates(plan_, gate_positions, problems_);
    gather_closings();
    bind_artifacts(laws_, spec_.law, plan_, problems_);
    bind_register(laws_, spec_.law, plan_, problems_);
  }

  void gather_closings() {
    for (const PlanStep& step : plan_.steps) {
      if (!step.gate) continue;
      const std::string name = step.path.substr(step.path.find('/') + 1);
      if (step.path.starts_with("questions/")) {
        plan_.questions.push_back({name, step.title, *step.gate, step.origin, step.gate_over});
      } else if (step.path.starts_with("attest/")) {
        plan_.attest.push_back({name, *step.gate, step.origin, step.gate_over});
      }
    }
  }

  const LoadOptions& options_;
  SourceDocument spec_document_;
  ProtocolFinder finder_;
  std::optional<contract::Schema> spec_schema_;
  std::optional<contract::Schema> protocol_schema_;
  std::vector<Diagnostic> problems_;
  std::deque<SourceDocument> sources_;  // one a law: profiles have labels of their own
  std::vector<Law> laws_;
  std::set<std::string> labels_;
  SpecSource spec_;
  Plan plan_;
};

}  // namespace

Result<Plan> load_plan(const std::filesystem::path& spec, const LoadOptions& options) {
  WRIT_TRY(Document document, load_document(spec));
  return Loader(options, spec_source(std::move(document), spec)).load();
}

std::vector<PackInfo> embedded_packs() {
  std::vector<PackInfo> packs;
  for (const EmbeddedFile& file : embedded::packs()) {
    const auto document = parse_document(std::string(file.path), std::string(file.bytes));
    WRIT_ASSERT(document.has_value());
    const Value& root = document->root;
    packs.push_back({std::string(root.string_or("id", "")),
                     std::string(root.string_or("version", "")),
                     std::string(root.string_or("summary", ""))});
  }
  return packs;
}

}  // namespace writ::protocol
