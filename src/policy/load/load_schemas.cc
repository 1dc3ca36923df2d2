#include "policy/load/load_schemas.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/file.h"
#include "policy/term/json_file.h"

namespace writ::rego {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kLargestSchema = 16 << 20;

Result<Term> read_schema(Arena& arena, const fs::path& path) {
  WRIT_TRY(const std::string text, read_file(path, kLargestSchema));
  return parse_data_file(arena, text, path.string());
}

bool is_schema(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".json" || extension == ".yaml" || extension == ".yml";
}

// Of all schemas below `folder`, in their order.
Result<std::vector<fs::path>> schemas_below(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error) && is_schema(at->path())) out.push_back(at->path());
  }
  if (error) return fail(Code::not_found, "cannot read " + folder.string());
  std::ranges::sort(out);
  return out;
}

// "acl/users.json" is acl.users.
types::Schemas::Name name_of(fs::path place) {
  place.replace_extension();
  types::Schemas::Name out;
  for (const fs::path& part : place) out.push_back(part.string());
  return out;
}

}  // namespace

Result<std::unique_ptr<types::Schemas>> load_schemas(const fs::path& path) {
  auto out = std::make_unique<types::Schemas>();
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    WRIT_TRY(const Term schema, read_schema(out->arena(), path));
    out->put({}, schema);
    return out;
  }
  WRIT_TRY(const std::vector<fs::path> files, schemas_below(path));
  std::map<types::Schemas::Name, fs::path> named;
  for (const fs::path& file : files) {
    types::Schemas::Name name = name_of(file.lexically_relative(path));
    const auto [known, is_new] = named.emplace(name, file);
    if (!is_new) {
      return fail(Code::invalid_input,
                  known->second.string() + " and " + file.string() + " are one schema's names",
                  "Keep one of the two files, or rename it");
    }
    WRIT_TRY(const Term schema, read_schema(out->arena(), file));
    out->put(std::move(name), schema);
  }
  return out;
}

}  // namespace writ::rego
