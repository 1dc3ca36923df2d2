// writ ledger append: one event, or a stream of them, a line each.
#include <fmt/format.h>

#include <fstream>
#include <istream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/signing_key.h"
#include "cli/wiring.h"
#include "ledger/event_signature.h"
#include "ledger/ingest.h"

namespace writ::cli {
namespace {

constexpr std::size_t kMaxEventBytes = 2u << 20;
// Events of a stream that share a transaction.
constexpr std::size_t kBatch = 256;

struct Input {
  std::istream* in = nullptr;
  std::ifstream file;
  std::string name;
};

Result<std::unique_ptr<Input>> open_input(const CommandContext& context) {
  auto input = std::make_unique<Input>();
  const std::string named = context.arguments.positional("FILE");
  if (named.empty() || named == "-") {
    input->in = &context.wiring.in;
    input->name = "standard input";
    return input;
  }
  input->file.open(context.path(named), std::ios::binary);
  if (!input->file) return fail(Code::not_found, "cannot open " + named);
  input->in = &input->file;
  input->name = named;
  return input;
}

// Up to the end or, where `delimiter` is given, to the next one; nothing at the end. What is
// larger than an event may be is refused before it is in memory.
Result<std::optional<std::string>> read_text(Input& input, std::optional<char> delimiter) {
  std::string text;
  for (char c = 0; input.in->get(c);) {
    if (delimiter && c == *delimiter) return text;
    if (text.size() == kMaxEventBytes) {
      return fail(Code::invalid_input,
                  fmt::format("an event is larger than {} bytes", kMaxEventBytes),
                  "Put what is large into a file of its own and its digest into the event");
    }
    text += c;
  }
  if (input.in->bad()) return fail(Code::storage_failed, input.name + " cannot be read");
  if (text.empty()) return std::nullopt;
  return text;
}

class Appender {
 public:
  Appender(const CommandContext& context, Project& project)
      : context_(context), project_(project) {}

  Result<void> prepare() {
    for (const crypto::KeyInfo& key : project_.keyring().list()) keys_.push_back(key.key);
    if (!context_.arguments.has("--sign") && !context_.arguments.value("--key")) return {};
    WRIT_TRY(crypto::SecretKey key, signer_of(context_, project_));
    signer_.emplace(std::move(key));
    return {};
  }

  Result<ledger::Entry> entry_of(const std::string& text, const std::string& name) {
    WRIT_TRY(const Value value, parse_json(text, name));
    WRIT_TRY(ledger::Entry entry,
             ledger::ingest_entry(project_.ledger(), value, {context_.wiring.clock, actor()}));
    if (signer_) WRIT_CHECK(ledger::sign_entry(entry, *signer_));
    WRIT_CHECK(ledger::check_signatures(entry, keys_));
    return entry;
  }

  Result<std::vector<EventId>> append(const std::vector<ledger::Entry>& entries) {
    return project_.store().write(
        [&](store::Tx& tx) { return project_.ledger().append_all(tx, entries); });
  }

 private:
  // Of events that name nobody.
  std::string actor() const {
    const crypto::KeyInfo* const active = project_.keyring().active();
    return active != nullptr ? "key:" + active->id.hex : "";
  }

  const CommandContext& context_;
  Project& project_;
  std::vector<crypto::PublicKey> keys_;
  std::optional<crypto::SecretKey> signer_;
};

Result<int> append_one(const CommandContext& context, Project& project, Appender& appender,
                       Input& input) {
  WRIT_TRY(const auto text, read_text(input, std::nullopt));
  WRIT_TRY(ledger::Entry entry, appender.entry_of(text.value_or(""), input.name));
  WRIT_TRY(const auto ids, appender.append({std::move(entry)}));
  WRIT_CHECK(project.ledger().sequence());
  WRIT_TRY(const ledger::Event event, project.ledger().get(ids.front()));
  report(context, ledger::to_cloud_event(event),
         fmt::format("appended {} at index {}\n", ids.front().text(), event.index.value_or(0)));
  return 0;
}

// What came before a line that is refused stays in the log, whole batches of it; the same stream
// again goes on behind them, because an event that is there is taken for what it is.
Result<int> append_lines(const CommandContext& context, Project& project, Appender& appender,
                         Input& input) {
  std::uint64_t taken = 0;
  std::uint64_t line = 0;
  std::vector<ledger::Entry> batch;
  const auto flush = [&]() -> Result<void> {
    WRIT_CHECK(appender.append(batch));
    taken += batch.size();
    batch.clear();
    WRIT_CHECK(project.ledger().sequence());
    return {};
  };
  const auto at_line = [&](Error error) {
    return std::move(error).context(
        fmt::format("{}, line {}; {} events before it are in the log", input.name, line, taken));
  };
  while (true) {
    ++line;
    auto read = read_text(input, '\n');
    if (!read) return std::unexpected(at_line(std::move(read.error())));
    const std::optional<std::string> text = *std::move(read);
    if (!text) break;
    if (text->find_first_not_of(" \t\r") == std::string::npos) continue;
    auto entry = appender.entry_of(*text, fmt::format("{}, line {}", input.name, line));
    if (!entry) return std::unexpected(at_line(std::move(entry.error())));
    batch.push_back(*std::move(entry));
    if (batch.size() == kBatch) WRIT_CHECK(flush());
  }
  if (!batch.empty()) WRIT_CHECK(flush());
  report(context, Object{{"appended", taken}}, fmt::format("appended {} events\n", taken));
  return 0;
}

}  // namespace

Result<int> ledger_append(const CommandContext& context) {
  WRIT_TRY(const auto project, open_project(context));
  WRIT_TRY(const auto input, open_input(context));
  Appender appender(context, *project);
  WRIT_CHECK(appender.prepare());
  return context.arguments.has("--lines") ? append_lines(context, *project, appender, *input)
                                          : append_one(context, *project, appender, *input);
}

}  // namespace writ::cli
