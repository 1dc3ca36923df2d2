// writ ledger append: one event, or a stream of them, a line each.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <istream>
#include <thread>
#include <utility>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/server_client.h"
#include "cli/signing_key.h"
#include "cli/wiring.h"
#include "ledger/event_signature.h"
#include "ledger/ingest.h"

namespace writ::cli {
namespace {

constexpr std::size_t kMaxEventBytes = 2u << 20;
// Events of a stream that share a transaction.
constexpr std::size_t kBatch = 256;
// A server takes 4 MiB in one request: so many bytes and one event more.
constexpr std::size_t kServerBatchBytes = 1u << 20;
constexpr int kLooksAtPlace = 40;
constexpr std::chrono::milliseconds kLookAgain{50};

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

// Where events go: they gather, and go into the log together.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // `name`: where `text` stands, for errors.
  virtual Result<void> take(const std::string& text, const std::string& name) = 0;
  virtual std::size_t count() const = 0;
  virtual bool is_full() const { return count() >= kBatch; }
  // All or none; what was taken is forgotten either way. The ids, in their order.
  virtual Result<std::vector<EventId>> flush() = 0;
  virtual Result<ledger::Event> get(EventId id) = 0;
};

bool wants_signature(const CommandContext& context) {
  return context.arguments.has("--sign") || context.arguments.value("--key").has_value();
}

class LocalSink final : public EventSink {
 public:
  static Result<std::unique_ptr<EventSink>> open(const CommandContext& context) {
    std::unique_ptr<LocalSink> sink(new LocalSink(context));
    WRIT_TRY(sink->project_, open_project(context));
    for (const crypto::KeyInfo& key : sink->project_->keyring().list()) {
      sink->keys_.push_back(key.key);
    }
    if (wants_signature(context)) {
      WRIT_TRY(sink->signer_, signer_of(context, *sink->project_));
    }
    return sink;
  }

  Result<void> take(const std::string& text, const std::string& name) override {
    WRIT_TRY(const Value value, parse_json(text, name));
    WRIT_TRY(ledger::Entry entry,
             ledger::ingest_entry(project_->ledger(), value, {context_.wiring.clock, actor()}));
    if (signer_) WRIT_CHECK(ledger::sign_entry(entry, *signer_));
    WRIT_CHECK(ledger::check_signatures(entry, keys_));
    batch_.push_back(std::move(entry));
    return {};
  }
  std::size_t count() const override { return batch_.size(); }
  Result<std::vector<EventId>> flush() override {
    const std::vector<ledger::Entry> batch = std::exchange(batch_, {});
    WRIT_TRY(auto ids, project_->store().write([&](store::Tx& tx) {
      return project_->ledger().append_all(tx, batch);
    }));
    WRIT_CHECK(project_->ledger().sequence());
    return ids;
  }
  Result<ledger::Event> get(EventId id) override { return project_->ledger().get(id); }

 private:
  explicit LocalSink(const CommandContext& context) : context_(context) {}
  // Of events that name nobody.
  std::string actor() const {
    const crypto::KeyInfo* const active = project_->keyring().active();
    return active != nullptr ? "key:" + active->id.hex : "";
  }

  const CommandContext& context_;
  std::unique_ptr<Project> project_;
  std::vector<crypto::PublicKey> keys_;
  std::optional<crypto::SecretKey> signer_;
  std::vector<ledger::Entry> batch_;
};

// The server fills in what an event leaves out, but not under a signature.
class ServerSink final : public EventSink {
 public:
  static Result<std::unique_ptr<EventSink>> open(const CommandContext& context,
                                                 std::unique_ptr<ServerClient> server) {
    std::unique_ptr<ServerSink> sink(new ServerSink(context, std::move(server)));
    WRIT_TRY(sink->signer_, named_key(context));
    if (!sink->signer_ && wants_signature(context)) {
      WRIT_TRY(sink->signer_, own_key(context));
    }
    return sink;
  }

  Result<void> take(const std::string& text, const std::string& name) override {
    WRIT_TRY(Value value, parse_json(text, name));
    const auto known = [this](EventId id) { return get(id); };
    const std::string actor = signer_ ? "key:" + signer_->id().hex : "";
    if (signer_) {
      ledger::Event event;
      WRIT_TRY(event.entry, ledger::ingest_entry(known, value, {context_.wiring.clock, actor}));
      WRIT_CHECK(ledger::sign_entry(event.entry, *signer_));
      value = ledger::to_cloud_event(event);
    } else {
      WRIT_CHECK(ledger::from_cloud_event(value));
    }
    bytes_ += text.size();
    batch_.push_back(std::move(value));
    return {};
  }
  std::size_t count() const override { return batch_.size(); }
  bool is_full() const override { return EventSink::is_full() || bytes_ >= kServerBatchBytes; }
  Result<std::vector<EventId>> flush() override {
    bytes_ = 0;
    Array batch = std::exchange(batch_, {});
    const bool is_one = batch.size() == 1;  // of many, errors name the event
    const Value body = is_one ? std::move(batch.front()) : Value(std::move(batch));
    WRIT_TRY(const Value answer,
             server_->post("/events", body,
                           is_one ? "application/json" : "application/cloudevents-batch+json"));
    std::vector<EventId> ids;
    const Value* const list = answer.find("ids");
    if (list == nullptr || !list->is_array()) {
      return fail(Code::unavailable, "the server's answer holds no ids");
    }
    for (const Value& item : list->as_array()) {
      WRIT_TRY(const EventId id, EventId::parse(item.is_string() ? item.as_string() : ""));
      ids.push_back(id);
    }
    return ids;
  }
  Result<ledger::Event> get(EventId id) override {
    WRIT_TRY(const Value answer, server_->get("/events/" + id.text()));
    return ledger::from_cloud_event(answer);
  }

 private:
  ServerSink(const CommandContext& context, std::unique_ptr<ServerClient> server)
      : context_(context), server_(std::move(server)) {}

  const CommandContext& context_;
  std::unique_ptr<ServerClient> server_;
  std::optional<crypto::SecretKey> signer_;
  Array batch_;
  std::size_t bytes_ = 0;
};

Result<std::unique_ptr<EventSink>> open_sink(const CommandContext& context) {
  WRIT_TRY(auto server, ServerClient::find(context));
  if (server != nullptr) return ServerSink::open(context, std::move(server));
  return LocalSink::open(context);
}

// A server gives events their places behind its answer, within moments.
Result<ledger::Event> placed(EventSink& sink, EventId id) {
  for (int looks = 1;; ++looks) {
    WRIT_TRY(ledger::Event event, sink.get(id));
    if (event.index || looks == kLooksAtPlace) return event;
    std::this_thread::sleep_for(kLookAgain);
  }
}

Result<int> append_one(const CommandContext& context, EventSink& sink, Input& input) {
  WRIT_TRY(const auto text, read_text(input, std::nullopt));
  WRIT_CHECK(sink.take(text.value_or(""), input.name));
  WRIT_TRY(const std::vector<EventId> ids, sink.flush());
  if (ids.size() != 1) return fail(Code::unavailable, "the server took another number of events");
  WRIT_TRY(const ledger::Event event, placed(sink, ids.front()));
  const std::string place =
      event.index ? fmt::format(" at index {}", *event.index) : "; its place in the log is to come";
  report(context, ledger::to_cloud_event(event),
         fmt::format("appended {}{}\n", ids.front().text(), place));
  return 0;
}

// What came before a line that is refused stays in the log, whole batches of it; the same stream
// again goes on behind them, because an event that is there is taken for what it is.
Result<int> append_lines(const CommandContext& context, EventSink& sink, Input& input) {
  std::uint64_t taken = 0;
  std::uint64_t line = 0;
  const auto flush = [&]() -> Result<void> {
    const std::size_t count = sink.count();
    WRIT_CHECK(sink.flush());
    taken += count;
    return {};
  };
  const auto at_line = [&](Error error) {
    return std::move(error).context(
        fmt::format("{}, line {}; {} events before it are in the log", input.name, line, taken));
  };
  const auto take_line = [&](const std::string& text) -> Result<void> {
    if (text.find_first_not_of(" \t\r") == std::string::npos) return {};
    WRIT_CHECK(sink.take(text, fmt::format("{}, line {}", input.name, line)));
    return sink.is_full() ? flush() : Result<void>();
  };
  while (true) {
    ++line;
    auto read = read_text(input, '\n');
    if (!read) return std::unexpected(at_line(std::move(read.error())));
    const std::optional<std::string> text = *std::move(read);
    if (!text) break;
    if (auto took = take_line(*text); !took) {
      return std::unexpected(at_line(std::move(took).error()));
    }
  }
  if (sink.count() > 0) WRIT_CHECK(flush());
  report(context, Object{{"appended", taken}}, fmt::format("appended {} events\n", taken));
  return 0;
}

}  // namespace

Result<int> ledger_append(const CommandContext& context) {
  WRIT_TRY(const auto sink, open_sink(context));
  WRIT_TRY(const auto input, open_input(context));
  return context.arguments.has("--lines") ? append_lines(context, *sink, *input)
                                          : append_one(context, *sink, *input);
}

}  // namespace writ::cli
