// writ policy rollback: what a server decides from goes back to a revision that it has kept.
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <ostream>

#include "base/json.h"
#include "base/safe_path.h"
#include "cli/handlers.h"
#include "cli/wiring.h"
#include "policy/shelf/bundle_shelf.h"

namespace writ::cli {
namespace {

constexpr std::string_view kUsualDirectory = ".opa";
constexpr std::uint64_t kLargestBundle = std::uint64_t{1} << 40;  // of what a server has let in
constexpr std::size_t kShortDigest = 12;

Object row_of(const rego::KeptRevision& row) {
  return Object{{"revision", row.revision},
                {"digest", "sha256:" + row.digest},
                {"current", row.is_current},
                {"refused", row.is_refused}};
}

std::string_view state_of(const rego::KeptRevision& row) {
  if (row.is_current) return "current";
  return row.is_refused ? "refused" : "";
}

Result<int> list(const CommandContext& context, const std::string& name,
                 const rego::BundleShelf& shelf) {
  WRIT_TRY(const std::vector<rego::KeptRevision> rows, shelf.revisions());
  std::ostream& out = context.wiring.out;
  if (context.global.is_json) {
    Array revisions;
    for (const rego::KeptRevision& row : rows) revisions.emplace_back(row_of(row));
    out << to_json(Object{{"bundle", name}, {"revisions", std::move(revisions)}}) << "\n";
    return 0;
  }
  if (rows.empty()) out << "nothing is kept of bundle " << name << "\n";
  for (const rego::KeptRevision& row : rows) {
    out << fmt::format("{:<24} {:<14} {}\n", row.revision.empty() ? "-" : row.revision,
                       row.digest.substr(0, kShortDigest), state_of(row));
  }
  return 0;
}

}  // namespace

Result<int> policy_rollback(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  WRIT_TRY(const std::string name, normalize_relative(arguments.positional("NAME")));
  const auto directory =
      context.path(arguments.value("--persistence-dir").value_or(std::string(kUsualDirectory)));
  rego::BundleShelf shelf(directory, name, kLargestBundle);
  if (arguments.has("--list")) return list(context, name, shelf);
  std::optional<std::string> revision;
  if (arguments.has("REVISION")) revision = arguments.positional("REVISION");
  WRIT_TRY(const rego::KeptRevision chosen, shelf.roll_back(revision));
  if (context.global.is_json) {
    Object said = row_of(chosen);
    said.set("bundle", name);
    context.wiring.out << to_json(Value(std::move(said))) << "\n";
  } else if (!context.global.is_quiet) {
    context.wiring.out << fmt::format("bundle {} is at revision {} ({})\n", name,
                                      chosen.revision.empty() ? "-" : chosen.revision,
                                      chosen.digest.substr(0, kShortDigest));
  }
  return 0;
}

}  // namespace writ::cli
