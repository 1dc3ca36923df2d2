#include "observe/log_sinks.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <ostream>

#include "base/json.h"
#include "observe/redact.h"

namespace writ::observe {
namespace {

constexpr std::array<std::string_view, 8> kOwnNames = {
    "time", "level", "component", "event", "message", "thread_id", "trace_id", "span_id"};

Value value_of(const Attribute& attribute) {
  if (const auto* text = std::get_if<std::string_view>(&attribute.value)) {
    return is_secret_name(attribute.name) ? Value(kMasked) : Value(redact(*text));
  }
  if (const auto* is = std::get_if<bool>(&attribute.value)) return {*is};
  if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) return {*number};
  return {std::get<double>(attribute.value)};
}

std::string name_of(const Attribute& attribute) {
  const bool is_taken = std::ranges::find(kOwnNames, attribute.name) != kOwnNames.end();
  return (is_taken ? "attribute." : "") + std::string(attribute.name);
}

// Control characters as C writes them: no record forges another one.
std::string in_one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out.append("\\x").append({kDigits[byte >> 4], kDigits[byte & 15]});
    } else {
      out += c;
    }
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return out;
}

class JsonLinesSink final : public LogSink {
 public:
  explicit JsonLinesSink(std::ostream& out) : out_(out) {}

  void take(const LogRecord& record) override {
    const std::string line = to_json_line(record) + "\n";
    const std::lock_guard lock(mutex_);
    out_ << line << std::flush;
  }

 private:
  std::mutex mutex_;
  std::ostream& out_;
};

class RotatingTextSink final : public TextFileSink {
 public:
  explicit RotatingTextSink(const RotationOptions& options)
      : files_(options.file.string(), options.max_bytes, options.max_files, false,
               private_files()) {}

  void take(const LogRecord& record) override {
    const std::string line = to_text_line(record) + "\n";
    spdlog::details::log_msg message;
    message.payload = line;
    const std::lock_guard lock(mutex_);
    try {
      files_.log(message);
      files_.flush();
    } catch (const spdlog::spdlog_ex&) {
      lost_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  std::uint64_t lost_records() const override { return lost_.load(std::memory_order_relaxed); }

  // Without a pattern: lines are whole already.
  class Verbatim final : public spdlog::formatter {
   public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
      out.append(message.payload.begin(), message.payload.end());
    }
    std::unique_ptr<spdlog::formatter> clone() const override {
      return std::make_unique<Verbatim>();
    }
  };

  void begin() { files_.set_formatter(std::make_unique<Verbatim>()); }

 private:
  static spdlog::file_event_handlers private_files() {
    spdlog::file_event_handlers handlers;
    handlers.after_open = [](const spdlog::filename_t&, std::FILE* file) {
      ::fchmod(::fileno(file), S_IRUSR | S_IWUSR);
    };
    return handlers;
  }

  std::mutex mutex_;
  spdlog::sinks::rotating_file_sink_st files_;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace

std::string to_json_line(const LogRecord& record) {
  Object line;
  line.append("time", to_rfc3339(record.time));
  line.append("level", kLevels.name(record.level));
  line.append("component", record.component);
  line.append("event", record.event);
  line.append("message", redact(record.message));
  line.append("thread_id", record.thread);
  if (record.trace != nullptr) {
    line.append("trace_id", record.trace->trace.hex());
    line.append("span_id", record.trace->span.hex());
  }
  for (const Attribute& attribute : record.attributes) {
    line.set(name_of(attribute), value_of(attribute));
  }
  return to_json(Value(std::move(line)));
}

std::string to_text_line(const LogRecord& record) {
  std::string line = to_rfc3339(record.time) + " " + upper(kLevels.name(record.level)) + " ";
  line.append(record.component).append(" ").append(record.event).append(": ");
  line += in_one_line(redact(record.message));
  for (const Attribute& attribute : record.attributes) {
    const Value value = value_of(attribute);
    line.append(" ").append(attribute.name).append("=").append(to_json(value));
  }
  line += " thread=" + std::to_string(record.thread);
  if (record.trace != nullptr) {
    line += " trace=" + record.trace->trace.hex() + " span=" + record.trace->span.hex();
  }
  return line;
}

std::unique_ptr<LogSink> make_json_lines_sink(std::ostream& out) {
  return std::make_unique<JsonLinesSink>(out);
}

Result<std::unique_ptr<TextFileSink>> TextFileSink::open(const RotationOptions& options) {
  if (options.max_files == 0 || options.max_bytes == 0) {
    return fail(Code::invalid_input, "a log without files or without bytes keeps nothing");
  }
  try {
    auto sink = std::make_unique<RotatingTextSink>(options);
    sink->begin();
    return sink;
  } catch (const spdlog::spdlog_ex& problem) {
    return fail(Code::storage_failed, "the log " + options.file.string() + " cannot be opened",
                "Check that its folder exists and that this user may write to it");
  }
}

}  // namespace writ::observe
