#include "contract/validate_document.h"

#include <utility>

#include "base/json.h"
#include "base/suggest.h"
#include "contract/embedded.h"

namespace writ::contract {
namespace {

constexpr std::string_view kSuffix = ".schema.json";
constexpr std::string_view kIdPrefix = "https://writ.dev/contracts/";

const EmbeddedFile* find_contract(std::string_view name) {
  for (const EmbeddedFile& file : embedded::contracts()) {
    if (file.path.size() == name.size() + kSuffix.size() && file.path.starts_with(name) &&
        file.path.ends_with(kSuffix)) {
      return &file;
    }
  }
  return nullptr;
}

// "must be a string, is number 7" without its end.
std::string without_value(std::string message, const std::string& actual) {
  const std::string end = ", is " + actual;
  if (message.ends_with(end)) message.resize(message.size() - end.size());
  return message;
}

}  // namespace

Result<Value> read_contract(std::string_view uri) {
  if (uri.starts_with(kIdPrefix) && uri.ends_with(kSuffix)) {
    const std::size_t size = uri.size() - kIdPrefix.size() - kSuffix.size();
    if (const EmbeddedFile* file = find_contract(uri.substr(kIdPrefix.size(), size))) {
      return parse_json(file->bytes, file->path);
    }
  }
  return fail(Code::not_found, "there is no contract " + std::string(uri));
}

std::vector<std::string_view> contract_names() {
  std::vector<std::string_view> names;
  for (const EmbeddedFile& file : embedded::contracts()) {
    if (!file.path.ends_with(kSuffix)) continue;
    names.push_back(file.path.substr(0, file.path.size() - kSuffix.size()));
  }
  return names;
}

Result<Document> own_contract(std::string_view name) {
  const EmbeddedFile* file = find_contract(name);
  if (file == nullptr) {
    return fail(Code::not_found, "there is no contract `" + std::string(name) + "`" +
                                     did_you_mean(name, contract_names()));
  }
  WRIT_TRY(Value root, parse_json(file->bytes, file->path));
  return Document{std::string(file->path), {}, std::move(root)};
}

Result<Schema> load_contract(std::string_view name) {
  WRIT_TRY(const Document document, own_contract(name));
  SchemaOptions options;
  options.base_uri = std::string(kIdPrefix).append(document.name);
  options.resolver = read_contract;
  return Schema::compile(document, options);
}

std::vector<Diagnostic> to_diagnostics(const ValidationResult& result, const Document& document,
                                       Values values) {
  std::vector<Diagnostic> diagnostics;
  for (const Violation& violation : result.violations) {
    std::string message = violation.message;
    if (values == Values::hidden) message = without_value(std::move(message), violation.actual);
    diagnostics.push_back(document.diagnostic(violation.at, std::move(message), violation.remedy));
  }
  if (result.more) {
    diagnostics.push_back(
        document.diagnostic({}, "there are more violations than are shown", "Correct these first"));
  }
  return diagnostics;
}

Result<void> validate_document(const Schema& schema, const Document& document, Values values) {
  const ValidationResult result = schema.validate(document.root);
  if (result.is_valid()) return {};
  return fail(to_diagnostics(result, document, values));
}

Result<void> validate_document(std::string_view name, const Document& document, Values values) {
  WRIT_TRY(const Schema schema, load_contract(name));
  return validate_document(schema, document, values);
}

}  // namespace writ::contract
