#include "protocol/read_step_kinds.h"

#include <algorithm>

#include "base/suggest.h"
#include "base/words.h"
#include "protocol/check_names.h"
#include "protocol/read_test_demands.h"

namespace writ::protocol {
namespace {

Value array_of(std::vector<std::string> texts) {
  Array array;
  for (std::string& text : texts) array.push_back(std::move(text));
  return array;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, std::min(text.find('\n'), std::size_t{100})));
}

// A command as a list of words, from either form; empty, and reported, when it is none.
std::vector<std::string> command_words(Reading& reading, const Value& what) {
  if (what.is_array()) {
    std::vector<std::string> words = Reading::texts(&what);
    if (words.empty() || words[0].empty()) reading.report(what.at(), "the command is empty");
    return words;
  }
  if (!what.is_string()) return {};
  auto words = split_words(what.as_string());
  if (words) return *std::move(words);
  reading.report(what.at(), words.error().message, std::string(words.error().remedy()));
  return {};
}

// Limits as plain numbers of milliseconds and bytes.
std::int64_t plain(Duration duration) { return duration.count(); }
std::int64_t plain(Bytes bytes) { return static_cast<std::int64_t>(bytes.count); }

template <typename Amount>
void read_amount(Reading& reading, const Value& limits, std::string_view key,
                 Result<Amount> (*parse)(std::string_view), Object& out) {
  const Value* text = limits.find(key);
  if (text == nullptr || !text->is_string()) return;
  auto amount = parse(text->as_string());
  if (amount) {
    out.append(std::string(key), plain(*amount));
  } else {
    reading.report(text->at(), amount.error().message, std::string(amount.error().remedy()));
  }
}

void read_limits(Reading& reading, const Value& step, Object& with) {
  const Value* limits = step.find("limits");
  if (limits == nullptr) return;
  Object out;
  read_amount<Duration>(reading, *limits, "cpu", &parse_duration, out);
  for (const std::string_view key : {"memory", "file_size", "output"}) {
    read_amount<Bytes>(reading, *limits, key, &parse_bytes, out);
  }
  for (const std::string_view key : {"processes", "open_files"}) {
    if (const Value* count = limits->find(key)) out.append(std::string(key), *count);
  }
  with.append("limits", std::move(out));
}

void read_environment(const Value& step, Object& with) {
  if (const Value* env = step.find("env"); env != nullptr && env->is_object()) {
    with.append("env", *env);
  }
  for (const std::string_view key : {"env_allow", "secrets"}) {
    if (const Value* names = step.find(key)) with.append(std::string(key), *names);
  }
}

// A `with` parameter that names scan rules or sets.
void check_scan_rules(Reading& reading, const Value& rules) {
  const auto ids = scan_rule_ids();
  for (const NameAt& name : Reading::names(&rules)) {
    if (is_scan_set(name.name) || std::ranges::find(ids, name.name) != ids.end()) continue;
    reading.report(name.at,
                   "there is no scan rule `" + name.name + "`" + did_you_mean(name.name, ids),
                   "`writ scan --list` shows the rules; `zero-tolerance` names them all");
  }
}

void check_scan_scope(Reading& reading, const Value& scope) {
  constexpr std::string_view kScopes[] = {"changed", "may_change", "tree"};
  const std::string name = scope.is_string() ? scope.as_string() : std::string();
  if (std::ranges::find(kScopes, name) != std::end(kScopes)) return;
  reading.report(scope.at(), "a scan looks at may_change, changed or tree, not `" + name + "`",
                 "Leave `scope` out for what the spec may change");
}

// The parameters of a check, in the one form that executors read.
Value check_parameters(Reading& reading, const CheckRow& row, const Value& with) {
  Object out;
  const std::vector<std::string_view> known = cell_words(row.parameters);
  for (const Member& member : with.as_object()) {
    if (std::ranges::find(known, member.key) == known.end()) {
      reading.report(
          member.key_at,
          "check `" + std::string(row.name) + "` has no parameter `" + member.key + "`" +
              did_you_mean(member.key, known),
          known.empty() ? "Leave `with` out" : "It takes: " + std::string(row.parameters));
    } else if (member.key == "rules") {
      check_scan_rules(reading, member.value);
      out.append("rules", array_of(expand_scan_rules(Reading::texts(&member.value))));
    } else if (member.key == "scope") {
      check_scan_scope(reading, member.value);
      out.append("scope", member.value);
    } else if (member.key == "command") {
      out.append("command", array_of(command_words(reading, member.value)));
    } else if (member.key == "report") {
      out.append("report", reading.path(member.value));
    } else if (row.name == "test-evidence") {
      out.append(member.key, read_test_demand(reading, member));
    } else {
      out.append(member.key, member.value);
    }
  }
  return out;
}

}  // namespace

void read_run(Reading& reading, const Value& step, const Value& what, PlanStep& out) {
  Object with;
  if (step.bool_or("shell", false)) {
    if (what.is_string()) {
      with.append("shell", what.as_string());
      out.title = first_line(what.as_string());
    } else {
      reading.report(what.at(), "a shell takes its command as text", "Write it as one string");
    }
  } else {
    std::vector<std::string> words = command_words(reading, what);
    out.title = first_line(joined(words));
    with.append("argv", array_of(std::move(words)));
  }
  read_environment(step, with);
  if (const Value* directory = step.find("dir")) with.append("directory", reading.path(*directory));
  read_limits(reading, step, with);
  if (const Value* sandbox = step.find("sandbox")) with.append("sandbox", *sandbox);
  out.with = std::move(with);
}

void read_check(Reading& reading, const Value& step, const Value& what, PlanStep& out) {
  if (!what.is_string()) return;
  const CheckRow* row = find_check(what.as_string());
  if (row == nullptr) {
    std::vector<std::string_view> names;
    for (const CheckRow& known : check_table()) names.push_back(known.name);
    reading.report(
        what.at(),
        "there is no check `" + what.as_string() + "`" + did_you_mean(what.as_string(), names),
        "docs/formats/checks.md lists the checks");
    return;
  }
  out.title = row->title;
  const Value* with = step.find("with");
  const bool has_with = with != nullptr && with->is_object();
  out.with = Object{{"check", row->name},
                    {"with", has_with ? check_parameters(reading, *row, *with) : Object{}}};
}

void read_approval(Reading& reading, const Value&, const Value& what, PlanStep& out) {
  const std::string_view by = what.is_string() ? what.as_string() : what.string_or("by", "");
  if (!by.starts_with("role:") || by.size() == 5) {
    reading.report(what.at(), "an approval says whose it is",
                   "Write `approval: {by: role:maintainer}`");
  }
  out.with = Object{{"by", by}, {"not", what.string_or("not", "runner")}};
  out.title = "Approval by " + std::string(by);
}

void read_external(Reading& reading, const Value&, const Value& what, PlanStep& out) {
  const std::string_view instructions =
      what.is_string() ? what.as_string() : what.string_or("instructions", "");
  if (instructions.empty()) {
    reading.report(what.at(), "an external step says what is to be done",
                   "Write `external: <instructions>`");
  }
  Object with{{"instructions", instructions}};
  if (const std::string_view by = what.string_or("by", ""); !by.empty()) with.append("by", by);
  out.with = std::move(with);
  out.title = first_line(instructions);
}

void read_wait(Reading& reading, const Value&, const Value& what, PlanStep& out) {
  const auto time = reading.duration(what.is_object() ? what.find("for") : &what);
  if (!time) return;
  out.with = Object{{"for", static_cast<std::int64_t>(time->count())}};
  out.title = "Wait " + to_text(*time);
}

void read_child_spec(Reading& reading, const Value&, const Value& what, PlanStep& out) {
  const Value* named = what.is_object() ? what.find("path") : &what;
  if (named == nullptr) return;  // the contract has said so
  const std::string path = reading.path(*named);
  Object with{{"path", path}};
  const bool is_packet = what.bool_or("worktree", false);
  if (is_packet) with.append("worktree", true);
  out.with = std::move(with);
  out.title = (is_packet ? "Packet " : "Spec ") + path;
}

}  // namespace writ::protocol
