#include "executors/run_command.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/file.h"
#include "base/safe_path.h"
#include "evidence/fresh_file.h"
#include "executors/report_evidence.h"

namespace writ::executors {
namespace {

using execution::StepContext;
using execution::StepResult;
using execution::Verdict;
using process::Ending;
using process::Isolation;

constexpr std::string_view kIsolation[] = {"none", "process_group", "namespaces"};
// Of each stream, kept inline for display; the whole is a blob.
constexpr std::size_t kTailBytes = 2048;

std::vector<std::string> strings_of(const Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& item : list->as_array()) {
    if (item.is_string()) out.push_back(item.as_string());
  }
  return out;
}

process::Sandbox sandbox_of(std::string_view name) {
  if (name == "off") return process::Sandbox::off;
  return name == "require" ? process::Sandbox::require : process::Sandbox::prefer;
}

void set_limits(const Value* with, process::Limits& limits) {
  if (with == nullptr) return;
  const auto number = [&](std::string_view key) -> std::optional<std::uint64_t> {
    const Value* value = with->find(key);
    if (value == nullptr || !value->is_integer() || value->as_integer() <= 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->as_integer());
  };
  if (const auto cpu = number("cpu")) limits.cpu = Duration{static_cast<std::int64_t>(*cpu)};
  if (const auto memory = number("memory")) limits.memory = Bytes{*memory};
  if (const auto size = number("file_size")) limits.file_size = Bytes{*size};
  if (const auto count = number("processes")) {
    limits.processes = static_cast<std::uint32_t>(*count);
  }
  if (const auto files = number("open_files")) {
    limits.open_files = static_cast<std::uint32_t>(*files);
  }
  if (const auto output = number("output")) limits.output = Bytes{*output};
}

struct EndingRow {
  Ending ending;
  std::string_view failure;
  std::string_view text;
};
constexpr EndingRow kEndings[] = {
    {Ending::exited, "exit", "exited with "},
    {Ending::signalled, "signal", "was ended by signal "},
    {Ending::timed_out, "timeout", "ran into its timeout"},
    {Ending::cancelled, "cancelled", "was cancelled"},
    {Ending::output_limit, "output", "printed more than its output limit"},
};

void judge_ending(const process::Outcome& outcome, StepResult& result) {
  if (outcome.ending == Ending::exited && outcome.exit_code == 0) return;
  const EndingRow& row = kEndings[static_cast<std::size_t>(outcome.ending)];
  result.verdict = Verdict::failed;
  result.failure = row.failure;
  result.reason = row.text;
  if (outcome.ending == Ending::exited) result.reason += std::to_string(outcome.exit_code);
  if (outcome.ending == Ending::signalled) result.reason += std::to_string(outcome.signal);
}

std::string tail_of(std::string_view text) {
  if (text.size() <= kTailBytes) return std::string(text);
  text.remove_prefix(text.size() - kTailBytes);
  const std::size_t line = text.find('\n');
  return std::string(line == std::string_view::npos ? text : text.substr(line + 1));
}

// The output as a member of the evidence: digest, size, and the end of it where it is text.
Result<Value> stream_value(std::string_view bytes, store::BlobStore& blobs,
                           std::vector<store::BlobRef>& refs) {
  if (bytes.empty()) return Value(Object{{"size", 0}});
  WRIT_TRY(const store::BlobRef blob, blobs.put(bytes));
  refs.push_back(blob);
  Object out{{"size", blob.size}, {"digest", blob.digest.hex()}};
  std::string tail = tail_of(bytes);
  if (is_utf8(tail)) out.append("tail", std::move(tail));
  return Value(std::move(out));
}

Result<evidence::Draft> command_evidence(const StepContext& context,
                                         const process::Command& command,
                                         const process::Outcome& outcome) {
  evidence::Draft draft;
  draft.kind = evidence::Kind::command;
  draft.name = "command";
  Array argv;
  for (const std::string& word : command.argv) argv.emplace_back(word);
  WRIT_TRY(Value out, stream_value(outcome.out, context.blobs, draft.blobs));
  WRIT_TRY(Value err, stream_value(outcome.err, context.blobs, draft.blobs));
  const std::string_view ending = kEndings[static_cast<std::size_t>(outcome.ending)].failure;
  draft.data = Object{{"argv", std::move(argv)},
                      {"ending", ending},
                      {"exit", outcome.exit_code},
                      {"isolation", kIsolation[static_cast<std::size_t>(outcome.isolation)]},
                      {"isolation_note", outcome.isolation_note},
                      {"elapsed_ms", outcome.elapsed.count()},
                      {"cpu_ms", outcome.cpu.count()},
                      {"peak_memory", outcome.peak_memory.count},
                      {"out", std::move(out)},
                      {"err", std::move(err)}};
  const bool is_ok = outcome.ending == Ending::exited && outcome.exit_code == 0;
  draft.facts = {{"exit.code", Value(outcome.exit_code)}, {"exit.ok", Value(is_ok)}};
  return draft;
}

std::vector<std::string> declared_paths(const protocol::PlanStep& step) {
  std::vector<std::string> out;
  for (const protocol::EvidenceWanted& wanted : step.evidence) {
    if (!wanted.path.empty() && wanted.path != kOutput) out.push_back(wanted.path);
  }
  return out;
}

// The report's bytes, if this command wrote it. Errors: invalid_input with the reason why not.
Result<std::string> read_if_written(const StepContext& context,
                                    const evidence::FileSnapshot& before, const std::string& path) {
  const std::filesystem::path& root = context.workspace.root();
  WRIT_TRY(const evidence::Freshness fresh, evidence::check_fresh(before, root, path));
  if (!fresh.is_fresh) {
    return fail(Code::invalid_input, fresh.reason,
                "The command must write its report itself, each time it runs");
  }
  WRIT_TRY(const std::filesystem::path inside, join_inside(root, path));
  return read_file(inside, kMaxReportBytes);
}

// Failed tests by name, with the first line that each has to say.
void name_failures(const evidence::Draft& draft, StepResult& result) {
  const Value* failures = draft.data.find("failures");
  if (failures == nullptr || !failures->is_array()) return;
  for (const Value& failure : failures->as_array()) {
    const std::string_view message = failure.string_or("message", "");
    execution::Problem problem;
    problem.rule = "test";
    problem.message = std::string(failure.string_or("name", "")) + " " +
                      std::string(failure.string_or("status", "failed"));
    if (!message.empty())
      problem.message += ": " + std::string(message.substr(0, message.find('\n')));
    result.problems.push_back(std::move(problem));
  }
}

Result<evidence::Draft> declared_report(const StepContext& context,
                                        const evidence::FileSnapshot& before,
                                        const protocol::EvidenceWanted& wanted,
                                        const process::Outcome& outcome) {
  std::string bytes;
  if (wanted.path == kOutput) {
    bytes = outcome.out;
  } else {
    WRIT_TRY(bytes, read_if_written(context, before, wanted.path));
  }
  WRIT_TRY(const store::BlobRef blob, context.blobs.put(bytes));
  return evidence_from_report(context.plan, wanted.kind, wanted.path, {blob, bytes});
}

// The declared reports that this command wrote. What is missing or cannot be read is a problem:
// it fails the step where no gate would miss the fact.
Result<void> add_declared(const StepContext& context, const evidence::FileSnapshot& before,
                          const process::Outcome& outcome, StepResult& result) {
  for (const protocol::EvidenceWanted& wanted : context.step.evidence) {
    if (wanted.path.empty()) continue;
    auto draft = declared_report(context, before, wanted, outcome);
    if (draft) {
      name_failures(*draft, result);
      result.evidence.push_back(std::move(*draft));
      continue;
    }
    const Error& error = draft.error();
    if (error.code != Code::invalid_input && error.code != Code::not_found) {
      return std::unexpected(error);
    }
    if (!wanted.required) continue;
    execution::Problem problem;
    problem.file = wanted.path;
    problem.rule = "evidence";
    problem.message = error.message;
    problem.remedy = error.remediation;
    if (!error.diagnostics.empty()) problem.at = error.diagnostics.front().at;
    result.problems.push_back(std::move(problem));
    if (!context.step.gate && result.verdict == Verdict::passed) {
      result.verdict = Verdict::failed;
      result.failure = "evidence";
      result.reason = wanted.path + ": " + error.message;
    }
  }
  return {};
}

// A test command that fails for nothing but known failures has done its work; whether they were
// there before is for the baseline check.
bool is_explained(const process::Outcome& outcome, const StepResult& result) {
  if (outcome.ending != Ending::exited || outcome.exit_code == 0) return false;
  const auto is_of_evidence = [](const auto& problem) { return problem.rule == "evidence"; };
  if (std::ranges::any_of(result.problems, is_of_evidence)) return false;
  std::int64_t known = 0;
  for (const evidence::Draft& draft : result.evidence) {
    if (draft.kind != evidence::Kind::tests) continue;
    if (draft.facts.at("tests.failed").as_integer() > 0) return false;
    known += draft.facts.at("tests.known").as_integer();
  }
  return known > 0;
}

// Cuts a stream into lines for the watchers.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& sink) : sink_(sink) {}
  void operator()(std::string_view bytes) {
    for (const char c : bytes) {
      if (c == '\n' || line_.size() >= kTailBytes) {
        sink_(line_);
        line_.clear();
      }
      if (c != '\n') line_ += c;
    }
  }
  void flush() {
    if (!line_.empty()) sink_(line_);
  }

 private:
  const std::function<void(std::string_view)>& sink_;
  std::string line_;
};

}  // namespace

Result<process::Command> command_of(const protocol::PlanStep& step,
                                    const std::filesystem::path& root, const RunCommandDeps& deps,
                                    const std::string& idempotency_key, const std::string& token) {
  const Value& with = step.with;
  process::Command command;
  command.argv = strings_of(with.find("argv"));
  const std::string_view shell = with.string_or("shell", "");
  if (!shell.empty()) command.argv = {"/bin/sh", "-c", std::string(shell)};
  const std::string_view directory = with.string_or("directory", "");
  command.directory = root;
  if (!directory.empty()) {
    WRIT_TRY(command.directory, join_inside(root, directory));
  }
  std::map<std::string, std::string> set;
  if (const Value* env = with.find("env"); env != nullptr && env->is_object()) {
    for (const Member& member : env->as_object()) {
      if (member.value.is_string()) set.emplace(member.key, member.value.as_string());
    }
  }
  set.emplace("WRIT_IDEMPOTENCY_KEY", idempotency_key);
  std::vector<std::string> inherited = strings_of(with.find("env_allow"));
  for (const std::string& secret : strings_of(with.find("secrets"))) {
    const auto value = deps.environment.find(secret);
    if (value == deps.environment.end()) {
      return fail(Code::invalid_input, "secret " + secret + " is not in the environment",
                  "Set it where writ runs; its value is never recorded");
    }
    command.secrets.push_back(value->second);
    inherited.push_back(secret);
  }
  command.environment = process::allowed_environment(deps.environment, inherited, set);
  command.timeout = step.timeout;
  set_limits(with.find("limits"), command.limits);
  command.sandbox = sandbox_of(with.string_or("sandbox", "prefer"));
  command.masked = deps.masked;
  command.token = token;
  return command;
}

Result<StepResult> RunCommand::execute(const StepContext& context, std::stop_token stop) {
  WRIT_TRY(const process::Command command, command_of(context.step, context.workspace.root(), deps_,
                                                      context.idempotency_key, context.token));
  WRIT_TRY(const evidence::FileSnapshot before,
           evidence::snapshot_files(context.workspace.root(), declared_paths(context.step),
                                    context.clock.wall()));
  Lines out(context.events.output);
  Lines err(context.events.output);
  const auto sink = [&](process::Stream stream, std::string_view bytes) {
    (stream == process::Stream::out ? out : err)(bytes);
  };
  const auto started = [&](const process::Started& s) {
    return context.events.process_started(s.pid, s.start_ticks);
  };
  const auto outcome = deps_.runner.run(command, sink, stop, started);
  StepResult result;
  if (!outcome) {
    const bool is_the_users =
        outcome.error().code == Code::not_found || outcome.error().code == Code::invalid_input;
    if (!is_the_users) return std::unexpected(outcome.error());
    result.verdict = Verdict::failed;
    result.failure = "unavailable";
    result.reason = outcome.error().message;
    return result;
  }
  out.flush();
  err.flush();
  if (outcome->ending == Ending::cancelled) {
    return fail(Code::cancelled, "the command was stopped on request");
  }
  judge_ending(*outcome, result);
  result.isolation = kIsolation[static_cast<std::size_t>(outcome->isolation)];
  result.isolation_note = outcome->isolation_note;
  WRIT_TRY(evidence::Draft draft, command_evidence(context, command, *outcome));
  result.evidence.push_back(std::move(draft));
  WRIT_CHECK(add_declared(context, before, *outcome, result));
  if (is_explained(*outcome, result)) {
    result.verdict = Verdict::passed;
    result.failure.clear();
    result.problems.clear();
    result.reason =
        "exited with " + std::to_string(outcome->exit_code) + "; every failure is a known one";
  }
  return result;
}

}  // namespace writ::executors
