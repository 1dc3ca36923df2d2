// writ contract: schemas and canonical documents, for people and other programs.
#include <fmt/format.h>

#include <ostream>

#include "base/document.h"
#include "base/enum_names.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "contract/canonical.h"
#include "contract/conformance.h"
#include "contract/openapi/description.h"
#include "contract/types/write_types.h"
#include "contract/validate_document.h"

namespace writ::cli {
namespace {

// The exit code of a suite that has failures: what it was to show does not hold.
constexpr int kVerificationFailed = 7;
constexpr int kInvalid = 2;

// A document as the user named it, wherever that starts from.
Result<Document> load_named(const CommandContext& context, const std::string& named) {
  WRIT_TRY(Document document, load_document(context.path(named)));
  document.name = named;
  return document;
}

// A file, or the name of one of Writ's own contracts.
Result<contract::Schema> load_schema(const CommandContext& context) {
  const std::string named = context.arguments.value("--schema").value_or("");
  std::error_code ignored;
  const bool is_file = std::filesystem::exists(context.path(named), ignored);
  if (!is_file && named.find_first_of("./") == std::string::npos) {
    return contract::load_contract(named);
  }
  WRIT_TRY(const Document schema, load_named(context, named));
  return contract::Schema::compile(schema);
}

constexpr EnumNames<contract::Language, 3> kLanguages{{"cpp", "cpp-source", "ts"}};

// A file, the name of one of Writ's own contracts, or nothing: Writ's own API.
Result<Document> load_typed(const CommandContext& context) {
  const std::string named = context.arguments.positional("FILE");
  if (named.empty()) return contract::own_description();
  std::error_code ignored;
  if (std::filesystem::exists(context.path(named), ignored)) return load_named(context, named);
  return contract::own_contract(named);
}

Value violation_value(const contract::Violation& v) {
  return Object{{"line", v.at.line},    {"column", v.at.column}, {"instance", v.instance},
                {"keyword", v.keyword}, {"schema", v.schema},    {"expected", v.expected},
                {"actual", v.actual},   {"message", v.message},  {"remedy", v.remedy}};
}

void print_result(const CommandContext& context, const std::string& file,
                  const contract::ValidationResult& result) {
  std::ostream& out = context.wiring.out;
  if (context.global.is_json) {
    Array violations;
    for (const contract::Violation& v : result.violations) {
      violations.push_back(violation_value(v));
    }
    out << to_json(Object{{"file", file},
                          {"valid", result.is_valid()},
                          {"violations", std::move(violations)},
                          {"more", result.more}})
        << "\n";
    return;
  }
  for (const contract::Violation& v : result.violations) {
    out << fmt::format("{}:{}:{}: {}: {}\n", printable(file), v.at.line, v.at.column, v.keyword,
                       printable(v.message));
  }
  if (result.more) out << printable(file) << ": there are more violations than are shown\n";
  if (result.is_valid() && !context.global.is_quiet) out << printable(file) << ": valid\n";
}

void print_failure(const CommandContext& context, const contract::ConformanceCase& test) {
  if (context.global.is_json) {
    context.wiring.out << to_json(Object{{"file", test.file},
                                         {"group", test.group},
                                         {"test", test.test},
                                         {"optional", test.is_optional},
                                         {"detail", test.detail}})
                       << "\n";
    return;
  }
  context.wiring.out << fmt::format("{}{}: {}: {}: {}\n", test.file,
                                    test.is_optional ? " (optional)" : "", printable(test.group),
                                    printable(test.test), printable(test.detail));
}

// Optional cases are told apart: a validator may fail them and still conform.
void print_counts(const CommandContext& context, const contract::ConformanceReport& suite) {
  const std::size_t passed = suite.passed(false);
  const std::size_t failed = suite.failed(false);
  const std::size_t optional_passed = suite.passed(true);
  const std::size_t optional_failed = suite.failed(true);
  if (context.global.is_json) {
    context.wiring.out << to_json(Object{{"passed", passed},
                                         {"failed", failed},
                                         {"optional_passed", optional_passed},
                                         {"optional_failed", optional_failed}})
                       << "\n";
    return;
  }
  if (optional_passed + optional_failed > 0) {
    context.wiring.out << fmt::format("optional: {} passed, {} failed\n", optional_passed,
                                      optional_failed);
  }
  context.wiring.out << fmt::format("{} passed, {} failed\n", passed, failed);
}

}  // namespace

Result<int> contract_validate(const CommandContext& context) {
  WRIT_TRY(const contract::Schema schema, load_schema(context));
  bool is_valid = true;
  for (const std::string& named : context.arguments.positionals("FILE")) {
    WRIT_TRY(const Document document, load_named(context, named));
    const contract::ValidationResult result = schema.validate(document.root);
    print_result(context, named, result);
    is_valid = is_valid && result.is_valid();
  }
  return is_valid ? 0 : kInvalid;
}

Result<int> contract_canon(const CommandContext& context) {
  WRIT_TRY(const Document document, load_named(context, context.arguments.positional("FILE")));
  // Exactly the bytes that would be signed: no newline after them.
  WRIT_TRY(const std::string canonical, contract::canonical_json(document.root));
  context.wiring.out << canonical;
  return 0;
}

Result<int> contract_types(const CommandContext& context) {
  const std::string said = context.arguments.value("--lang").value_or("");
  const auto language = kLanguages.parse(said);
  if (!language) {
    return fail(Code::usage, "there is no language `" + said + "`", "Use cpp, cpp-source or ts");
  }
  WRIT_TRY(const Document document, load_typed(context));
  const std::string stem = std::filesystem::path(document.name).filename().string();
  const std::string name = contract::pascal_case(stem.substr(0, stem.find('.')));
  WRIT_TRY(const contract::TypeModel model, contract::types_of(document.root, name));
  contract::WriteOptions options;
  options.origin = document.name;
  options.space = context.arguments.value("--namespace").value_or("writ::api");
  options.include = context.arguments.value("--include").value_or("types.h");
  context.wiring.out << contract::write_types(model, *language, options);
  return 0;
}

Result<int> contract_conformance(const CommandContext& context) {
  contract::ConformanceOptions options;
  if (const auto remotes = context.arguments.value("--remotes")) {
    options.remotes = context.path(*remotes);
  }
  WRIT_TRY(const contract::ConformanceReport suite,
           contract::run_conformance(context.path(context.arguments.positional("DIR")), options));
  for (const contract::ConformanceCase& test : suite.cases) {
    if (!test.passed()) print_failure(context, test);
  }
  print_counts(context, suite);
  return suite.failed(false) == 0 ? 0 : kVerificationFailed;
}

}  // namespace writ::cli
