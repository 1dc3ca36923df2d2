#include "protocol/read_phase.h"

#include <unordered_map>

#include "protocol/enum_text.h"
#include "protocol/parse_gate.h"
#include "protocol/read_step.h"

namespace writ::protocol {
namespace {

std::string in_words(Position at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

// The characters an id may have, runs of others as one '-', in lower case.
std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_upper)
      out += static_cast<char>(c - 'A' + 'a');
    else if (is_plain)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.substr(0, 40);
}

// The program and the first further word that says something: cmake --build build → cmake-build.
std::string command_slug(const Array& words) {
  std::string out;
  for (const Value& word : words) {
    std::string_view text = word.as_string();
    if (out.empty()) {
      out = slug(text.substr(text.rfind('/') + 1));
      continue;
    }
    const std::string part = slug(text.substr(0, text.find('=')));
    if (part.size() >= 2) return out.append("-").append(part);
  }
  return out;
}

class PhaseReader {
 public:
  PhaseReader(Reading& reading, const Circumstances& circumstances, Law& law,
              std::vector<Inapplicable>& inapplicable)
      : reading_(reading), circumstances_(circumstances), law_(law), inapplicable_(inapplicable) {}

  void read(const Value& body) {
    if (const Value* steps = body.find("steps")) {
      PhaseSource phase = make_phase("main", *steps);
      read_steps(*steps, "main", phase);
      law_.phases.push_back(std::move(phase));
    }
    const Value* phases = body.find("phases");
    if (phases == nullptr || !phases->is_array()) return;
    if (body.find("steps") != nullptr) {
      reading_.report(phases->at(), "a document has `steps` or `phases`, not both",
                      "Put the steps into a phase");
    }
    if (phases->as_array().size() > kMaxPhases) {
      return reading_.report(phases->at(), "a document has at most 1,000 phases");
    }
    for (const Value& phase : phases->as_array()) read_phase(phase);
  }

 private:
  PhaseSource make_phase(std::string id, const Value& value) {
    PhaseSource phase;
    phase.source = &reading_.source();
    phase.id = std::move(id);
    phase.at = value.at();
    phase.stage = "implement";
    phase.slot = reading_.source().is_spec ? Slot::work : Slot::enter;
    return phase;
  }

  void read_phase(const Value& value) {
    if (!value.is_object()) return;
    const Value* id = value.find("id");
    if (id == nullptr || !id->is_string() || !claim(id->as_string(), id->at())) return;
    PhaseSource phase = make_phase(id->as_string(), value);
    std::string why;
    if (!reading_.applies(value.find("when"), circumstances_, why)) {
      law_.skipped.push_back({phase.id, phase.at});
      inapplicable_.push_back({"phase " + phase.id, why, reading_.origin(phase.at)});
      return;
    }
    phase.title = value.string_or("title", phase.id);
    phase.stage = value.string_or("stage", "implement");
    phase.stage_at = value.find("stage") != nullptr ? value.find("stage")->at() : value.at();
    // A spec's phases are the work itself; its contract has no `at`.
    if (!reading_.source().is_spec) parse_text(value.string_or("at", ""), phase.slot);
    if (const Value* needs = value.find("needs")) phase.needs = Reading::names(needs);
    const std::size_t problems = reading_.problems().size();
    const std::size_t skipped = law_.skipped.size();
    read_levels(value, phase.id, "actions", phase);
    read_gate(value, phase);
    if (!phase.steps.empty()) return law_.phases.push_back(std::move(phase));
    law_.skipped.push_back({phase.id, phase.at});
    if (law_.skipped.size() == skipped + 1 && reading_.problems().size() == problems) {
      reading_.report(value.at(), "phase `" + phase.id + "` has no steps", "Give it `steps:`");
    }
  }

  // `level` is what may stand here above the steps: "actions", then "tasks".
  void read_levels(const Value& value, const std::string& path, std::string_view level,
                   PhaseSource& phase) {
    constexpr std::string_view kLevels[] = {"actions", "tasks", "steps"};
    std::string_view found;
    for (const std::string_view key : kLevels) {
      const Value* member = value.find(key);
      if (member == nullptr || !member->is_array()) continue;
      if (!found.empty()) {
        reading_.report(
            member->at(),
            "`" + path + "` has both `" + std::string(found) + "` and `" + std::string(key) + "`",
            "Keep one of them");
        continue;
      }
      found = key;
      if (key == "steps")
        read_steps(*member, path, phase);
      else if (key == "actions" && level != "actions")
        misplaced(*member);
      else
        read_containers(*member, path, phase);
    }
  }

  void misplaced(const Value& value) {
    reading_.report(value.at(), "actions stand in phases, tasks in actions, steps in tasks");
  }

  void read_containers(const Value& list, const std::string& path, PhaseSource& phase) {
    for (const Value& value : list.as_array()) {
      const Value* id = value.find("id");
      if (id == nullptr || !id->is_string()) continue;
      const std::string inner = path + "/" + id->as_string();
      if (!claim(id->as_string(), id->at(), inner)) continue;
      read_levels(value, inner, "tasks", phase);
    }
  }

  void read_steps(const Value& list, const std::string& path, PhaseSource& phase) {
    if (!list.is_array()) return;
    for (const Value& value : list.as_array()) {
      if (!value.is_object()) continue;
      if (++count_ > kMaxSteps) {
        if (count_ == kMaxSteps + 1) {
          reading_.report(value.at(), "a document has at most 10,000 steps");
        }
        return;
      }
      read_one_step(value, path, phase);
    }
  }

  void read_one_step(const Value& value, const std::string& container, PhaseSource& phase) {
    StepSource source = read_step(reading_, value);
    source.container = container;
    const Value* id = value.find("id");
    std::string name;
    if (id != nullptr && id->is_string()) {
      name = id->as_string();
      if (!claim(name, id->at(), container + "/" + name)) return;
    } else {
      name = free_name(container, default_step_id(source.step), value.at());
    }
    source.step.path = container + "/" + name;
    std::string why;
    if (!reading_.applies(value.find("when"), circumstances_, why)) {
      law_.skipped.push_back({source.step.path, value.at()});
      inapplicable_.push_back({"step " + source.step.path, why, source.step.origin});
      return;
    }
    phase.steps.push_back(std::move(source));
  }

  void read_gate(const Value& value, PhaseSource& phase) {
    const Value* gate = value.find("gate");
    if (gate == nullptr || phase.steps.empty()) return;
    StepSource source;
    source.is_phase_gate = true;
    source.container = phase.id;
    source.gate_at = gate->at();
    PlanStep& step = source.step;
    step.kind = StepKind::gate;
    step.path = phase.id + "/gate";
    step.title = "Gate of " + phase.title;
    step.origin = reading_.origin(gate->at());
    step.authority = reading_.source().authority;
    step.with = Object{};
    BlockerKind blocks{};
    if (parse_text(value.string_or("blocks", ""), blocks)) step.blocks = blocks;
    step.gate = parse_gate(reading_, *gate);
    if (!claim("gate", gate->at(), step.path)) return;
    phase.steps.push_back(std::move(source));
  }

  bool claim(const std::string& id, Position at) { return claim(id, at, id); }

  // Registers a name; a second one of the same path is refused with both positions.
  bool claim(const std::string& id, Position at, const std::string& path) {
    if (!Reading::is_id(id)) return false;
    const auto [entry, is_new] = names_.emplace(path, at);
    if (is_new) return true;
    reading_.report(at, "`" + path + "` is there twice: first at " + in_words(entry->second),
                    "Give one of them another id");
    return false;
  }

  std::string free_name(const std::string& container, const std::string& base, Position at) {
    std::string name = base;
    // Remembers how far it counted, so that many equal steps stay cheap.
    const std::string within = container + "/";
    std::size_t& next = counters_[within + base];
    while (!names_.emplace(within + name, at).second) {
      name = base + "-" + std::to_string(++next + 1);
    }
    return name;
  }

  Reading& reading_;
  const Circumstances& circumstances_;
  Law& law_;
  std::vector<Inapplicable>& inapplicable_;
  std::size_t count_ = 0;
  std::unordered_map<std::string, Position> names_;
  std::unordered_map<std::string, std::size_t> counters_;
};

}  // namespace

std::string default_step_id(const PlanStep& step) {
  std::string id;
  if (step.kind == StepKind::run) {
    const Value* argv = step.with.find("argv");
    id = argv != nullptr ? command_slug(argv->as_array()) : slug(step.title).substr(0, 20);
    while (id.ends_with('-')) id.pop_back();
  } else if (step.kind == StepKind::check) {
    id = step.with.string_or("check", "");
  } else if (step.kind == StepKind::spec) {
    const std::string_view path = step.with.string_or("path", "");
    id = slug(path.substr(path.rfind('/') + 1));
  }
  return id.empty() ? std::string(to_text(step.kind)) : id;
}

void read_phases(Reading& reading, const Value& body, const Circumstances& circumstances, Law& law,
                 std::vector<Inapplicable>& inapplicable) {
  PhaseReader(reading, circumstances, law, inapplicable).read(body);
}

}  // namespace writ::protocol
