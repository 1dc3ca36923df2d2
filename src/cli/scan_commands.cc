// writ scan: the check of the same name, outside a run.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ostream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/style.h"
#include "cli/version.h"
#include "cli/wiring.h"
#include "repo/repo.h"
#include "scan/rules.h"
#include "scan/sarif.h"
#include "scan/scan.h"
#include "scan/walk.h"

namespace writ::cli {
namespace {

namespace fs = std::filesystem;

// As for a run that a violation blocks.
constexpr int kBlocked = 3;

struct Files {
  fs::path root;
  std::vector<std::string> paths;  // relative to root
};

bool is_at_or_below(std::string_view path, std::string_view start) {
  if (start.empty() || start == ".") return true;
  return path == start || (path.starts_with(start) && path[start.size()] == '/');
}

// `named` as a path relative to `root`, "" for the root itself.
Result<std::string> place_in(const fs::path& root, const fs::path& named) {
  std::error_code error;
  const fs::path absolute = fs::weakly_canonical(named, error);
  if (error || !fs::exists(absolute, error)) {
    return fail(Code::not_found, "there is no file or folder " + named.string());
  }
  const std::string relative = absolute.lexically_relative(root).generic_string();
  if (relative == "..") return fail(Code::invalid_input, named.string() + " is out of the tree");
  if (relative.starts_with("../")) {
    return fail(Code::invalid_input, named.string() + " is out of the repository " + root.string(),
                "Name something inside, or the repository with --dir");
  }
  return relative == "." ? "" : relative;
}

Result<std::vector<std::string>> tree_paths(const repo::Repo& repo,
                                            const std::optional<std::string>& since) {
  std::vector<std::string> paths;
  if (since) {
    WRIT_TRY(const repo::CommitId base, repo.resolve(*since));
    WRIT_TRY(const auto changes, repo.changes_since(base, {}));
    for (const repo::Change& change : changes) {
      if (change.kind != repo::ChangeKind::removed) paths.push_back(change.path);
    }
    return paths;
  }
  WRIT_TRY(const auto files, repo.tree_files({}));
  constexpr std::uint32_t kRegular = 0100000;
  for (const repo::TreeFile& file : files) {
    if ((file.mode & 0170000) == kRegular) paths.push_back(file.path);
  }
  return paths;
}

// What git sees, or all files where there is no repository.
Result<Files> files_to_scan(const CommandContext& context) {
  const auto since = context.arguments.value("--since");
  const fs::path named = context.path(context.arguments.positional("PATH"));
  const auto repo = repo::Repo::open(context.global.directory);
  if (!repo && (repo.error().code != Code::not_found || since)) {
    return std::unexpected(repo.error());
  }
  std::error_code ignored;  // a folder that is not there is found out next
  Files files{repo ? repo->root() : fs::weakly_canonical(context.global.directory, ignored), {}};
  WRIT_TRY(const std::string start, place_in(files.root, named));
  if (!repo) {
    WRIT_TRY(files.paths, scan::list_files(files.root, start));
    return files;
  }
  WRIT_TRY(files.paths, tree_paths(*repo, since));
  std::erase_if(files.paths, [&](const auto& path) { return !is_at_or_below(path, start); });
  return files;
}

void print_text(const CommandContext& context, const scan::ScanReport& found) {
  std::ostream& out = context.wiring.out;
  const Style style(context.global.has_color);
  for (const scan::Finding& f : found.findings) {
    const std::string place = fmt::format("{}:{}:{}", printable(f.path), f.at.line, f.at.column);
    out << style(Tone::strong, place) << "  " << f.rule << "  " << printable(f.message) << "\n";
    if (!f.line.empty()) out << "  " << style(Tone::dim, printable(f.line)) << "\n";
  }
  for (const std::string& skipped : found.skipped) {
    if (!context.global.is_quiet) out << "skipped " << printable(skipped) << "\n";
  }
  if (context.global.is_quiet) return;
  out << fmt::format("{} violation{} in {} files\n", found.findings.size(),
                     found.findings.size() == 1 ? "" : "s", found.files);
}

// Where a rule looks, as the lexer tells parts of a file apart.
std::string_view region_name(syntax::Region region) {
  switch (region) {
    case syntax::Region::comment:
      return "comments";
    case syntax::Region::string:
      return "strings";
    case syntax::Region::code:
      return "code";
    case syntax::Region::any:
      break;
  }
  return "everywhere";
}

// Every rule of the sets that were named; a finding of any of them is a violation.
Result<int> list_rules(const CommandContext& context) {
  const std::vector<std::string> named = context.arguments.values("--rules");
  WRIT_TRY(const auto ids, scan::choose_rules(named));
  Array rules;
  for (const std::string_view id : ids) {
    const scan::RuleInfo& rule = *scan::find_rule(id);
    if (context.global.is_json) {
      rules.push_back(Object{{"id", rule.id},
                             {"looks_in", region_name(rule.region)},
                             {"finds", rule.meaning},
                             {"remedy", rule.remedy},
                             {"level", "error"}});
      continue;
    }
    context.wiring.out << fmt::format("{:20}  {:10}  {}\n", rule.id, region_name(rule.region),
                                      rule.meaning);
  }
  if (context.global.is_json) context.wiring.out << to_pretty_json(Value(std::move(rules)));
  return 0;
}

}  // namespace

Result<int> scan(const CommandContext& context) {
  if (context.arguments.has("--list")) return list_rules(context);
  std::string format = context.arguments.value("--format").value_or("text");
  if (format == "text" && context.global.is_json) format = "json";
  if (format != "text" && format != "json" && format != "sarif") {
    return fail(Code::usage, "--format takes text, json or sarif, not " + format);
  }
  WRIT_TRY(const Files files, files_to_scan(context));
  scan::ScanOptions options;
  options.rules = context.arguments.values("--rules");
  WRIT_TRY(const scan::ScanReport found, scan::scan_files(files.root, files.paths, options));
  if (format == "text") {
    print_text(context, found);
  } else {
    context.wiring.out << to_pretty_json(format == "json" ? found.to_value()
                                                          : scan::to_sarif(found, kVersion));
  }
  return found.findings.empty() ? 0 : kBlocked;
}

}  // namespace writ::cli
