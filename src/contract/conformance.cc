#include "contract/conformance.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/document.h"
#include "base/file.h"
#include "base/json.h"
#include "contract/byte_validator.h"
#include "contract/schema.h"

namespace writ::contract {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRemoteBase = "http://localhost:1234/";

struct FolderDialect {
  std::string_view folder;
  std::string_view uri;
};

constexpr FolderDialect kDialects[] = {
    {"draft2019-09", "https://json-schema.org/draft/2019-09/schema"},
    {"draft2020-12", "https://json-schema.org/draft/2020-12/schema"},
    {"draft7", "http://json-schema.org/draft-07/schema#"},
};

Result<std::vector<fs::path>> list_json(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;  // what vanishes meanwhile is no file
    if (at->is_regular_file(ignored) && at->path().extension() == ".json") {
      files.push_back(at->path());
    }
  }
  if (error)
    return fail(Code::not_found, "cannot read " + folder.string() + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

class Suite {
 public:
  static Result<Suite> open(const fs::path& folder, const ConformanceOptions& options) {
    Suite suite(folder);
    if (options.remotes.empty()) return suite;
    WRIT_TRY(const auto files, list_json(options.remotes));
    for (const fs::path& file : files) {
      const std::string name = file.lexically_relative(options.remotes).generic_string();
      suite.remotes_.emplace(std::string(kRemoteBase) + name, file);
    }
    return suite;
  }

  Result<void> run_file(const fs::path& file, ConformanceReport& report) const {
    WRIT_TRY(const Document document, load_document(file));
    if (!document.root.is_array()) {
      return fail(Code::invalid_input, file.string() + " is no test suite: it is no list");
    }
    ConformanceCase blank;
    blank.file = file.lexically_relative(folder_).generic_string();
    blank.is_optional =
        blank.file.starts_with("optional/") || blank.file.find("/optional/") != std::string::npos;
    const SchemaOptions options = options_for(file);
    for (const Value& group : document.root.as_array()) {
      blank.group = group.string_or("description", "");
      WRIT_CHECK(run_group(group, blank, options, report));
    }
    return {};
  }

 private:
  explicit Suite(fs::path folder) : folder_(std::move(folder)) {}

  SchemaOptions options_for(const fs::path& file) const {
    SchemaOptions options;
    std::error_code ignored;  // a path that cannot be made absolute stays as it is
    const std::string path = fs::absolute(file, ignored).generic_string();
    for (const FolderDialect& row : kDialects) {
      if (path.find("/" + std::string(row.folder) + "/") != std::string::npos) {
        options.default_dialect = row.uri;
      }
    }
    if (path.find("/optional/format/") != std::string::npos) options.format = Format::assertion;
    options.resolver = [this](std::string_view uri) -> Result<Value> {
      const auto remote = remotes_.find(uri);
      if (remote == remotes_.end()) {
        return fail(Code::not_found, "nothing is served at " + std::string(uri));
      }
      WRIT_TRY(Document document, load_document(remote->second));
      return std::move(document.root);
    };
    return options;
  }

  static Result<void> run_group(const Value& group, const ConformanceCase& blank,
                                const SchemaOptions& options, ConformanceReport& report) {
    const Value* schema = group.find("schema");
    const Value* tests = group.find("tests");
    if (schema == nullptr || tests == nullptr || !tests->is_array()) {
      return fail(Code::invalid_input,
                  blank.file + " is no test suite: `schema` or `tests` is missing");
    }
    const auto compiled = Schema::compile(*schema, options);
    for (const Value& test : tests->as_array()) {
      const Value* data = test.find("data");
      const Value* valid = test.find("valid");
      if (data == nullptr || valid == nullptr || !valid->is_bool()) {
        return fail(Code::invalid_input,
                    blank.file + " is no test suite: `data` or `valid` is missing");
      }
      ConformanceCase done = blank;
      done.test = test.string_or("description", "");
      done.detail = compiled ? judge(*compiled, *data, valid->as_bool())
                             : "the schema does not compile: " + first_message(compiled.error());
      report.cases.push_back(std::move(done));
    }
    return {};
  }

  static std::string first_message(const Error& error) {
    return error.diagnostics.empty() ? error.text() : error.diagnostics.front().message;
  }

  // Why it fails; empty when all three ways to validate answer `expected`.
  static std::string judge(const Schema& schema, const Value& data, bool expected) {
    const ValidationResult full = schema.validate(data);
    if (schema.is_valid(data) != expected) {
      return expected ? "refused: " + (full.is_valid() ? "" : full.violations.front().message)
                      : "accepted";
    }
    if (full.is_valid() != expected) return "the report disagrees with the quick answer";
    ByteValidator bytes(schema);
    if (bytes.is_valid(to_json(data)) != expected) return "the answer over bytes disagrees";
    return {};
  }

  fs::path folder_;
  std::map<std::string, fs::path, std::less<>> remotes_;  // by URI
};

std::size_t count(const std::vector<ConformanceCase>& cases, bool optional, bool passed) {
  return static_cast<std::size_t>(std::count_if(
      cases.begin(), cases.end(),
      [&](const ConformanceCase& c) { return c.is_optional == optional && c.passed() == passed; }));
}

}  // namespace

std::size_t ConformanceReport::passed(bool optional) const { return count(cases, optional, true); }
std::size_t ConformanceReport::failed(bool optional) const { return count(cases, optional, false); }

Result<ConformanceReport> run_conformance(const fs::path& folder,
                                          const ConformanceOptions& options) {
  WRIT_TRY(const auto files, list_json(folder));
  WRIT_TRY(const Suite suite, Suite::open(folder, options));
  ConformanceReport report;
  for (const fs::path& file : files) WRIT_CHECK(suite.run_file(file, report));
  if (report.cases.empty()) {
    return fail(Code::not_found, "there are no test cases in " + folder.string(),
                "Name a folder of the JSON-Schema-Test-Suite, such as tests/draft2020-12");
  }
  return report;
}

}  // namespace writ::contract
