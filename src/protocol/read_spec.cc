#include "protocol/read_spec.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "protocol/enum_text.h"
#include "protocol/parse_gate.h"
#include "protocol/read_law.h"

namespace writ::protocol {
namespace {

constexpr std::string_view kDigestPrefix = "sha256:";

void read_scope(Reading& reading, const Value& module, Scope& scope) {
  const Value* repo = module.find("repo");
  if (repo == nullptr) return;
  scope.base = repo->string_or("base", "HEAD");
  scope.is_locked =
      repo->find("may_change") != nullptr || repo->find("allowed_new_files") != nullptr;
  scope.may_change = reading.paths(repo->find("may_change"));
  scope.allowed_new_files = reading.paths(repo->find("allowed_new_files"));
  scope.outputs = reading.paths(repo->find("outputs"));
}

void read_acceptance(Reading& reading, const Value& module, Plan& plan) {
  const Value* required = module.at_path({"acceptance", "required"});
  if (required == nullptr || !required->is_array()) return;
  std::unordered_set<std::string> seen;
  for (const Value& entry : required->as_array()) {
    Criterion criterion{std::string(entry.string_or("id", "")),
                        std::string(entry.string_or("text", "")),
                        Reading::texts(entry.find("proved_by"))};
    if (!seen.insert(criterion.id).second) {
      reading.report(entry.at(), "acceptance criterion `" + criterion.id + "` is there twice",
                     "Give one of them another id");
    }
    plan.acceptance.push_back(std::move(criterion));
  }
}

void read_risk(const Value& root, Plan& plan) {
  if (const Value* risk = root.find("risk"); risk != nullptr && risk->is_object()) {
    for (const Member& member : risk->as_object()) {
      // What is out of the scale was refused by the document's contract.
      if (!member.value.is_integer() || member.value.as_integer() < 1) continue;
      if (member.value.as_integer() > kHighestRisk) continue;
      plan.risk[member.key] = static_cast<std::uint32_t>(member.value.as_integer());
    }
  }
}

// LAW-09: the work type is classified before work starts, remediation with its entry condition.
void read_work_type(Reading& reading, const Value& root, Plan& plan) {
  parse_text(root.string_or("work_type", ""), plan.work_type);
  const Value* remediation = root.find("remediation");
  if (plan.work_type == WorkType::REMEDIATION && remediation == nullptr) {
    reading.report(root.find("work_type")->at(), "remediation needs the condition that allows it",
                   "Add `remediation: {entry: failed_validation, because: …}`");
  } else if (plan.work_type != WorkType::REMEDIATION && remediation != nullptr) {
    reading.report(remediation->at(), "`remediation` belongs to the work type REMEDIATION",
                   "Set `work_type: REMEDIATION`, or leave it out");
  } else if (remediation != nullptr) {
    plan.remediation_entry = std::string(remediation->string_or("entry", "")) + ": " +
                             std::string(remediation->string_or("because", ""));
  }
}

void check_group_needs(Reading& reading, const Value& list, const Plan& plan) {
  std::unordered_set<std::string_view> earlier;
  for (std::size_t i = 0; i < plan.groups.size(); ++i) {
    const Group& group = plan.groups[i];
    for (const std::string& need : group.needs) {
      if (earlier.contains(need)) continue;
      reading.report(
          list.as_array()[i].at(),
          "group `" + group.id + "` needs `" + need + "`, which does not stand before it",
          "Put the groups in the order in which they are done");
    }
    if (!earlier.insert(group.id).second) {
      reading.report(list.as_array()[i].at(), "group `" + group.id + "` is there twice",
                     "Give one of them another id");
    }
  }
}

void read_groups(Reading& reading, const Value& root, Plan& plan) {
  const Value* list = root.find("groups");
  if (list == nullptr || !list->is_array()) return;
  for (const Value& entry : list->as_array()) {
    Group group;
    group.id = entry.string_or("id", "");
    group.name = entry.string_or("name", group.id);
    group.description = entry.string_or("description", "");
    group.priority = entry.string_or("priority", "P2");
    group.items = Reading::texts(entry.find("items"));
    group.needs = Reading::texts(entry.find("needs"));
    group.origin = reading.origin(entry.at());
    if (const Value* validation = entry.find("validation")) {
      group.validation = parse_gate(reading, *validation);
    }
    plan.groups.push_back(std::move(group));
  }
  check_group_needs(reading, *list, plan);
}

// The spec's own limits are rules like a protocol's: it may tighten what binds it.
void add_rules(const Value& root, Law& law) {
  if (const Value* ambiguity = root.find("ambiguity")) {
    law.rules.push_back({"ambiguity", *ambiguity, ambiguity->at()});
  }
  const Value* budget = root.find("budget");
  if (budget == nullptr || !budget->is_object()) return;
  for (const Member& member : budget->as_object()) {
    law.rules.push_back({"budget." + member.key, member.value, member.value.at()});
  }
}

void read_known_failures(Reading& reading, const Value& root, Plan& plan) {
  const Value* list = root.find("known_failures");
  if (list == nullptr || !list->is_array()) return;
  std::unordered_set<std::string> seen;
  for (const Value& entry : list->as_array()) {
    KnownFailure known{std::string(entry.string_or("test", "")), "",
                       std::string(entry.string_or("reason", ""))};
    if (const Value* file = entry.find("file")) known.file = reading.path(*file);
    if (!seen.insert(known.test).second) {
      reading.report(entry.at(), "the failure of `" + known.test + "` is declared twice",
                     "State it once");
    }
    plan.known_failures.push_back(std::move(known));
  }
}

void read_inputs(const Value& root, std::vector<InputSource>& inputs) {
  const Value* value = root.find("inputs");
  if (value == nullptr || !value->is_object()) return;
  for (const Member& member : value->as_object()) {
    InputSource input;
    input.name = member.key;
    input.at = member.value.at();
    if (member.value.is_string()) {
      (is_uri(member.value.as_string()) ? input.uri : input.path) = member.value.as_string();
    } else if (member.value.is_object()) {
      input.uri = member.value.string_or("uri", "");
      input.path = member.value.string_or(input.uri.empty() ? "path" : "copy", "");
      std::string_view digest = member.value.string_or("digest", "");
      if (digest.starts_with(kDigestPrefix)) digest.remove_prefix(kDigestPrefix.size());
      input.digest = digest;
    } else {
      continue;
    }
    inputs.push_back(std::move(input));
  }
}

}  // namespace

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view scheme = text.substr(0, colon);
  const auto is_of_scheme = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '.' || c == '-';
  };
  return std::isalpha(static_cast<unsigned char>(scheme.front())) != 0 &&
         std::ranges::all_of(scheme, is_of_scheme) &&
         (scheme == "file" || text.substr(colon + 1).starts_with("//"));
}

SpecSource read_spec(Reading& reading, Plan& plan) {
  const Value& root = reading.source().document.root;
  SpecSource spec;
  static const Value kNothing = Object{};
  const Value& module = root.find("module") != nullptr ? *root.find("module") : kNothing;
  plan.module = module;
  plan.spec_id = module.string_or("id", "");
  plan.spec_name = module.string_or("name", plan.spec_id);
  read_scope(reading, module, plan.scope);
  read_acceptance(reading, module, plan);
  read_risk(root, plan);
  read_work_type(reading, root, plan);
  read_groups(reading, root, plan);
  read_inputs(root, spec.inputs);
  read_known_failures(reading, root, plan);
  spec.circumstances.is_scope_locked = plan.scope.is_locked;
  spec.circumstances.may_change = plan.scope.may_change;
  spec.circumstances.may_change.insert(spec.circumstances.may_change.end(),
                                       plan.scope.allowed_new_files.begin(),
                                       plan.scope.allowed_new_files.end());
  spec.circumstances.work_type = plan.work_type;
  spec.circumstances.module_kind = module.string_or("kind", "");
  spec.law = read_law_head(reading, root);
  add_rules(root, spec.law);
  if (const Value* place = root.find("register")) {
    spec.law.register_path = {reading.path(*place), place->at()};
  }
  return spec;
}

}  // namespace writ::protocol
