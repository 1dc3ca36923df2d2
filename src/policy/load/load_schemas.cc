#include "policy/load/load_schemas.h"

#include "base/file.h"
#include "base/yaml.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kLargestSchema = 16 << 20;

Result<Term> read_schema(Arena& arena, const fs::path& path) {
  WRIT_TRY(const std::string text, read_file(path, kLargestSchema));
  if (path.extension() == ".json") {
    auto term = parse_json(arena, text);
    if (!term) return std::unexpected(std::move(term).error().context("reading " + path.string()));
    return *term;
  }
  WRIT_TRY(const Value value, parse_yaml(text, path.string()));
  return from_value(arena, value);
}

bool is_schema(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".json" || extension == ".yaml" || extension == ".yml";
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
  fs::recursive_directory_iterator at(path, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    if (!at->is_regular_file(error) || !is_schema(at->path())) continue;
    types::Schemas::Name name;
    fs::path place = at->path().lexically_relative(path);
    place.replace_extension();
    for (const fs::path& part : place) {
      name.push_back(part.string());
    }
    WRIT_TRY(const Term schema, read_schema(out->arena(), at->path()));
    out->put(std::move(name), schema);
  }
  if (error) return fail(Code::not_found, "cannot read " + path.string());
  return out;
}

}  // namespace writ::rego
