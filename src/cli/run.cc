// From words to an exit code: parse, dispatch, render what comes back.
#include <algorithm>
#include <exception>
#include <ostream>

#include "base/id.h"
#include "cli/command.h"
#include "cli/parse_arguments.h"
#include "cli/render_error.h"
#include "cli/server_client.h"
#include "cli/wiring.h"

namespace writ::cli {
namespace {

// https://no-color.org: set and not empty.
bool wants_no_color(const Wiring& wiring) {
  const auto at = wiring.environment.find("NO_COLOR");
  return at != wiring.environment.end() && !at->second.empty();
}

// The options that depend on where the process stands. `has_color` says "not --no-color" before.
GlobalOptions settle(GlobalOptions global, const Wiring& wiring) {
  global.directory = (wiring.directory / global.directory).lexically_normal();
  global.has_color = global.has_color && wiring.is_terminal && !wants_no_color(wiring);
  return global;
}

// A command that knows no server must not act here on what was meant for one.
Result<void> expect_reach(const Wiring& wiring, const GlobalOptions& global,
                          const Command& command) {
  if (command.reach == Reach::server) return {};
  const bool is_meant = command.effect == Effect::changes_run
                            ? !named_server(wiring, global).empty()
                            : !global.server.empty();
  if (!is_meant) return {};
  return fail(Code::usage,
              "`writ " + std::string(command.words) + "` works on this directory alone",
              "Leave --server out and unset WRIT_SERVER; run it where the project is");
}

Result<int> run_words(const Wiring& wiring, const std::vector<std::string>& words) {
  WRIT_TRY(const auto parsed, parse_arguments(words));
  if (const auto* help = std::get_if<HelpText>(&parsed)) {
    wiring.out << help->text;
    return 0;
  }
  const auto& command = std::get<ParsedCommand>(parsed);
  const GlobalOptions global = settle(command.global, wiring);
  WRIT_CHECK(expect_reach(wiring, global, *command.command));
  return command.command->run({wiring, global, command.arguments});
}

Result<int> dispatch(const Wiring& wiring, const std::vector<std::string>& words) {
  WRIT_TRY(const int code, run_words(wiring, words));
  wiring.out.flush();
  if (wiring.out.good()) return code;
  return fail(Code::storage_failed, "standard output cannot be written to",
              "Give the output somewhere to go; what the command did stands");
}

// Nothing of ours throws: whatever comes here is a defect, or memory has run out.
Result<int> dispatch_catching_all(const Wiring& wiring, const std::vector<std::string>& words) {
  std::string what;
  try {
    return dispatch(wiring, words);
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
    what = "something of no known type was thrown";
  }
  const std::string incident = Uuid::v7(wiring.clock, wiring.random).text();
  return fail(Code::internal, "unexpected failure, incident " + incident + ": " + what,
              "This is a defect of Writ: please report it with the incident id");
}

// Commands whose errors are about the law, which is there to be read. What others read may hold
// secrets: the configuration of a server, inputs, keys.
bool is_about_law(const std::vector<std::string>& words) {
  constexpr std::string_view kCommands[] = {"plan", "apply", "resume"};
  const auto parsed = parse_arguments(words);
  const auto* const command = parsed ? std::get_if<ParsedCommand>(&*parsed) : nullptr;
  return command != nullptr &&
         std::ranges::find(kCommands, command->command->words) != std::end(kCommands);
}

}  // namespace

int run_command_line(const Wiring& wiring, const std::vector<std::string>& words) {
  const Result<int> code = dispatch_catching_all(wiring, words);
  if (code) return *code;
  const bool is_json = std::ranges::find(words, "--json") != words.end();
  if (is_json) {
    wiring.out << error_json(code.error()) << std::flush;
  } else {
    wiring.out.flush();
    wiring.err << render_error(code.error(), Style(false),
                               is_about_law(words) ? wiring.directory : "")
               << std::flush;
  }
  return error_row(code.error().code).exit_code;
}

}  // namespace writ::cli
