#pragma once
// What a source takes in from others, read from its text: `#include` of C and C++, `import`,
// `export … from` and `require` of JavaScript and TypeScript, `import` of Python and Go. Comments
// and strings are told apart first, so a name in either is no import.
//
// What is put together at run time (`require(name)`, `importlib`) and C++ modules are not seen.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"

namespace writ::scan {

enum class ImportStyle : std::uint8_t { include, script, python, go };

struct Import {
  std::string name;                // "store/tx.h", "./tx.js", "app.store", "example.com/m/store"
  std::vector<std::string> parts;  // Python's `from app import store`: "app.store"
  Position at;                     // of the name, in bytes
  std::uint32_t length = 0;        // on its line
  std::string line;                // for display, at most 400 bytes
};

// By the file's name; nothing for languages whose imports are not read.
std::optional<ImportStyle> import_style(std::string_view path);

// In the order of the text. Linear. Requires: import_style(path).
std::vector<Import> read_imports(std::string_view path, std::string_view text);

}  // namespace writ::scan
