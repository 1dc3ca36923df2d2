// writ ledger: the tamper-evident log, looked at and added to by hand.
#include <fmt/format.h>

#include <charconv>
#include <istream>
#include <iterator>
#include <ostream>

#include "base/file.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/log_desk.h"
#include "cli/report.h"
#include "cli/style.h"
#include "cli/trust_file.h"
#include "cli/wiring.h"
#include "ledger/tiles.h"

namespace writ::cli {
namespace {

Result<EventId> event_of(const CommandContext& context) {
  return EventId::parse(context.arguments.positional("ID"));
}

// Of --trust FILE, else those that the log's desk knows.
Result<std::vector<crypto::PublicKey>> log_keys(const CommandContext& context, LogDesk& log) {
  const auto given = context.arguments.value("--trust");
  if (!given) return log.keys();
  WRIT_TRY(const identity::Trust trust, load_trust_file(context.path(*given)));
  return trust.public_keys();
}

Result<std::uint64_t> number_option(const CommandContext& context, std::string_view name,
                                    std::uint64_t fallback) {
  const auto text = context.arguments.value(name);
  if (!text) return fallback;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc{} && end == text->data() + text->size()) return number;
  return fail(Code::usage, fmt::format("{} takes a number, not {}", name, *text));
}

Result<std::optional<WallTime>> time_option(const CommandContext& context, std::string_view name) {
  const auto text = context.arguments.value(name);
  if (!text) return std::optional<WallTime>{};
  const auto time = parse_rfc3339(*text);
  if (time) return std::optional(*time);
  return fail(Code::usage, fmt::format("{} takes a time, not {}", name, *text),
              "Write it as 2026-03-01T12:00:00Z");
}

Result<ledger::Filter> filter_of(const CommandContext& context, LogDesk& log) {
  const auto text = [&](std::string_view name) {
    return context.arguments.value(name).value_or("");
  };
  ledger::Filter filter;
  if (context.arguments.has("--run")) {
    WRIT_TRY(filter.run, log.resolve_run(text("--run")));
  }
  filter.type = text("--type");
  filter.subject = text("--subject");
  filter.actor = text("--actor");
  filter.correlation = text("--correlation");
  filter.thread = text("--thread");
  WRIT_TRY(filter.from, time_option(context, "--from"));
  WRIT_TRY(filter.to, time_option(context, "--to"));
  filter.text = text("--text");
  WRIT_TRY(filter.after, number_option(context, "--after", 0));
  WRIT_TRY(const std::uint64_t limit, number_option(context, "--limit", filter.limit));
  filter.limit = static_cast<std::size_t>(limit);
  return filter;
}

void print_line(const CommandContext& context, const ledger::Event& event) {
  if (context.global.is_json) {
    context.wiring.out << to_json(ledger::to_cloud_event(event)) << "\n";
    return;
  }
  const std::string index = event.index ? std::to_string(*event.index) : "pending";
  context.wiring.out << fmt::format("{:>7}  {}  {}  {:28}  {}\n", index,
                                    to_rfc3339(event.entry.time), event.entry.id.text(),
                                    printable(event.entry.type), printable(event.entry.subject));
}

// The events under the head, payloads included, one a line.
Result<void> export_lines(const ledger::LogPages& log, const std::filesystem::path& file) {
  std::string lines;
  const auto add = [&](const ledger::Event& event) -> Result<void> {
    lines += to_json(ledger::to_cloud_event(event)) + "\n";
    return {};
  };
  WRIT_CHECK(ledger::for_each_event(log, add));
  return replace_file(file, lines);
}

std::string checkpoint_line(const ledger::Checkpoint& head) {
  return fmt::format("{}: {} events, root {}\n", head.origin, head.size, head.root.hex());
}

Value checkpoint_value(const ledger::Checkpoint& head) {
  return Object{
      {"origin", head.origin}, {"size", head.size}, {"root", head.root.hex()}, {"note", head.note}};
}

}  // namespace

Result<int> ledger_list(const CommandContext& context) {
  WRIT_TRY(const auto log, open_log_desk(context, LogUse::ask));
  WRIT_TRY(const ledger::Filter filter, filter_of(context, *log));
  WRIT_TRY(const std::vector<ledger::Event> events, log->list(filter));
  for (const ledger::Event& event : events) print_line(context, event);
  // A list that was cut says so.
  if (events.size() == filter.limit && filter.limit > 0 && !context.global.is_json) {
    context.wiring.err << fmt::format("there may be more: --after {}\n",
                                      events.back().index.value_or(0) + 1);
  }
  return 0;
}

Result<int> ledger_show(const CommandContext& context) {
  WRIT_TRY(const EventId id, event_of(context));
  WRIT_TRY(const auto log, open_log_desk(context, LogUse::ask));
  WRIT_TRY(const ledger::Event event, log->get(id));
  const Value value = ledger::to_cloud_event(event);
  context.wiring.out << (context.global.is_json ? to_json(value) + "\n" : to_pretty_json(value));
  return 0;
}

// A proof that does not hold is not handed on, whoever made it.
Result<int> ledger_prove(const CommandContext& context) {
  WRIT_TRY(const EventId id, event_of(context));
  WRIT_TRY(const auto log, open_log_desk(context, LogUse::ask));
  WRIT_TRY(const auto keys, log_keys(context, *log));
  WRIT_TRY(const ledger::Receipt receipt, log->receipt(id));
  WRIT_TRY(const ledger::Event event, log->get(id));
  WRIT_CHECK(ledger::verify_receipt(event, receipt, keys));
  const auto path = context.arguments.value("--out");
  if (path) WRIT_CHECK(replace_file(context.path(*path), receipt.text));
  const Object json{{"id", event.entry.id.text()},
                    {"index", receipt.index},
                    {"size", receipt.checkpoint.size},
                    {"proof", receipt.text}};
  report(context, json, path ? "wrote the proof to " + *path + "\n" : receipt.text);
  return 0;
}

Result<int> ledger_verify(const CommandContext& context) {
  WRIT_TRY(const auto log, open_log_desk(context, LogUse::verify));
  WRIT_TRY(const auto keys, log_keys(context, *log));
  WRIT_TRY(const CheckedLog checked, log->verify(keys));
  const ledger::LedgerReport& found = checked.report;
  Object json{{"events", found.events}};
  if (checked.knows_pending) json.append("pending", found.pending);
  json.append("erased", found.erased);
  if (found.newest) json.append("checkpoint", checkpoint_value(*found.newest));
  std::string text = fmt::format("the log holds: {} events, ", found.events);
  if (checked.knows_pending) text += fmt::format("{} pending, ", found.pending);
  text += fmt::format("{} payloads erased\n", found.erased);
  text += found.newest ? "  newest signed head  " + checkpoint_line(*found.newest)
                       : "  no head is signed yet: `writ ledger checkpoint` signs one\n";
  Array rests_on;
  for (const std::string& line : checked.rests_on) {
    text += (rests_on.empty() ? "  rests on\n    " : "    ") + printable(line) + "\n";
    rests_on.emplace_back(line);
  }
  if (!rests_on.empty()) json.append("rests_on", std::move(rests_on));
  report(context, json, text);
  return 0;
}

Result<int> ledger_checkpoint(const CommandContext& context) {
  WRIT_TRY(const auto log, open_log_desk(context, LogUse::ask));
  WRIT_TRY(const ledger::Checkpoint head, log->sign_head());
  report(context, checkpoint_value(head), head.note);
  return 0;
}

Result<int> ledger_export(const CommandContext& context) {
  const std::string format = context.arguments.value("--format").value_or("tiles");
  if (format != "tiles" && format != "jsonl") {
    return fail(Code::usage, "--format takes tiles or jsonl, not " + format);
  }
  WRIT_TRY(const auto log, open_log_desk(context, LogUse::ask));
  WRIT_TRY(const auto keys, log_keys(context, *log));
  WRIT_TRY(const ledger::LogPages pages, log->pages(keys));
  const std::filesystem::path out = context.path(context.arguments.value("--out").value_or(""));
  WRIT_CHECK(format == "tiles" ? ledger::export_tiles(pages, out) : export_lines(pages, out));
  report(context, Object{{"out", out.string()}, {"format", format}, {"events", pages.head.size}},
         fmt::format("wrote {} events to {}\n", pages.head.size, out.string()));
  return 0;
}

}  // namespace writ::cli
