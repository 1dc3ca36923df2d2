#include "process/capture.h"

#include <errno.h>
#include <fcntl.h>

#include <memory>

namespace writ::process {
namespace {

constexpr std::size_t kChunk = 64u << 10;  // a full pipe

void make_non_blocking(const FileDescriptor& fd) {
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

Capture::Capture(FileDescriptor out, FileDescriptor err, const std::vector<std::string>& secrets,
                 Bytes limit, const OutputSink& sink)
    : out_{std::move(out), Redactor(secrets), {}},
      err_{std::move(err), Redactor(secrets), {}},
      left_(limit.count),
      sink_(sink) {
  make_non_blocking(out_.source);
  make_non_blocking(err_.source);
}

bool Capture::read(Stream stream) {
  Channel& from = channel(stream);
  if (!from.source.is_open()) return false;
  char buffer[kChunk];
  const ssize_t count = ::read(from.source.get(), buffer, sizeof buffer);
  if (count < 0 && errno == EINTR) return true;
  if (count < 0 && errno == EAGAIN) return false;
  if (count <= 0) {
    from.source.reset();
    return false;
  }
  std::string_view bytes(buffer, static_cast<std::size_t>(count));
  if (bytes.size() > left_) {
    is_over_limit_ = true;
    bytes = bytes.substr(0, static_cast<std::size_t>(left_));
  }
  left_ -= bytes.size();
  keep(stream, from.redactor.feed(bytes));
  return true;
}

void Capture::finish() {
  for (const Stream stream : {Stream::out, Stream::err}) {
    // Past the limit a surviving process could print for ever.
    while (!is_over_limit_ && read(stream)) {
    }
    keep(stream, channel(stream).redactor.finish());
    channel(stream).source.reset();
  }
}

void Capture::keep(Stream stream, std::string_view redacted) {
  if (redacted.empty()) return;
  channel(stream).text += redacted;
  if (sink_) sink_(stream, redacted);
}

}  // namespace writ::process
