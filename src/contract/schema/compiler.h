#pragma once
// One compilation: schemas in, blocks out. A schema gets its block's number when it is first
// mentioned and its instructions when its turn in the queue comes, so nothing recurses.
// Private to compile*.cc.
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "contract/schema/compile.h"
#include "contract/schema/registry.h"

namespace writ::contract {

inline constexpr std::size_t kKeywords = static_cast<std::size_t>(Keyword::annotation) + 1;

// The schema whose instructions are being made.
struct Draftsheet {
  BlockId id = 0;
  Dialect dialect;
  std::uint32_t resource = 0;
  std::string pointer;
  std::array<const Value*, kKeywords> keywords = {};
  std::array<std::vector<Instruction>, kSections> sections;

  const Value* get(Keyword keyword) const { return keywords[static_cast<std::size_t>(keyword)]; }
  void emit(Section section, Op op, std::uint32_t operand, std::uint32_t location) {
    sections[static_cast<std::size_t>(section)].push_back({op, operand, location});
  }
};

class Compiler {
 public:
  Compiler(const SchemaOptions& options, std::string_view name)
      : options_(options), name_(name), registry_(options) {}

  Result<std::shared_ptr<const Program>> run(const Value& schema);

  // For the keyword groups.
  BlockId block_of(const Value& schema);
  BlockId block_of_reference(Draftsheet& sheet, const Value& reference);
  std::uint32_t location(const Draftsheet& sheet, std::string_view keyword,
                         std::string_view member = {});
  std::uint32_t pattern(const Value& at, std::string_view source);
  std::uint32_t branches(const Value& schemas);
  void defect(const Value& at, std::string message, std::string remedy = {},
              Code code = Code::invalid_input);
  void defect(const Value& at, Error error);
  Registry& registry() { return registry_; }
  Program& program() { return program_; }
  const SchemaOptions& options() const { return options_; }
  // The row of dynamic_targets for an anchor.
  std::uint32_t dynamic_anchor(const std::string& name);

 private:
  void drain();
  void compile_schema(const Value& schema, BlockId id);
  void read_keywords(const Value& schema, Draftsheet& sheet);
  void compile_type(Draftsheet& sheet, Block& block);
  void note(const Value& schema, Block& block);
  void flush(Draftsheet& sheet);
  bool add_dynamic_targets();

  const SchemaOptions& options_;
  std::string_view name_;
  Registry registry_;
  Program program_;
  std::unordered_map<const Value*, BlockId> ids_;
  std::vector<std::pair<const Value*, BlockId>> queue_;
  std::map<std::string, std::uint32_t, std::less<>> dynamic_anchors_;
  std::map<std::string, std::uint32_t, std::less<>> patterns_;
  std::vector<Diagnostic> defects_;
  Code code_ = Code::invalid_input;
};

// The keyword groups, each a file.
void compile_references(Compiler& compiler, Draftsheet& sheet);
void compile_logic(Compiler& compiler, Draftsheet& sheet);
void compile_assertions(Compiler& compiler, Draftsheet& sheet);
void compile_arrays(Compiler& compiler, Draftsheet& sheet);
void compile_objects(Compiler& compiler, Draftsheet& sheet);
// `unevaluated…`, which looks at what everything else has done.
void compile_unevaluated(Compiler& compiler, Draftsheet& sheet);

// Simplifies a complete program; refuses one that would never end: the location of a schema that
// leads to itself, or kNone.
std::uint32_t link_program(Program& program);

// Sizes beyond what fits are as good as the largest that does.
std::uint32_t to_size(const Value& value);
Number to_number(const Value& value);

}  // namespace writ::contract
