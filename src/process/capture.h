#pragma once
// What a command prints: kept whole up to a limit, redacted, and passed on as it comes.
#include <string>
#include <string_view>
#include <vector>

#include "process/command.h"
#include "process/file_descriptor.h"
#include "process/redactor.h"

namespace writ::process {

class Capture {
 public:
  // `sink` is borrowed and may be empty.
  Capture(FileDescriptor out, FileDescriptor err, const std::vector<std::string>& secrets,
          Bytes limit, const OutputSink& sink);

  // For poll; -1 when the stream has ended.
  int descriptor(Stream stream) const { return channel(stream).source.get(); }
  // Reads what is there, without blocking, a bounded amount at a time. False: nothing more now.
  bool read(Stream stream);
  // Reads all that is left in the pipes, and releases what redaction held back.
  void finish();

  bool is_over_limit() const { return is_over_limit_; }
  std::string take(Stream stream) { return std::move(channel(stream).text); }

 private:
  struct Channel {
    FileDescriptor source;
    Redactor redactor;
    std::string text;
  };
  Channel& channel(Stream stream) { return stream == Stream::out ? out_ : err_; }
  const Channel& channel(Stream stream) const { return stream == Stream::out ? out_ : err_; }
  void keep(Stream stream, std::string_view redacted);

  Channel out_;
  Channel err_;
  std::uint64_t left_;
  bool is_over_limit_ = false;
  const OutputSink& sink_;
};

}  // namespace writ::process
