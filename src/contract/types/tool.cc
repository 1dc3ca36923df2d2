// writ_types: the program that the build calls for types of the contracts (cmake/WritTypes.cmake).
//
//   writ_types cpp_header|cpp_source|typescript FILE OUTPUT [NAMESPACE INCLUDE]
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/document.h"
#include "base/enum_names.h"
#include "base/file.h"
#include "contract/types/write_types.h"

namespace writ::contract {
namespace {

constexpr EnumNames<Language, 3> kLanguages{{"cpp_header", "cpp_source", "typescript"}};

// "contracts/serve.schema.json": "Serve".
std::string name_of(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return pascal_case(name.substr(0, name.find('.')));
}

Result<void> run(int argc, char** argv) {
  if (argc != 4 && argc != 6) {
    return fail(Code::usage, "writ_types LANGUAGE FILE OUTPUT [NAMESPACE INCLUDE]");
  }
  const auto language = kLanguages.parse(argv[1]);
  if (!language) return fail(Code::usage, "there is no language " + std::string(argv[1]));
  const std::filesystem::path file = argv[2];
  WRIT_TRY(const Document document, load_document(file));
  WRIT_TRY(const TypeModel model, types_of(document.root, name_of(file)));
  WriteOptions options;
  options.origin = "contracts/" + file.filename().string();
  if (argc == 6) {
    options.space = argv[4];
    options.include = argv[5];
  }
  return replace_file(argv[3], write_types(model, *language, options));
}

}  // namespace
}  // namespace writ::contract

int main(int argc, char** argv) {
  const auto done = writ::contract::run(argc, argv);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().text().c_str());
  for (const writ::Diagnostic& one : done.error().diagnostics) {
    std::fprintf(stderr, "%s:%u: %s\n", one.file.c_str(), one.at.line, one.message.c_str());
  }
  return 1;
}
