#pragma once
// Text rules over source files with comments, strings and code told apart (C and C++ now; other
// languages are scanned as `any`). Rules are a table; rule sets name the rules of a protocol.
// Thread-safe; files are read, never written.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/position.h"
#include "base/result.h"
#include "base/value.h"
#include "syntax/lex.h"

namespace writ::scan {

using syntax::Region;

struct RuleInfo {
  std::string_view id;  // "todo-comment"
  Region region;
  std::string_view meaning;  // one line: what is wrong with a match
  std::string_view remedy;
};

struct Finding {
  std::string rule;
  std::string path;  // relative to the root
  Position at;
  std::uint32_t length = 0;  // of the match, in bytes, on its line
  // The same column and length in characters (code points, a malformed byte counting as one), as
  // editors and SARIF count.
  std::uint32_t column_characters = 0;
  std::uint32_t length_characters = 0;
  std::string message;
  std::string line;  // the source line, at most 400 bytes, for display
};

struct ScanOptions {
  std::vector<std::string> rules;         // ids or set names ("zero-tolerance"); unknown is refused
  std::size_t max_file_bytes = 4u << 20;  // larger files are reported as skipped
};

struct ScanReport {
  std::vector<Finding> findings;  // by path, line, column
  std::size_t files = 0;
  std::vector<std::string> skipped;  // with the reason: "data.bin: binary"

  Value to_value() const;
};

std::span<const RuleInfo> rule_table();

// The chosen rules, compiled once: for those who scan more than one text. Cheap to copy,
// immutable, thread-safe.
class Scanner {
 public:
  // Errors: invalid_input (unknown rule or set, with "did you mean").
  static Result<Scanner> make(const ScanOptions& options);

  std::vector<Finding> scan_text(std::string_view path, std::string_view text) const;
  // `paths` are relative to `root`; what cannot be read is listed as skipped. Files are shared out
  // among the machine's processors; the report does not depend on how.
  ScanReport scan_files(const std::filesystem::path& root,
                        std::span<const std::string> paths) const;

 private:
  struct State;
  explicit Scanner(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;  // shared by copies
};

// Errors: invalid_input (unknown rule or set, with "did you mean").
Result<ScanReport> scan_files(const std::filesystem::path& root, std::span<const std::string> paths,
                              const ScanOptions& options);
// One text, for tests and hooks.
Result<std::vector<Finding>> scan_text(std::string_view path, std::string_view text,
                                       const ScanOptions& options);

}  // namespace writ::scan
