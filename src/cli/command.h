#pragma once
// A command of the binary as a row of one table (commands.cc): its words, what it takes, what it
// may do, and the function that does it. Parsing and help come from the rows.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::cli {

struct Wiring;  // cli/wiring.h

enum class Effect : std::uint8_t { reads_only, changes_project, changes_run };
// Where what a command is about may be: in this directory, or at a server too.
enum class Reach : std::uint8_t { here, server };

struct OptionRow {
  std::string_view name;   // "--key"
  std::string_view value;  // "FILE"; empty: a flag
  std::string_view help;
  // repeated: given as often as wanted, one value each. many: several values may follow it.
  enum Need : std::uint8_t { optional, required, repeated, at_least_one, many } need = optional;
  std::string_view letter = {};  // "d": -d is the same
};

struct PositionalRow {
  std::string_view name;  // "RUN"
  std::string_view help;
  // many: one at least. any: none, too.
  enum Need : std::uint8_t { optional, required, many, any } need = required;
};

// What was typed, checked against the command's rows.
class Arguments {
 public:
  // The positional, or "" when it was left out.
  std::string positional(std::string_view name) const;
  std::vector<std::string> positionals(std::string_view name) const;
  bool has(std::string_view option) const { return values_.contains(option); }
  std::optional<std::string> value(std::string_view option) const;
  std::vector<std::string> values(std::string_view option) const;

  void add(std::string name, std::vector<std::string> values) {
    values_.insert_or_assign(std::move(name), std::move(values));
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// The options that every command has.
struct GlobalOptions {
  std::filesystem::path directory;  // --dir, absolute: paths that are named start here
  std::string store;                // --store
  std::string server;               // --server
  bool may_be_plain = false;        // --plain-http
  bool is_json = false;             // --json
  bool is_quiet = false;            // --quiet
  bool has_color = false;           // terminal, and not --no-color or NO_COLOR
};

struct CommandContext {
  const Wiring& wiring;
  const GlobalOptions& global;
  const Arguments& arguments;

  // A path as somebody named it on the command line.
  std::filesystem::path path(std::string_view named) const {
    return (global.directory / named).lexically_normal();
  }
};

// The process's exit code: 0, or what the table of outcomes says. An Error is rendered by the
// caller and gives its own exit code.
using CommandFunction = Result<int> (*)(const CommandContext& context);

struct Command {
  std::string_view words;  // "ledger verify"
  CommandFunction run;
  std::string_view summary;  // one line
  Effect effect = Effect::reads_only;
  std::span<const PositionalRow> positionals = {};
  std::span<const OptionRow> options = {};
  Reach reach = Reach::here;
};

// Sorted by words.
std::span<const Command> command_table();

// What the commands of two words have in common: "ledger". Sorted.
struct CommandGroup {
  std::string_view word;
  std::string_view summary;
};
std::span<const CommandGroup> command_groups();

// Parses `words` (argv without the program's name), runs the command, renders what it answers.
// Returns the exit code. Catches everything.
int run_command_line(const Wiring& wiring, const std::vector<std::string>& words);

}  // namespace writ::cli
