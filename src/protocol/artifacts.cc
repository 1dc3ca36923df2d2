#include "protocol/artifacts.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "base/suggest.h"
#include "protocol/gates.h"

namespace writ::protocol {
namespace {

using Steps = std::set<std::size_t>;  // by their place in the plan

bool is_attestation(const DeclaredArtifact& artifact) {
  return artifact.evidence == kAttestationArtifact;
}

void read_one(Reading& reading, const Value& entry, Law& law) {
  ArtifactSource source;
  DeclaredArtifact& artifact = source.artifact;
  artifact.name = entry.string_or("name", "");
  artifact.title = entry.string_or("title", artifact.name);
  artifact.paths = reading.paths(entry.find("path"));
  artifact.evidence = entry.string_or("evidence", "");
  artifact.origin = reading.origin(entry.at());
  source.by = Reading::names(entry.find("by"));
  if (artifact.paths.empty() == artifact.evidence.empty()) {
    reading.report(entry.at(), "artifact `" + artifact.name + "` is files or evidence, one of them",
                   "Write `path: README.md` or `evidence: tests`");
  } else if (is_attestation(artifact) && !source.by.empty()) {
    reading.report(source.by.front().at, "no step makes the attestation: it ends the run",
                   "Leave `by` out");
  } else if (!law.artifacts.empty() && is_attestation(law.artifacts.back().artifact)) {
    reading.report(entry.at(), "artifact `" + artifact.name + "` comes after the attestation",
                   "The attestation is the last thing that a run makes: put it last");
  } else {
    law.artifacts.push_back(std::move(source));
  }
}

class Binder {
 public:
  Binder(Plan& plan, std::vector<Diagnostic>& problems) : plan_(plan), problems_(problems) {
    for (std::size_t i = 0; i < plan.steps.size(); ++i) places_.emplace(plan.steps[i].path, i);
  }

  void bind(const Law& law) {
    const DeclaredArtifact* previous = nullptr;
    Steps previous_steps;
    for (const ArtifactSource& source : law.artifacts) {
      DeclaredArtifact artifact = source.artifact;
      Steps steps;
      if (!is_named_once(artifact) || !find_makers(law, source, artifact, steps)) continue;
      if (previous != nullptr && !steps.empty()) {
        expect_order(*previous, previous_steps, artifact, steps);
      }
      makers_.insert(steps.begin(), steps.end());
      if (!steps.empty()) {
        previous = &source.artifact;
        previous_steps = std::move(steps);
      }
      plan_.artifacts.push_back(std::move(artifact));
    }
  }

  // The attestation ends the run, whoever asked for it; once.
  void finish() {
    std::ranges::stable_partition(plan_.artifacts, std::not_fn(is_attestation));
    if (plan_.artifacts.empty() || is_attestation(plan_.artifacts.front())) return;
    const DeclaredArtifact& first = plan_.artifacts.front();
    std::optional<std::size_t> check;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const PlanStep& step = plan_.steps[i];
      if (step.kind == StepKind::check && step.with.string_or("check", "") == "artifacts") {
        check = i;
      }
    }
    if (!check) {
      return report(first.origin, "nothing holds the run to its artifacts",
                    "Add a step `check: artifacts` to stage evidence");
    }
    say_what_is_wanted(plan_.steps[*check]);
    for (const std::size_t maker : makers_) {
      if (before(*check).contains(maker)) continue;
      const PlanStep& step = plan_.steps[*check];
      return report(step.origin,
                    "step `" + step.path + "` looks for artifacts, and step `" +
                        plan_.steps[maker].path + "`, which makes one, need not come before it",
                    "Move it to a later stage, or name that step under `needs`");
    }
  }

 private:
  void report(const Origin& origin, std::string message, std::string remedy) {
    problems_.push_back({origin.file, origin.at, std::move(message), std::move(remedy)});
  }

  bool is_named_once(const DeclaredArtifact& artifact) {
    const auto twin = std::ranges::find(plan_.artifacts, artifact.name, &DeclaredArtifact::name);
    if (twin == plan_.artifacts.end()) return true;
    if (is_attestation(*twin) && is_attestation(artifact)) return false;
    report(artifact.origin,
           "artifact `" + artifact.name + "` is there already, at " + place_text(twin->origin),
           "Give one of them another name");
    return false;
  }

  // False when nothing will make it: reported, or shown where that part of the law does not apply.
  bool find_makers(const Law& law, const ArtifactSource& source, DeclaredArtifact& artifact,
                   Steps& steps) {
    bool is_skipped = false;
    for (const NameAt& name : source.by) {
      const Steps named = steps_named(law, name.name);
      steps.insert(named.begin(), named.end());
      if (!named.empty()) continue;
      is_skipped = std::ranges::find(law.skipped, name.name, &NameAt::name) != law.skipped.end();
      if (!is_skipped) report_name(law, name);
      if (!is_skipped) return false;
    }
    if (is_skipped && steps.empty()) {
      plan_.inapplicable.push_back({"artifact " + artifact.name,
                                    "what makes it does not apply: " + source.by.front().name,
                                    artifact.origin});
      return false;
    }
    if (!artifact.evidence.empty() && !is_attestation(artifact)) keep_makers_of(artifact, steps);
    if (!artifact.evidence.empty() && !is_attestation(artifact) && steps.empty()) {
      report(artifact.origin,
             "artifact `" + artifact.name + "` is " + artifact.evidence + " evidence, and no step" +
                 (source.by.empty() ? "" : " that it names") + " makes any",
             "Add a step that does, or leave the artifact out");
      return false;
    }
    for (const std::size_t step : steps) artifact.by.push_back(plan_.steps[step].path);
    return true;
  }

  // Of the steps that were named, or of all, those that make evidence of its kind.
  void keep_makers_of(const DeclaredArtifact& artifact, Steps& steps) const {
    const bool is_any = steps.empty();
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const auto kinds = produced_kinds(plan_.steps[i]);
      const bool makes = std::ranges::find(kinds, artifact.evidence) != kinds.end();
      if (makes && is_any) steps.insert(i);
      if (!makes) steps.erase(i);
    }
  }

  // A phase, or phase/step, of that document.
  Steps steps_named(const Law& law, const std::string& name) const {
    Steps steps;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const PlanStep& step = plan_.steps[i];
      if (step.origin.document != law.source->label) continue;
      if (step.path == name || step.path.starts_with(name + "/")) steps.insert(i);
    }
    return steps;
  }

  void report_name(const Law& law, const NameAt& name) {
    std::vector<std::string_view> known;
    for (const PlanStep& step : plan_.steps) {
      if (step.origin.document == law.source->label) known.push_back(step.path);
    }
    problems_.push_back(law.source->document.diagnostic(
        name.at, "there is no step or phase `" + name.name + "`" + did_you_mean(name.name, known),
        "Names are those of this document: a phase, or phase/step"));
  }

  // The step's own definition says what it looks for: with other artifacts it is another step.
  void say_what_is_wanted(PlanStep& step) const {
    Array names;
    for (const DeclaredArtifact& artifact : plan_.artifacts) {
      Array paths(artifact.paths.begin(), artifact.paths.end());
      Array by(artifact.by.begin(), artifact.by.end());
      names.push_back(Object{{"name", artifact.name},
                             {"paths", std::move(paths)},
                             {"evidence", artifact.evidence},
                             {"by", std::move(by)}});
    }
    step.with.as_object().set("artifacts", std::move(names));
  }

  // What is made later must wait for what is made earlier: then no run can turn them round.
  void expect_order(const DeclaredArtifact& first, const Steps& first_steps,
                    const DeclaredArtifact& second, const Steps& second_steps) {
    const std::size_t last = *second_steps.rbegin();
    const Steps& earlier = before(last);
    for (const std::size_t step : first_steps) {
      if (step == last || earlier.contains(step)) continue;
      const std::string late = "`" + plan_.steps[last].path + "`";
      const std::string early = "`" + plan_.steps[step].path + "`";
      std::string message = "artifact `" + second.name + "` is declared after `" + first.name;
      message += "`, and the plan makes it in step " + late;
      message += ", which does not wait for step " + early;
      std::string remedy = "Turn the two round, or let " + late;
      remedy += " need " + early;
      return report(second.origin, std::move(message), std::move(remedy));
    }
  }

  // All steps that must have passed before `step` starts.
  const Steps& before(std::size_t step) {
    const auto [known, is_new] = before_.try_emplace(step);
    if (!is_new) return known->second;
    std::vector<std::size_t> open{step};
    while (!open.empty()) {
      const PlanStep& at = plan_.steps[open.back()];
      open.pop_back();
      for (const std::string& need : at.needs) {
        const std::size_t place = places_.at(need);
        if (known->second.insert(place).second) open.push_back(place);
      }
    }
    return known->second;
  }

  Plan& plan_;
  std::vector<Diagnostic>& problems_;
  std::map<std::string_view, std::size_t> places_;
  std::map<std::size_t, Steps> before_;
  Steps makers_;
};

}  // namespace

void read_artifacts(Reading& reading, const Value& body, Law& law) {
  const Value* list = body.find("artifacts");
  if (list == nullptr || !list->is_array()) return;
  for (const Value& entry : list->as_array()) {
    if (entry.is_object()) read_one(reading, entry, law);
  }
}

void bind_artifacts(const std::vector<Law>& laws, const Law& spec, Plan& plan,
                    std::vector<Diagnostic>& problems) {
  Binder binder(plan, problems);
  for (const Law& law : laws) binder.bind(law);
  binder.bind(spec);
  binder.finish();
}

void bind_register(const std::vector<Law>& laws, const Law& spec, Plan& plan,
                   std::vector<Diagnostic>& problems) {
  std::set<std::string> sections;
  const Law* asks = nullptr;
  for (const Law& law : laws) {
    for (const NameAt& section : law.register_sections) sections.insert(section.name);
    if (!law.register_sections.empty() && asks == nullptr) asks = &law;
  }
  if (spec.register_path.name.empty()) {
    if (asks == nullptr) return;
    std::string named;
    for (const std::string& section : sections) named += (named.empty() ? "" : ", ") + section;
    problems.push_back({spec.source->file, spec.source->document.root.at(),
                        "SPEC_BLOCKER: " + asks->source->label + " asks for a register (" + named +
                            "), and the spec names none",
                        "Write one (docs/formats/register.md) and add `register: <path>`"});
    return;
  }
  plan.register_wanted = {spec.register_path.name,
                          {sections.begin(), sections.end()},
                          {spec.source->label, spec.source->file, spec.register_path.at}};
  bool is_checked = false;
  for (PlanStep& step : plan.steps) {
    if (step.kind != StepKind::check || step.with.string_or("check", "") != "register") continue;
    is_checked = true;
    step.with.as_object().set("register", plan.register_wanted->path);
    step.with.as_object().set("sections", Array(sections.begin(), sections.end()));
  }
  if (is_checked) return;
  problems.push_back({spec.source->file, spec.register_path.at,
                      "nothing holds the register to its contract",
                      "Add a step `check: register` to stage evidence"});
}

}  // namespace writ::protocol
