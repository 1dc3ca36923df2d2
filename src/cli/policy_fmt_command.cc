// writ policy fmt: policies in the one layout, as `opa fmt` does it; its flags and exit codes.
#include <algorithm>
#include <ostream>

#include "base/file.h"
#include "cli/handlers.h"
#include "cli/policy_setup.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "policy/format/format.h"
#include "policy/format/line_diff.h"
#include "policy/load/load.h"

namespace writ::cli {
namespace {

constexpr int kMissing = 1;
constexpr int kNotFormatted = 2;
constexpr std::size_t kLargestPolicy = std::size_t{16} << 20;

class Formatter {
 public:
  explicit Formatter(const CommandContext& context) : context_(context) {}

  // What `text` comes to, done as the flags say. Returns the exit code.
  Result<int> format(const std::string& name, const std::string& text,
                     const std::filesystem::path* file) {
    const rego::ParseOptions options{.is_v0 = has("--v0-compatible")};
    const auto formatted = rego::format_module(name, text, options);
    if (!formatted) {
      print_policy_errors(context_, formatted.error(), false);
      return kNotFormatted;
    }
    const bool differs = *formatted != text;
    const bool shows = has("--list") || has("--diff");
    if (differs && has("--list")) context_.wiring.out << name << "\n";
    if (differs && has("--diff")) print_diff(rego::line_diff(name, text, *formatted));
    if (differs && has("--fail")) {
      context_.wiring.err << "unexpected diff\n";
      return kNotFormatted;
    }
    if (file != nullptr && has("--write")) {
      if (differs) WRIT_CHECK(replace_file(*file, *formatted));
    } else if (!shows && !has("--fail")) {
      context_.wiring.out << *formatted;
    }
    return 0;
  }

 private:
  bool has(std::string_view option) const { return context_.arguments.has(option); }

  void print_diff(std::string_view diff) {
    const Style style(context_.global.has_color);
    while (!diff.empty()) {
      const std::size_t end = diff.find('\n');
      const std::string_view line = diff.substr(0, end);
      const Tone tone = line.starts_with('+')   ? Tone::good
                        : line.starts_with('-') ? Tone::bad
                                                : Tone::plain;
      context_.wiring.out << style(tone, line) << "\n";
      diff.remove_prefix(end + 1);
    }
  }

  const CommandContext& context_;
};

// The name as it was given, and of files in a folder the folder's name before theirs.
struct Named {
  std::string name;
  std::filesystem::path path;
};

Result<std::vector<Named>> files_named(const CommandContext& context) {
  std::vector<Named> out;
  for (const std::string& given : context.arguments.positionals("PATH")) {
    const std::filesystem::path path = context.path(given);
    WRIT_TRY(const auto files, rego::policy_files(path));
    for (const std::filesystem::path& file : files) {
      const std::filesystem::path inner = file.lexically_relative(path);
      const bool is_itself = inner == ".";
      out.push_back({is_itself ? given : (std::filesystem::path(given) / inner).string(), file});
    }
  }
  return out;
}

}  // namespace

Result<int> policy_fmt(const CommandContext& context) {
  Formatter formatter(context);
  if (context.arguments.positionals("PATH").empty()) {
    const std::string text{std::istreambuf_iterator<char>(context.wiring.in), {}};
    return formatter.format("stdin", text, nullptr);
  }
  const auto files = files_named(context);
  if (!files) {
    context.wiring.err << files.error().message << "\n";
    return kMissing;
  }
  int code = 0;
  for (const Named& file : *files) {
    WRIT_TRY(const std::string text, read_file(file.path, kLargestPolicy));
    WRIT_TRY(const int outcome, formatter.format(file.name, text, &file.path));
    code = std::max(code, outcome);
  }
  return code;
}

}  // namespace writ::cli
