#pragma once
// Runs a program over a Value and says everything that is wrong with it. Agrees with Probe on
// whether anything is.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "contract/schema.h"
#include "contract/schema/evaluated.h"
#include "contract/schema/probe.h"
#include "contract/schema/program.h"
#include "contract/schema/violation_text.h"

namespace writ::contract {

class Reporter {
 public:
  Reporter(const Program& program, Budget& budget);

  ValidationResult run(const Value& instance);

 private:
  // What one branch of anyOf or oneOf has against the instance.
  struct Branch {
    std::vector<Violation> violations;
    Evaluated seen;
  };

  // These say what is wrong and mark what a schema looked at. Marks are set even where something
  // is wrong, or one mistake would be reported as two.
  void block(BlockId id, const Value& value, Evaluated* outer);
  void sections(const Block& block, const Value& value, Evaluated* seen);
  void any(const Instruction& at, const Value& value, Evaluated* seen);
  void array(const Instruction& at, const Value& value, Evaluated* seen);
  void object(const Instruction& at, const Value& value, Evaluated* seen);

  void any_of(const Instruction& at, const Value& value, Evaluated* seen);
  void one_of(const Instruction& at, const Value& value, Evaluated* seen);
  std::size_t holding_branches(const Branches& row, const Value& value, Evaluated* seen);
  void no_branch_holds(const Instruction& at, const Value& value, Evaluated* seen);
  Branch try_branch(BlockId id, const Value& value);
  void conditional(const Instruction& at, const Value& value, Evaluated* seen);
  void items(const ItemSet& set, const Value& value, Evaluated* seen);
  void contains(const Instruction& at, const Value& value, Evaluated* seen);
  void unevaluated_items(const Instruction& at, const Value& value, Evaluated* seen);
  void properties(const PropertySet& set, const Value& value, Evaluated* seen);
  void missing_keys(const PropertySet& set, const Value& value);
  void property_names(const Instruction& at, const Value& value);
  void dependent_required(const Instruction& at, const Value& value);
  void unevaluated_properties(const Instruction& at, const Value& value, Evaluated* seen);
  // A member that its object's schema has no place for.
  void additional_member(BlockId id, std::uint32_t location, const Member& member);

  // A member or an item, with the path one longer meanwhile.
  void member(BlockId id, const Member& member);
  void item(BlockId id, const Value& array, std::size_t index);

  void add(std::uint32_t location, Position at, Wording wording);
  void add_about_value(std::uint32_t location, const Value& value, Wording wording);
  void add(Violation violation);
  std::vector<std::string_view> known_keys() const;

  const Program& program_;
  Budget& budget_;
  Probe probe_;
  std::string path_;
  std::vector<std::uint32_t> blocks_;               // being run on this instance and its parents
  std::vector<std::size_t> instance_starts_ = {0};  // where in blocks_ the instance's own begin
  std::vector<Violation> found_;
  std::size_t limit_;
  bool more_ = false;
};

}  // namespace writ::contract
