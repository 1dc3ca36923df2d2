#pragma once
// Reads values out of one document and reports what is wrong with them. Private to the module.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "protocol/source.h"

namespace writ::protocol {

// What a conditional part of the law is judged by.
struct Circumstances {
  bool is_scope_locked = false;
  std::vector<std::string> may_change;  // and the new files that are allowed
  WorkType work_type = WorkType::IMPLEMENTATION;
  std::string module_kind;          // empty: the spec gives none
  std::vector<ComposedRule> rules;  // sorted by name
};

// `source` and `problems` are borrowed.
class Reading {
 public:
  Reading(const SourceDocument& source, std::vector<Diagnostic>& problems)
      : source_(source), problems_(problems) {}

  const SourceDocument& source() const { return source_; }
  std::vector<Diagnostic>& problems() { return problems_; }
  void report(Position at, std::string message, std::string remedy = {});
  Origin origin(Position at) const { return {source_.label, source_.file, at}; }

  // A string, or a list of strings; other elements are skipped.
  static std::vector<NameAt> names(const Value* value);
  static std::vector<std::string> texts(const Value* value);
  std::optional<Duration> duration(const Value* value);
  // A relative path or glob inside the tree, normalised; empty, and reported, when it is none.
  std::string path(const Value& value);
  std::vector<std::string> paths(const Value* value);
  // [A-Za-z0-9][A-Za-z0-9._-]*, at most 64 bytes. The contracts say so too, and report it.
  static bool is_id(std::string_view id);

  // Whether `when` (touches, work_type, module_kind, rule) holds; if not, why. Absent: it holds.
  bool applies(const Value* when, const Circumstances& circumstances, std::string& why);

 private:
  bool holds(const NameAt& rule, const std::vector<ComposedRule>& rules);

  const SourceDocument& source_;
  std::vector<Diagnostic>& problems_;
};

}  // namespace writ::protocol
