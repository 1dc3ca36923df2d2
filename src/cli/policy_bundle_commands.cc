// writ policy build and sign: policies and data into bundles, as `opa build` and `opa sign` do it.
#include <ostream>

#include "base/file.h"
#include "cli/handlers.h"
#include "cli/policy_bundle_options.h"
#include "cli/policy_setup.h"
#include "cli/wiring.h"
#include "policy/load/build_bundle.h"

namespace writ::cli {
namespace {

constexpr int kErrors = 1;

// The files of the signature, named as they will be in the bundle.
Result<std::vector<rego::ArchiveFile>> files_to_sign(const CommandContext& context) {
  std::vector<rego::ArchiveFile> out;
  for (const std::string& given : context.arguments.positionals("PATH")) {
    const std::filesystem::path path = context.path(given);
    std::error_code error;
    const bool is_file = std::filesystem::is_regular_file(path, error);
    if (is_file && !context.arguments.has("--bundle")) {
      WRIT_TRY(std::string bytes, read_file(path, std::size_t{1} << 30));
      out.push_back({path.lexically_relative(context.global.directory).string(), std::move(bytes)});
      continue;
    }
    WRIT_TRY(std::vector<rego::ArchiveFile> files, rego::bundle_files(path));
    const std::filesystem::path prefix = context.arguments.has("--bundle")
                                             ? std::filesystem::path()
                                             : path.lexically_relative(context.global.directory);
    for (rego::ArchiveFile& file : files) {
      file.path = (prefix / file.path).lexically_normal().generic_string();
      out.push_back(std::move(file));
    }
  }
  return out;
}

}  // namespace

Result<int> policy_build(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  rego::BuildOptions options;
  WRIT_TRY(options.load, bundle_load_options(context));
  options.from_bundles = arguments.has("--bundle");
  options.base = context.global.directory;
  options.revision = arguments.value("--revision").value_or("");
  options.entrypoints = arguments.values("--entrypoint");
  WRIT_TRY(options.signing, bundle_signing(context));
  std::vector<std::filesystem::path> paths;
  for (const std::string& given : arguments.positionals("PATH")) {
    paths.push_back(context.path(given));
  }
  WRIT_TRY(const rego::BuiltBundle built, rego::build_bundle(paths, options));
  if (!built.errors.empty()) {
    print_policy_errors(context, built.errors, false);
    return kErrors;
  }
  WRIT_CHECK(replace_file(context.path(arguments.value("--output").value_or("bundle.tar.gz")),
                          built.bytes));
  return 0;
}

Result<int> policy_sign(const CommandContext& context) {
  WRIT_TRY(const auto signing, bundle_signing(context));
  if (!signing) return fail(Code::usage, "--signing-key is needed", "Name the key to sign with");
  WRIT_TRY(const std::vector<rego::ArchiveFile> files, files_to_sign(context));
  WRIT_TRY(const rego::ArchiveFile signatures, rego::sign_bundle(files, *signing));
  const auto folder = context.path(context.arguments.value("--output-file-path").value_or("."));
  WRIT_CHECK(replace_file(folder / signatures.path, signatures.bytes));
  return 0;
}

}  // namespace writ::cli
