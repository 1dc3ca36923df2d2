#include "protocol/read_law.h"

#include "base/suggest.h"
#include "protocol/artifacts.h"
#include "protocol/attest_names.h"
#include "protocol/import_rules.h"
#include "protocol/parse_gate.h"
#include "protocol/read_phase.h"

namespace writ::protocol {
namespace {

// {forbid: [a], docs: {required: true}} → forbid.a = true, docs.required = true.
void flatten_rules(const Value& value, const std::string& name, Law& law, std::size_t depth) {
  if (depth > 4) return;
  const std::string prefix = name.empty() ? "" : name + ".";
  if (value.is_object()) {
    for (const Member& member : value.as_object()) {
      if (depth == 0 && is_import_rule(member.key + ".*")) continue;  // kept whole
      flatten_rules(member.value, prefix + member.key, law, depth + 1);
    }
  } else if (value.is_array()) {
    for (const Value& element : value.as_array()) {
      if (element.is_string()) {
        law.rules.push_back({prefix + element.as_string(), true, element.at()});
      }
    }
  } else {
    law.rules.push_back({name, value, value.at()});
  }
}

void read_context(Reading& reading, const Value* list, const Circumstances& circumstances, Law& law,
                  std::vector<Inapplicable>& inapplicable) {
  if (list == nullptr || !list->is_array()) return;
  for (const Value& entry : list->as_array()) {
    const Value* path = entry.is_string() ? &entry : entry.find("path");
    const Value* glob = entry.find("glob");
    if ((path == nullptr) == (glob == nullptr)) {
      reading.report(entry.at(), "required context is a `path` or a `glob`",
                     "Write `{path: docs/design.md}` or `{glob: \"docs/**/*.md\"}`");
      continue;
    }
    ContextSource context{path != nullptr ? reading.path(*path) : std::string(),
                          glob != nullptr ? reading.path(*glob) : std::string(), entry.at()};
    if (context.path.empty() && context.glob.empty()) continue;
    std::string why;
    if (reading.applies(entry.find("when"), circumstances, why)) {
      law.context.push_back(std::move(context));
    } else {
      inapplicable.push_back(
          {"context " + context.path + context.glob, why, reading.origin(entry.at())});
    }
  }
}

ClosingSource read_closing(Reading& reading, const Value& value, std::string_view id_key) {
  ClosingSource closing;
  closing.source = &reading.source();
  closing.origin = reading.origin(value.at());
  closing.name = value.string_or(id_key, "");
  closing.text = value.string_or("text", closing.name);
  if (const Value* gate = value.find("gate")) {
    closing.gate_at = gate->at();
    closing.gate = parse_gate(reading, *gate);
  }
  if (const Value* over = value.find("over")) closing.over = Reading::names(over);
  return closing;
}

// An attestation check by its name alone: its gate comes from the table.
ClosingSource named_attest(Reading& reading, const Value& name) {
  ClosingSource closing;
  closing.source = &reading.source();
  closing.origin = reading.origin(name.at());
  closing.gate_at = name.at();
  closing.name = name.as_string();
  const AttestRow* row = find_attest(closing.name);
  if (row == nullptr) {
    std::vector<std::string_view> names;
    for (const AttestRow& known : attest_table()) names.push_back(known.name);
    reading.report(
        name.at(),
        "there is no attestation check `" + closing.name + "`" + did_you_mean(closing.name, names),
        "Give it a gate of its own: {name: " + closing.name + ", gate: …}");
    return closing;
  }
  closing.text = row->text;
  const Value gate(row->gate);
  closing.gate = parse_gate(reading, gate);
  return closing;
}

void read_closings(Reading& reading, const Value& body, Law& law) {
  if (const Value* questions = body.find("questions"); questions && questions->is_array()) {
    for (const Value& question : questions->as_array()) {
      if (question.is_object()) law.questions.push_back(read_closing(reading, question, "id"));
    }
  }
  if (const Value* attest = body.find("attest"); attest && attest->is_array()) {
    for (const Value& check : attest->as_array()) {
      if (check.is_string()) law.attest.push_back(named_attest(reading, check));
      if (check.is_object()) law.attest.push_back(read_closing(reading, check, "name"));
    }
  }
}

std::vector<RequiredInput> required_inputs(const Value* list) {
  std::vector<RequiredInput> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& entry : list->as_array()) {
    if (entry.is_string()) out.push_back({entry.as_string(), "", "", entry.at()});
    if (!entry.is_object()) continue;
    out.push_back({std::string(entry.string_or("name", "")),
                   std::string(entry.string_or("title", "")),
                   std::string(entry.string_or("type", "")), entry.at()});
  }
  return out;
}

void read_overrides(const Value* list, Law& law) {
  if (list == nullptr || !list->is_array()) return;
  for (const Value& entry : list->as_array()) {
    law.overrides.push_back({std::string(entry.string_or("protocol", "")),
                             std::string(entry.string_or("rule", "")),
                             std::string(entry.string_or("because", "")), entry.at()});
  }
}

void read_invariants(Reading& reading, const Value* list, Law& law) {
  if (list == nullptr || !list->is_array()) return;
  for (const Value& entry : list->as_array()) {
    law.invariants.push_back({std::string(entry.string_or("id", "")),
                              std::string(entry.string_or("text", "")),
                              reading.paths(entry.find("paths")), reading.origin(entry.at())});
  }
}

}  // namespace

const Value* body_of(const SourceDocument& source, std::string_view profile) {
  const Value& root = source.document.root;
  if (profile.empty()) return &root;
  const Value* profiles = root.find("profiles");
  return profiles != nullptr ? profiles->find(profile) : nullptr;
}

void add_to_head(Reading& reading, const Value& body, Law& law) {
  if (const Value* rules = body.find("rules")) {
    flatten_rules(*rules, "", law, 0);
    read_import_rules(reading, *rules, law);
  }
  if (const Value* required = body.find("requires")) {
    for (NameAt& key : Reading::names(required->find("spec"))) {
      law.required_keys.push_back(std::move(key));
    }
  }
  read_invariants(reading, body.find("invariants"), law);
}

Law read_law_head(Reading& reading, const Value& body) {
  Law law;
  law.source = &reading.source();
  law.protocols = Reading::names(body.find("protocols"));
  add_to_head(reading, body, law);
  return law;
}

Law read_protocol_head(Reading& reading, std::string_view profile) {
  const Value& root = reading.source().document.root;
  const Value* body = body_of(reading.source(), profile);
  WRIT_ASSERT(body != nullptr);
  Law law = read_law_head(reading, *body);
  law.id = root.string_or("id", "");
  law.profile = profile;
  law.stages = Reading::names(root.find("stages"));
  law.may_loosen = Reading::names(body->find("may_loosen"));
  law.outputs = reading.paths(body->find("outputs"));
  read_overrides(body->find("overrides"), law);
  if (const Value* required = body->find("requires")) {
    law.required_inputs = required_inputs(required->find("inputs"));
    law.register_sections = Reading::names(required->find("register"));
  }
  return law;
}

void read_law_body(Reading& reading, const Value& body, const Circumstances& circumstances,
                   Law& law, std::vector<Inapplicable>& inapplicable) {
  std::vector<const Value*> bodies{&body};
  bodies.insert(bodies.end(), law.addenda.begin(), law.addenda.end());
  for (const Value* part : bodies) {
    const Value* context =
        reading.source().is_spec ? part->find("context") : part->at_path({"requires", "context"});
    read_context(reading, context, circumstances, law, inapplicable);
    read_phases(reading, *part, circumstances, law, inapplicable);
    read_closings(reading, *part, law);
  }
  read_artifacts(reading, body, law);
}

}  // namespace writ::protocol
