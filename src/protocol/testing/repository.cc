#include "protocol/testing/repository.h"

#include <fstream>

#include "protocol/enum_text.h"

namespace writ::protocol::testing {

namespace fs = std::filesystem;

void Repository::write(std::string_view path, std::string_view text) const {
  const fs::path file = root() / path;
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << text;
  WRIT_ASSERT(out.good());
}

void Repository::write_protocol(std::string_view name, std::string_view text) const {
  write(".writ/protocols/" + std::string(name) + ".yaml", text);
}

Result<Plan> Repository::load(std::string_view spec,
                              std::map<std::string, std::string> inputs) const {
  write("spec.yaml", spec);
  LoadOptions options;
  options.root = root();
  options.bound_inputs = std::move(inputs);
  return load_plan(root() / "spec.yaml", options);
}

std::string problems_of(const Result<Plan>& plan) {
  if (plan) return {};
  std::string out;
  for (const Diagnostic& d : plan.error().diagnostics) {
    if (!out.empty()) out += " | ";
    if (!d.file.ends_with("/spec.yaml")) out += d.file + ":";
    out += std::to_string(d.at.line) + ":" + std::to_string(d.at.column) + " " + d.message;
  }
  return out.empty() ? plan.error().text() : out;
}

std::string outline(const Plan& plan) {
  std::string out;
  for (const PlanStep& step : plan.steps) {
    out += step.stage + " " + std::string(to_text(step.slot)) + " " + step.path + " " +
           std::string(to_text(step.kind)) + " <-";
    for (const std::string& need : step.needs) out += " " + need;
    out += "\n";
  }
  return out;
}

}  // namespace writ::protocol::testing
