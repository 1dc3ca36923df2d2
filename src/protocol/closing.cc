#include "protocol/closing.h"

#include <algorithm>

namespace writ::protocol {
namespace {

StepSource closing_step(const Law& law, const ClosingSource& closing, const std::string& phase) {
  StepSource source;
  source.container = phase;
  source.names_of = &law;
  source.over = closing.over;
  source.gate_at = closing.gate_at;
  source.step.path = phase + "/" + closing.name;
  source.step.title = closing.text;
  source.step.kind = StepKind::gate;
  source.step.with = Object{};
  source.step.gate = closing.gate;
  source.step.origin = closing.origin;
  source.step.authority = closing.source->authority;
  return source;
}

void add_closings(const Law& law, const std::vector<ClosingSource>& closings, PhaseSource& phase,
                  std::vector<Diagnostic>& problems) {
  for (const ClosingSource& closing : closings) {
    StepSource source = closing_step(law, closing, phase.id);
    const auto twin = std::ranges::find(phase.steps, source.step.path,
                                        [](const StepSource& s) { return s.step.path; });
    if (twin == phase.steps.end()) {
      phase.steps.push_back(std::move(source));
    } else if (twin->step.gate && closing.gate &&
               twin->step.gate->to_value() != closing.gate->to_value()) {
      problems.push_back(
          {closing.origin.file, closing.origin.at,
           "`" + source.step.path + "` has another gate at " + place_text(twin->step.origin),
           "Give one of them another name"});
    }
  }
}

}  // namespace

Law closing_law(const std::vector<Law>& laws, const Law& spec, std::vector<Diagnostic>& problems) {
  Law closing;
  closing.source = spec.source;
  const auto add = [&](std::string_view id, std::string_view stage,
                       const std::vector<ClosingSource> Law::* list) {
    PhaseSource phase;
    phase.source = spec.source;
    phase.id = id;
    phase.title = id;
    phase.stage = stage;
    phase.slot = Slot::exit;
    for (const Law& law : laws) add_closings(law, law.*list, phase, problems);
    add_closings(spec, spec.*list, phase, problems);
    if (!phase.steps.empty()) closing.phases.push_back(std::move(phase));
  };
  add(kAttestPhase, "attest", &Law::attest);
  add(kQuestionsPhase, "close", &Law::questions);
  return closing;
}

}  // namespace writ::protocol
