#pragma once
// Where log records go: JSON lines for machines, detailed text for people.
#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>

#include "base/result.h"
#include "observe/log.h"

namespace writ::observe {

// One record as a JSON object in one line, without the line's end: time, level, component, event,
// message, thread_id, trace_id, span_id, then its attributes. An attribute that would hide one of
// those is named "attribute.<name>".
std::string to_json_line(const LogRecord& record);
// "2026-11-21T20:15:02.000301Z WARNING server request.refused: message  status=429 trace=…";
// control characters are escaped, so that one record is one line whatever it carries.
std::string to_text_line(const LogRecord& record);

// JSON lines. `out` is borrowed; flushed after each record, so that nothing is lost in a crash.
std::unique_ptr<LogSink> make_json_lines_sink(std::ostream& out);

struct RotationOptions {
  std::filesystem::path file;         // "writ.log"; older ones are "writ.1.log", …
  std::size_t max_bytes = 16u << 20;  // of one file
  std::size_t max_files = 8;          // older ones are deleted
};
// Text in files that only their owner can read. Errors: invalid_input (no files to rotate through),
// storage_failed (the file cannot be opened). A disk that fills up later loses records, which
// `lost_records` counts, and stops nobody.
class TextFileSink : public LogSink {
 public:
  static Result<std::unique_ptr<TextFileSink>> open(const RotationOptions& options);
  virtual std::uint64_t lost_records() const = 0;
};

}  // namespace writ::observe
