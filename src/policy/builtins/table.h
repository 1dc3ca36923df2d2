#pragma once
// All builtins by name. The rows stand in the families' sources (builtins/families.h lists them).
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "policy/builtins/builtin.h"
#include "policy/builtins/type.h"

namespace writ::rego {

// A row with its signature read.
struct BuiltinEntry {
  const Builtin* row = nullptr;
  Signature signature;
  // Per parameter the one kind it must have; undefined where the function looks itself.
  std::vector<Kind> operand_kinds;

  std::string_view name() const { return row->name; }
  std::size_t arity() const { return signature.parameters.size(); }
  bool is(Trait trait) const { return has(row->traits, trait); }
};

class BuiltinTable {
 public:
  // Everything Writ has. Made once, thread-safe.
  static const BuiltinTable& standard();
  // The standard ones and `extra`, whose rows must outlive the table.
  explicit BuiltinTable(std::span<const Builtin> extra);

  // nullptr when there is none. Entries keep their addresses.
  const BuiltinEntry* find(std::string_view name) const;
  const BuiltinEntry* find_infix(std::string_view sign) const;
  const std::map<std::string_view, BuiltinEntry>& entries() const { return entries_; }

 private:
  void add(std::span<const Builtin> rows);
  std::map<std::string_view, BuiltinEntry> entries_;
};

// Checks the kinds of the arguments and calls.
Outcome invoke(const BuiltinEntry& builtin, Call& call);

}  // namespace writ::rego
