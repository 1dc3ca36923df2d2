// Scanning and reading imports: any bytes in any language; what is found lies inside its line.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "scan/import_targets.h"
#include "scan/imports.h"
#include "scan/scan.h"
#include "syntax/language.h"
#include "syntax/lex.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  if (size == 0) return 0;
  constexpr const char* kPaths[] = {"a.cc", "a.py", "a.rs",   "a.ts",
                                    "a.go", "a.sh", "a.yaml", "a.unknown"};
  const char* path = kPaths[data[0] % std::size(kPaths)];
  const std::string_view text = as_text({data + 1, size - 1});
  if (const syntax::Language* language = syntax::language_of(path)) {
    std::size_t end = 0;
    for (const syntax::Span& span : syntax::lex(text, *language)) {
      WRIT_ASSERT(span.begin == end && span.end > span.begin);
      end = span.end;
    }
    WRIT_ASSERT(end == text.size());
  }
  static const std::vector<std::string> kTree{"a.ts", "b/a.cc", "b/__init__.py", "go.mod"};
  static const scan::ImportTargets targets(kTree, {{"", "m"}});
  for (const scan::Import& found : scan::read_imports(path, text)) {
    WRIT_ASSERT(found.at.line >= 1 && found.at.column >= 1);
    WRIT_ASSERT(is_utf8(found.name) && is_utf8(found.line) && found.line.size() <= 400);
    WRIT_ASSERT(targets.names_of(path, found).at(0) == found.name);
  }
  static const scan::Scanner scanner = scan::Scanner::make({}).value();
  for (const scan::Finding& finding : scanner.scan_text(path, text)) {
    WRIT_ASSERT(finding.at.line >= 1 && finding.at.column >= 1);
    WRIT_ASSERT(is_utf8(finding.line) && finding.line.size() <= 400);
  }
  return 0;
}
