#include "syntax/language.h"

#include <algorithm>
#include <array>
#include <string>

namespace writ::syntax {
namespace {

constexpr Language kCpp{.name = "C/C++", .line_comment = "//", .block_comment = true, .cpp = true};
constexpr Language kSlashes{.name = "//", .line_comment = "//", .block_comment = true};
constexpr Language kScript{
    .name = "JavaScript", .line_comment = "//", .block_comment = true, .backtick = true};
constexpr Language kRust{.name = "Rust",
                         .line_comment = "//",
                         .block_comment = true,
                         .nested_blocks = true,
                         .rust_raw = true,
                         .single_quote = Quote::rust};
constexpr Language kPhp{.name = "PHP",
                        .line_comment = "//",
                        .line_comment2 = "#",
                        .block_comment = true,
                        .single_quote = Quote::apart};
constexpr Language kStyle{.name = "CSS", .block_comment = true};
constexpr Language kPython{.name = "Python", .line_comment = "#", .triple_quotes = true};
constexpr Language kToml{
    .name = "TOML", .line_comment = "#", .triple_quotes = true, .single_quote = Quote::apart};
constexpr Language kHash{.name = "#",
                         .line_comment = "#",
                         .word_start_comment = true,
                         .single_quote = Quote::apart,
                         .double_quote = Quote::apart};
constexpr Language kShell{.name = "shell", .line_comment = "#", .word_start_comment = true};
constexpr Language kBuild{
    .name = "build", .line_comment = "#", .word_start_comment = true, .single_quote = Quote::none};
constexpr Language kDashes{.name = "--", .line_comment = "--", .block_comment = true};

constexpr std::array kRows{
    LanguageRow{kCpp,
                " .c .cc .cpp .cxx .c++ .h .hh .hpp .hxx .h++ .inl .ipp .tcc .tpp .cu .cuh "
                ".m .mm .ixx .cppm "},
    LanguageRow{kSlashes,
                " .java .kt .kts .scala .cs .proto .dart .groovy .zig .swift .jsonc "
                ".v .sv .fbs .thrift "},
    LanguageRow{kScript, " .js .jsx .mjs .cjs .ts .tsx .mts .cts .go .svelte .vue "},
    LanguageRow{kRust, " .rs "},
    LanguageRow{kPhp, " .php "},
    LanguageRow{kStyle, " .css .scss .less "},
    LanguageRow{kPython, " .py .pyi .pyx .bzl .star BUILD WORKSPACE "},
    LanguageRow{kToml, " .toml "},
    LanguageRow{kHash, " .yaml .yml .rb .pl .pm .r .jl .ex .exs .rego .tf .conf .ini "},
    LanguageRow{kShell, " .sh .bash .zsh "},
    LanguageRow{kBuild, " .cmake .mk CMakeLists.txt Makefile Dockerfile .gitignore "},
    LanguageRow{kDashes, " .sql .lua .hs .adb .ads .vhd "},
};

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool names_it(std::string_view names, std::string_view name) {
  if (name.empty() || name.find(' ') != std::string_view::npos) return false;
  const std::string word = " " + std::string(name) + " ";
  return names.find(word) != std::string_view::npos;
}

bool is_test_file(std::string_view name) {
  const std::string_view stem = name.substr(0, name.rfind('.'));
  const auto ends = [&](std::string_view end) { return stem.ends_with(end); };
  return stem.starts_with("test_") || ends("_test") || ends("_tests") || ends(".test") ||
         ends(".spec") || ends("_unittest") || ends("Test") || ends("Tests");
}

}  // namespace

std::span<const LanguageRow> language_table() { return kRows; }

const Language* language_of(std::string_view path) {
  const std::string_view name = file_name(path);
  const std::size_t dot = name.rfind('.');
  std::string extension(dot == std::string_view::npos ? std::string_view() : name.substr(dot));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const LanguageRow& row : kRows) {
    if (names_it(row.names, name)) return &row.language;
  }
  for (const LanguageRow& row : kRows) {
    if (names_it(row.names, extension)) return &row.language;
  }
  return nullptr;
}

bool is_test_path(std::string_view path) {
  constexpr std::array<std::string_view, 7> kFolders{"test",      "tests",    "testing", "testdata",
                                                     "__tests__", "fixtures", "spec"};
  std::string_view rest = path;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos;
       slash = rest.find('/')) {
    if (std::find(kFolders.begin(), kFolders.end(), rest.substr(0, slash)) != kFolders.end()) {
      return true;
    }
    rest.remove_prefix(slash + 1);
  }
  return is_test_file(rest);
}

}  // namespace writ::syntax
