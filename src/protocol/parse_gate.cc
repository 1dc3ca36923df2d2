#include "protocol/parse_gate.h"

#include <vector>

#include "base/file.h"
#include "base/suggest.h"
#include "policy/scalar_position.h"

namespace writ::protocol {
namespace {

using policy::ModuleProblem;

std::size_t offset_of(std::string_view text, Position at) {
  std::size_t offset = 0;
  for (std::uint32_t line = 1; line < at.line; ++line) {
    const std::size_t end = text.find('\n', offset);
    if (end == std::string_view::npos) return offset;
    offset = end + 1;
  }
  return offset + (at.column > 0 ? at.column - 1 : 0);
}

class RegoGateReader {
 public:
  RegoGateReader(Reading& reading, const Value& gate) : reading_(reading), gate_(gate) {}

  std::optional<policy::Gate> read() {
    const Value* text = gate_.find("rego");
    const Value* file = gate_.find("policy");
    if ((text == nullptr) == (file == nullptr)) {
      reading_.report(gate_.at(), "a gate in Rego is either written here or in a file",
                      "Give it `rego: |` with the module, or `policy: <path>`");
      return std::nullopt;
    }
    const std::size_t before = reading_.problems().size();
    std::vector<std::string> declared = declared_facts();
    auto made = text != nullptr ? inline_module(*text, std::move(declared))
                                : module_of_file(*file, std::move(declared));
    if (reading_.problems().size() != before || !made) return std::nullopt;
    return policy::Gate(*std::move(made));
  }

 private:
  std::vector<std::string> declared_facts() {
    std::vector<std::string> out;
    for (const NameAt& name : Reading::names(gate_.find("facts"))) {
      if (policy::find_fact(name.name) == nullptr) {
        std::vector<std::string_view> names;
        for (const policy::FactRow& row : policy::fact_table()) names.push_back(row.name);
        reading_.report(name.at,
                        "there is no fact `" + name.name + "`" + did_you_mean(name.name, names),
                        "docs/formats/facts.md lists every fact");
      }
      out.push_back(name.name);
    }
    return out;
  }

  std::optional<policy::RegoGate> inline_module(const Value& text,
                                                std::vector<std::string> declared) {
    if (!text.is_string()) return std::nullopt;  // the contract says so
    std::vector<ModuleProblem> problems;
    auto made = policy::make_rego_gate(text.as_string(), std::move(declared), problems);
    const auto in_document = [&](Position at) {
      const std::size_t offset = offset_of(text.as_string(), at);
      return policy::position_in_scalar(reading_.source().document, text, offset);
    };
    for (ModuleProblem& problem : problems) {
      reading_.report(in_document(problem.at), std::move(problem.message),
                      std::move(problem.remedy));
    }
    if (!made) return made;
    for (auto& [fact, place] : made->places) {
      place = {reading_.source().file, in_document(place.at)};
    }
    return made;
  }

  std::optional<policy::RegoGate> module_of_file(const Value& file,
                                                 std::vector<std::string> declared) {
    if (!file.is_string()) return std::nullopt;
    const std::string path = reading_.path(file);
    if (path.empty()) return std::nullopt;
    auto text = FilesBelow(reading_.source().root).read(path, policy::kRegoGateMaxBytes);
    if (!text) {
      const bool is_missing = text.error().code == Code::not_found;
      reading_.report(file.at(),
                      is_missing ? "there is no file " + path
                                 : path + " cannot be read: " + text.error().message,
                      "Put the module there, or correct the path");
      return std::nullopt;
    }
    std::vector<ModuleProblem> problems;
    auto made = policy::make_rego_gate(*std::move(text), std::move(declared), problems);
    for (ModuleProblem& problem : problems) {
      reading_.problems().push_back(
          {path, problem.at, std::move(problem.message), std::move(problem.remedy)});
    }
    if (!made) return made;
    for (auto& [fact, place] : made->places) place.file = path;
    return made;
  }

  Reading& reading_;
  const Value& gate_;
};

}  // namespace

std::optional<policy::Gate> parse_gate(Reading& reading, const Value& gate) {
  if (gate.is_object()) return RegoGateReader(reading, gate).read();
  auto table = policy::compile_gate(reading.source().document, gate, reading.problems());
  if (!table) return std::nullopt;
  return policy::Gate(*std::move(table));
}

}  // namespace writ::protocol
