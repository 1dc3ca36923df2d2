#include "contract/schema/compile.h"

#include <utility>

#include "contract/schema/compiler.h"
#include "contract/schema/pointer.h"
#include "contract/schema/shape.h"
#include "contract/schema/type_names.h"

namespace writ::contract {

Result<std::shared_ptr<const Program>> compile_program(const Value& schema,
                                                       const SchemaOptions& options,
                                                       std::string_view name) {
  return Compiler(options, name).run(schema);
}

Result<std::shared_ptr<const Program>> Compiler::run(const Value& schema) {
  if (auto added = registry_.add(options_.base_uri, schema); !added) {
    defect(schema, std::move(added).error());
  } else {
    program_.root = block_of(schema);
    do drain();
    while (add_dynamic_targets());
  }
  if (defects_.empty()) {
    for (std::uint32_t i = 0; i < registry_.resource_count(); ++i) {
      program_.resource_uris.push_back(registry_.resource(i).uri);
    }
    program_.limits = options_.limits;
    if (const std::uint32_t loop = link_program(program_); loop != kNone) {
      const Location& at = program_.locations[loop];
      defect(schema,
             "the schema at " + program_.resource_uris[at.resource] + "#" + at.pointer +
                 " refers to itself without end",
             "Let the reference stand under `properties` or `items`, so that each round goes one "
             "level down");
    }
  }
  if (!defects_.empty()) {
    auto failure = fail(std::move(defects_));
    failure.error().code = code_;
    return failure;
  }
  return std::make_shared<const Program>(std::move(program_));
}

void Compiler::drain() {
  while (!queue_.empty()) {
    const auto [schema, id] = queue_.back();
    queue_.pop_back();
    compile_schema(*schema, id);
  }
}

BlockId Compiler::block_of(const Value& schema) {
  const auto [at, is_new] = ids_.emplace(&schema, static_cast<BlockId>(program_.blocks.size()));
  if (is_new) {
    program_.blocks.emplace_back();
    queue_.emplace_back(&schema, at->second);
  }
  return at->second;
}

void Compiler::compile_schema(const Value& schema, BlockId id) {
  Draftsheet sheet;
  sheet.id = id;
  const Home& home = registry_.home(schema);
  sheet.resource = home.resource;
  sheet.pointer = home.pointer;
  sheet.dialect = registry_.resource(home.resource).dialect;
  program_.blocks[id].resource = home.resource;
  program_.blocks[id].location = location(sheet, {});
  if (schema.is_bool()) {
    if (!schema.as_bool()) program_.blocks[id].types = kNoType;
    return flush(sheet);
  }
  if (!schema.is_object()) return defect(schema, "a schema must be an object or a boolean");
  read_keywords(schema, sheet);
  note(schema, program_.blocks[id]);
  compile_type(sheet, program_.blocks[id]);
  compile_assertions(*this, sheet);
  compile_references(*this, sheet);
  compile_logic(*this, sheet);
  compile_arrays(*this, sheet);
  compile_objects(*this, sheet);
  compile_unevaluated(*this, sheet);
  flush(sheet);
}

void Compiler::read_keywords(const Value& schema, Draftsheet& sheet) {
  const bool only_reference =
      sheet.dialect.draft == Draft::draft7 && schema.find("$ref") != nullptr;
  for (const Member& member : schema.as_object()) {
    const KeywordRow* row = find_keyword(member.key, sheet.dialect);
    if (row == nullptr || (only_reference && row->keyword != Keyword::ref)) continue;
    if (std::string wrong = wrong_shape(row->holds, member.value); !wrong.empty()) {
      defect(member.value, "`" + member.key + "` " + wrong);
    } else {
      sheet.keywords[static_cast<std::size_t>(row->keyword)] = &member.value;
    }
  }
}

void Compiler::compile_type(Draftsheet& sheet, Block& block) {
  const Value* type = sheet.get(Keyword::type);
  if (type == nullptr) return;
  block.types = kNoType;
  const auto add = [&](const Value& name) { block.types |= *find_type(name.as_string()); };
  if (type->is_string()) {
    add(*type);
  } else {
    for (const Value& name : type->as_array()) add(name);
  }
  block.type_location = location(sheet, "type");
}

// What the schema says of itself helps whoever breaks it.
void Compiler::note(const Value& schema, Block& block) {
  const std::string_view text = schema.string_or("description", schema.string_or("title", {}));
  if (text.empty()) return;
  block.note = static_cast<std::uint32_t>(program_.notes.size());
  program_.notes.emplace_back(text);
}

void Compiler::flush(Draftsheet& sheet) {
  Block& block = program_.blocks[sheet.id];
  for (std::size_t i = 0; i < kSections; ++i) {
    block.starts[i] = static_cast<std::uint32_t>(program_.code.size());
    program_.code.insert(program_.code.end(), sheet.sections[i].begin(), sheet.sections[i].end());
  }
  block.starts[kSections] = static_cast<std::uint32_t>(program_.code.size());
}

std::uint32_t Compiler::dynamic_anchor(const std::string& name) {
  const auto next = static_cast<std::uint32_t>(dynamic_anchors_.size());
  const auto [at, is_new] = dynamic_anchors_.emplace(name, next);
  if (is_new) program_.dynamic_targets.emplace_back();
  return at->second;
}

// Every resource that has blocks may be in the dynamic scope; its anchors become blocks too.
// Whether that made new work.
bool Compiler::add_dynamic_targets() {
  std::vector<bool> is_entered(registry_.resource_count());
  for (const auto& [schema, id] : ids_) is_entered[registry_.home(*schema).resource] = true;
  for (const auto& [name, row] : dynamic_anchors_) {
    program_.dynamic_targets[row].resize(registry_.resource_count(), kNone);
    for (std::uint32_t i = 0; i < registry_.resource_count(); ++i) {
      const auto& anchors = registry_.resource(i).dynamic_anchors;
      const auto anchor = anchors.find(name);
      if (!is_entered[i] || anchor == anchors.end()) continue;
      program_.dynamic_targets[row][i] = block_of(*anchor->second);
    }
  }
  return !queue_.empty();
}

std::uint32_t Compiler::location(const Draftsheet& sheet, std::string_view keyword,
                                 std::string_view member) {
  std::string pointer = sheet.pointer;
  if (!keyword.empty()) append_pointer(pointer, keyword);
  if (member.data() != nullptr) append_pointer(pointer, member);
  program_.locations.push_back({sheet.resource, std::move(pointer), std::string(keyword)});
  return static_cast<std::uint32_t>(program_.locations.size() - 1);
}

std::uint32_t Compiler::pattern(const Value& at, std::string_view source) {
  const auto next = static_cast<std::uint32_t>(program_.patterns.size());
  const auto [known, is_new] = patterns_.emplace(source, next);
  if (!is_new) return known->second;
  auto compiled = Pattern::compile(source);
  if (compiled) {
    program_.patterns.push_back(*std::move(compiled));
  } else {
    patterns_.erase(known);
    defect(at, std::move(compiled).error());
  }
  return next;
}

void Compiler::defect(const Value& at, std::string message, std::string remedy, Code code) {
  if (defects_.empty()) code_ = code;
  defects_.push_back({std::string(name_), at.at(), std::move(message), std::move(remedy)});
}

void Compiler::defect(const Value& at, Error error) {
  if (error.diagnostics.empty()) {
    std::string remedy(error.remediation);
    return defect(at, error.text(), std::move(remedy), error.code);
  }
  for (Diagnostic& diagnostic : error.diagnostics) {
    if (diagnostic.file.empty()) diagnostic.file = name_;
    if (defects_.empty()) code_ = error.code;
    defects_.push_back(std::move(diagnostic));
  }
}

}  // namespace writ::contract
