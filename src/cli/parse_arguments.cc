#include "cli/parse_arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/suggest.h"
#include "cli/version.h"

namespace writ::cli {
namespace {

// "-d,--data", as CLI11 wants it.
std::string spelled(const OptionRow& row) {
  const std::string name(row.name);
  return row.letter.empty() ? name : "-" + std::string(row.letter) + "," + name;
}

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
    option->type_name("");
    const bool is_required = row.need == PositionalRow::required || row.need == PositionalRow::many;
    if (is_required) option->required();
    // One value each, else CLI11 gives the first of them all that is left.
    const bool is_many = row.need == PositionalRow::many || row.need == PositionalRow::any;
    option->expected(1, is_many ? CLI::detail::expected_max_vector_size : 1);
    option->allow_extra_args(is_many);
  }
  for (const OptionRow& row : command.options) {
    if (row.value.empty()) {
      slots.app->add_flag(spelled(row), slots.flags[row.name], std::string(row.help));
      continue;
    }
    CLI::Option* option =
        slots.app->add_option(spelled(row), slots.values[row.name], std::string(row.help));
    option->type_name(std::string(row.value));
    if (row.need == OptionRow::required || row.need == OptionRow::at_least_one) {
      option->required();
    }
    // What is given once cannot be given twice; what is repeated takes one value each time, so
    // that it never swallows a positional.
    const bool is_repeated = row.need == OptionRow::repeated || row.need == OptionRow::at_least_one;
    option->expected(1, row.need == OptionRow::many ? CLI::detail::expected_max_vector_size : 1);
    option->allow_extra_args(row.need == OptionRow::many);
    option->multi_option_policy(is_repeated || row.need == OptionRow::many
                                    ? CLI::MultiOptionPolicy::TakeAll
                                    : CLI::MultiOptionPolicy::Throw);
  }
}

std::string group_summary(std::string_view word) {
  const auto groups = command_groups();
  const auto at = std::ranges::find(groups, word, &CommandGroup::word);
  return at == groups.end() ? "" : std::string(at->summary);
}

// The App of "ledger verify" under the App of "ledger", made on the way. `root` is that of the
// words before `begin`.
CLI::App* app_for(CLI::App& root, std::string_view words, std::string_view summary,
                  std::size_t begin = 0) {
  const std::size_t space = words.find(' ', begin);
  const std::string word(words.substr(begin, space - begin));
  const auto known =
      root.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
  CLI::App* app = known.empty() ? root.add_subcommand(word) : known.front();
  if (space == std::string_view::npos) {
    app->description(std::string(summary));
    return app;
  }
  app->description(group_summary(words.substr(0, space)));
  app->require_subcommand(1);
  return app_for(*app, words, summary, space + 1);
}

void declare_global(CLI::App& app, GlobalOptions& global, bool& no_color) {
  app.add_option("--dir", global.directory, "Work as if started in this directory")
      ->type_name("DIR");
  app.add_option("--store", global.store,
                 "Where runs are kept: sqlite:PATH or postgresql://…; by default "
                 "what WRIT_STORE says, else .writ/writ.db")
      ->type_name("URL");
  app.add_option("--server", global.server,
                 "Ask this server: https://…, http://… or unix:PATH; by default what WRIT_SERVER "
                 "says, else the one that lives here; WRIT_TOKEN or WRIT_TOKEN_FILE hold the token")
      ->type_name("URL");
  app.add_flag("--plain-http", global.may_be_plain,
               "Send the token to a server elsewhere though http:// lets everybody on the way read "
               "it");
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

// The words of a command line that may name a command: neither options nor the values of the
// global ones.
std::vector<std::string> plain_words(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--dir" || words[i] == "--store" || words[i] == "--server") {
      ++i;
    } else if (!words[i].starts_with("-")) {
      out.push_back(words[i]);
    }
  }
  return out;
}

// What may follow `known`, "identity " for example, in the words of a command; empty: it is one.
std::vector<std::string_view> words_after(std::string_view known) {
  std::vector<std::string_view> out;
  for (const Command& command : command_table()) {
    if (!command.words.starts_with(known)) continue;
    const std::string_view rest = command.words.substr(known.size());
    out.push_back(rest.substr(0, rest.find(' ')));
  }
  return out;
}

// "there is no command …" where that is what is wrong; else empty.
std::string unknown_command(const std::vector<std::string>& words) {
  std::string known;
  for (const std::string& word : plain_words(words)) {
    const std::vector<std::string_view> next = words_after(known);
    if (next.empty()) return "";  // the rest is for the command
    const bool is_there = std::ranges::find(next, word) != next.end();
    known += word;
    if (!is_there) return "there is no command " + known + did_you_mean(word, next);
    known += ' ';
  }
  return "";
}

// " (did you mean `--junit`?)" for the first option that the command does not have.
std::string nearest_option(const std::vector<std::string>& words, const CLI::App& app) {
  std::vector<std::string> names{"--dir",  "--store", "--server",   "--plain-http",
                                 "--json", "--quiet", "--no-color", "--help"};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || std::ranges::find(candidates, name) != candidates.end()) {
      continue;
    }
    return did_you_mean(name, candidates);
  }
  return "";
}

// The whole command line for CLI11, made from the table.
class Grammar {
 public:
  Grammar() {
    declare_global(root_, global_, no_color_);
    root_.require_subcommand(1);
    root_.fallthrough();
    for (const Command& command : command_table()) {
      auto slots = std::make_unique<Slots>();
      slots->command = &command;
      slots->app = app_for(root_, command.words, command.summary);
      slots->app->fallthrough();
      slots->app->footer("`writ --help` lists the options that every command has.");
      declare(command, *slots);
      all_.push_back(std::move(slots));
    }
  }

  Result<std::variant<ParsedCommand, HelpText>> parse(const std::vector<std::string>& words) {
    try {
      root_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::CallForVersion&) {
      return HelpText{std::string(kVersion) + "\n"};
    } catch (const CLI::Success&) {
      return HelpText{root_.help()};
    } catch (const CLI::ParseError& error) {
      return misused(words, error);
    }
    for (const auto& slots : all_) {
      if (!slots->app->parsed()) continue;
      global_.has_color = !no_color_;
      return ParsedCommand{slots->command, global_, collect(*slots)};
    }
    return fail(Code::usage, "no command was given", "`writ --help` lists the commands");
  }

 private:
  std::unexpected<Error> misused(const std::vector<std::string>& words,
                                 const CLI::ParseError& error) const {
    std::string message = unknown_command(words);
    const CLI::App* app = &root_;
    std::string name = "writ";
    for (auto subs = app->get_subcommands(); !subs.empty(); subs = app->get_subcommands()) {
      app = subs.front();
      name += " " + app->get_name();
    }
    if (message.empty()) message = error.what() + nearest_option(words, *app);
    return fail(Code::usage, message, "`" + name + " --help` says what it takes");
  }

  CLI::App root_{
      "Writ makes implementation protocols executable: specs in, gates between, evidence out.",
      "writ"};
  GlobalOptions global_;
  bool no_color_ = false;
  std::vector<std::unique_ptr<Slots>> all_;
};

}  // namespace

Result<std::variant<ParsedCommand, HelpText>> parse_arguments(
    const std::vector<std::string>& words) {
  // `writ help ledger verify` is `writ ledger verify --help`.
  std::vector<std::string> asked = words;
  if (!asked.empty() && asked.front() == "help") {
    asked.erase(asked.begin());
    asked.emplace_back("--help");
  }
  return Grammar().parse(asked);
}

}  // namespace writ::cli
