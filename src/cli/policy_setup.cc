#include "cli/policy_setup.h"

#include <charconv>
#include <ostream>

#include "base/json.h"
#include "cli/policy_bundle_options.h"
#include "cli/wiring.h"
#include "policy/compile/check_options.h"
#include "policy/fabric/find_conflicts.h"
#include "policy/load/load_schemas.h"

namespace writ::cli {
namespace {

std::vector<std::filesystem::path> paths_of(const CommandContext& context,
                                            const std::vector<std::string>& named) {
  std::vector<std::filesystem::path> out;
  for (const std::string& one : named) out.push_back(context.path(one));
  return out;
}

// As the user would name it: relative to where Writ was asked to work.
void shorten_names(const CommandContext& context, rego::Loaded& loaded) {
  const std::string prefix = (context.global.directory / "").string();
  const auto shorten = [&](std::string& name) {
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  };
  for (rego::ast::Module& module : loaded.modules) shorten(module.file);
  for (rego::PolicyError& error : loaded.errors) shorten(error.file);
}

// nullptr without --schema.
Result<std::unique_ptr<rego::types::Schemas>> schemas_of(const CommandContext& context) {
  const auto given = context.arguments.value("--schema");
  if (!given) return nullptr;
  return rego::load_schemas(context.path(*given));
}

Result<rego::CheckOptions> check_options(const CommandContext& context,
                                         const rego::types::Schemas* schemas) {
  rego::CheckOptions out;
  out.is_strict = context.arguments.has("--strict");
  out.schemas = schemas;
  if (const auto given = context.arguments.value("--max-errors")) {
    const auto [end, error] =
        std::from_chars(given->data(), given->data() + given->size(), out.most_errors);
    if (error != std::errc() || end != given->data() + given->size()) {
      return fail(Code::usage, "--max-errors takes a number, not " + *given, "0: all of them");
    }
  }
  return out;
}

Value error_value(const rego::PolicyError& error) {
  Object out{{"message", error.message}, {"code", error.code}};
  if (error.at.is_known()) {
    out.set("location",
            Object{{"file", error.file}, {"row", error.at.line}, {"col", error.at.column}});
  }
  if (!error.details.empty()) {
    Array lines;
    for (const std::string& line : error.details) lines.push_back(line);
    out.set("details", std::move(lines));
  } else if (!error.line.empty()) {
    out.set("details", Object{{"line", error.line}, {"idx", error.at.column - 1}});
  }
  return out;
}

}  // namespace

Result<rego::LoadOptions> bundle_load_options(const CommandContext& context) {
  rego::LoadOptions out;
  out.is_v0 = context.arguments.has("--v0-compatible");
  out.ignored = context.arguments.values("--ignore");
  WRIT_TRY(out.verification, bundle_verification(context));
  if (context.arguments.has("--skip-verify")) out.signatures = rego::Signatures::ignored;
  return out;
}

Result<PolicySetup> load_policy_setup(const CommandContext& context, Watched watched) {
  const Clock& clock = context.wiring.clock;
  const auto begin = clock.steady();
  const Arguments& arguments = context.arguments;
  std::vector<std::string> data = arguments.values("--data");
  for (std::string& path : arguments.positionals("PATH")) data.push_back(std::move(path));
  WRIT_TRY(const rego::LoadOptions options, bundle_load_options(context));
  WRIT_TRY(auto loaded,
           rego::load_policies(paths_of(context, data),
                               paths_of(context, arguments.values("--bundle")), options));
  shorten_names(context, loaded);
  PolicySetup out;
  out.errors = loaded.errors;
  WRIT_TRY(const std::unique_ptr<rego::types::Schemas> schemas, schemas_of(context));
  WRIT_TRY(const rego::CheckOptions checks, check_options(context, schemas.get()));
  const auto loaded_at = clock.steady();
  if (out.errors.empty()) {
    auto program = rego::compile(std::move(loaded.modules),
                                 {.keeps_print = true,
                                  .is_observed = watched != Watched::no,
                                  .is_indexed = watched != Watched::every_rule},
                                 checks);
    if (!program) {
      out.errors = program.error();
    } else if (out.errors = rego::find_conflicts(**program, loaded.data); out.errors.empty()) {
      out.program = *program;
    }
  }
  out.timers = {{"timer_rego_load_files_ns", (loaded_at - begin).count()},
                {"timer_rego_module_compile_ns", (clock.steady() - loaded_at).count()}};
  out.loaded = std::move(loaded);
  return out;
}

std::string output_format(const CommandContext& context, std::string_view fallback) {
  if (const auto given = context.arguments.value("--format")) return *given;
  return context.global.is_json ? "json" : std::string(fallback);
}

void print_policy_errors(const CommandContext& context, const rego::PolicyErrors& errors,
                         bool as_json) {
  if (!as_json) {
    context.wiring.err << rego::to_text(errors) << "\n";
    return;
  }
  Array values;
  for (const rego::PolicyError& error : errors) values.push_back(error_value(error));
  context.wiring.out << to_pretty_json(Object{{"errors", std::move(values)}});
}

}  // namespace writ::cli
