#include "cli/parse_arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/suggest.h"
#include "cli/version.h"

namespace writ::cli {
namespace {

// Where CLI11 puts what it reads for one command.
struct Slots {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string_view, std::vector<std::string>> values;
  std::map<std::string_view, bool> flags;
};

void declare(const Command& command, Slots& slots) {
  for (const PositionalRow& row : command.positionals) {
    CLI::Option* option =
        slots.app->add_option(std::string(row.name), slots.values[row.name], std::string(row.help));
    if (row.need != PositionalRow::optional) option->required();
    if (row.need != PositionalRow::many)
      option->expected(row.need == PositionalRow::optional ? 0 : 1, 1);
  }
  for (const OptionRow& row : command.options) {
    if (row.value.empty()) {
      slots.app->add_flag(std::string(row.name), slots.flags[row.name], std::string(row.help));
      continue;
    }
    CLI::Option* option =
        slots.app->add_option(std::string(row.name), slots.values[row.name], std::string(row.help));
    option->type_name(std::string(row.value));
    if (row.need == OptionRow::required) option->required();
    if (row.need == OptionRow::many) {
      option->expected(1, CLI::detail::expected_max_vector_size);
    } else {
      option->expected(1);
    }
  }
}

// The App of "ledger verify" under the App of "ledger", made on the way.
CLI::App* app_for(CLI::App& root, std::string_view words, std::string_view summary) {
  const std::size_t space = words.find(' ');
  const std::string first(words.substr(0, space));
  const auto known =
      root.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == first; });
  CLI::App* app = known.empty() ? root.add_subcommand(first) : known.front();
  if (space == std::string_view::npos) app->description(std::string(summary));
  if (space == std::string_view::npos) return app;
  app->require_subcommand(1);
  return app_for(*app, words.substr(space + 1), summary);
}

void declare_global(CLI::App& app, GlobalOptions& global, bool& no_color) {
  app.add_option("--dir", global.directory, "Directory of the repository")->type_name("DIR");
  app.add_option("--store", global.store, "sqlite:PATH")->type_name("URL");
  app.add_flag("--json", global.is_json, "Machine-readable output");
  app.add_flag("--quiet", global.is_quiet, "Only results and errors");
  app.add_flag("--no-color", no_color, "No colours");
  app.set_version_flag("--version", std::string(kVersion));
}

Arguments collect(const Slots& slots) {
  Arguments out;
  for (const auto& [name, values] : slots.values) {
    if (!values.empty()) out.add(std::string(name), values);
  }
  for (const auto& [name, is_set] : slots.flags) {
    if (is_set) out.add(std::string(name), {});
  }
  return out;
}

std::string unknown_command(const std::vector<std::string>& words) {
  std::vector<std::string_view> names;
  for (const Command& command : command_table()) {
    names.push_back(command.words.substr(0, command.words.find(' ')));
  }
  for (const std::string& word : words) {
    if (word.starts_with("-")) continue;
    const bool is_known = std::find(names.begin(), names.end(), word) != names.end();
    if (!is_known) return "there is no command " + word + did_you_mean(word, names);
    break;
  }
  return "";
}

}  // namespace

Result<std::variant<ParsedCommand, HelpText>> parse_arguments(
    const std::vector<std::string>& words) {
  CLI::App root(
      "Writ makes implementation protocols executable: specs in, gates between, "
      "evidence out.",
      "writ");
  GlobalOptions global;
  bool no_color = false;
  declare_global(root, global, no_color);
  root.require_subcommand(1);
  root.fallthrough();
  std::vector<std::unique_ptr<Slots>> all;
  for (const Command& command : command_table()) {
    auto slots = std::make_unique<Slots>();
    slots->command = &command;
    slots->app = app_for(root, command.words, command.summary);
    slots->app->fallthrough();
    declare(command, *slots);
    all.push_back(std::move(slots));
  }
  try {
    root.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Success&) {
    const CLI::App* asked = &root;
    for (auto subs = asked->get_subcommands(); !subs.empty(); subs = asked->get_subcommands()) {
      asked = subs.front();
    }
    const bool is_version = std::find(words.begin(), words.end(), "--version") != words.end();
    return HelpText{is_version ? std::string(kVersion) + "\n" : asked->help()};
  } catch (const CLI::ParseError& error) {
    const std::string unknown = unknown_command(words);
    return fail(Code::usage, unknown.empty() ? error.what() : unknown,
                "`writ --help` lists the commands, `writ COMMAND --help` what each takes");
  }
  for (const auto& slots : all) {
    if (!slots->app->parsed() || !slots->app->get_subcommands().empty()) continue;
    global.has_color = !no_color;
    return ParsedCommand{slots->command, global, collect(*slots)};
  }
  return fail(Code::usage, "no command was given", "`writ --help` lists the commands");
}

}  // namespace writ::cli
