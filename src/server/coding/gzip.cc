#include "server/coding/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace writ::server {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window, in gzip's frame
constexpr int kMemory = 8;

// zlib never writes to its input.
Bytef* input(std::string_view bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

// One member; `bytes` loses what belongs to it.
Unpacked::Outcome unpack_member(z_stream& stream, std::string_view& bytes, std::size_t limit,
                                std::string& out) {
  using enum Unpacked::Outcome;
  std::array<char, std::size_t{32} << 10> piece{};
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  for (int done = Z_OK; done != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    done = ::inflate(&stream, Z_NO_FLUSH);
    if (done != Z_OK && done != Z_STREAM_END) return broken;
    const std::size_t count = piece.size() - stream.avail_out;
    if (count > limit - out.size()) return too_large;
    out.append(piece.data(), count);
    // More input is wanted than there is.
    if (done == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) return broken;
  }
  bytes.remove_prefix(bytes.size() - stream.avail_in);
  return whole;
}

}  // namespace

Result<std::string> gzip(std::string_view bytes, int level) {
  z_stream stream{};
  if (::deflateInit2(&stream, level, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(Code::internal, "there is no memory for compressing");
  }
  std::string out(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (done != Z_STREAM_END) return fail(Code::internal, "it could not be compressed");
  return out;
}

Unpacked gunzip(std::string_view bytes, std::size_t limit) {
  Unpacked out;
  z_stream stream{};
  if (bytes.empty() || ::inflateInit2(&stream, kGzip) != Z_OK) return out;
  out.outcome = Unpacked::Outcome::whole;
  while (!bytes.empty() && out.outcome == Unpacked::Outcome::whole) {
    out.outcome = unpack_member(stream, bytes, limit, out.bytes);
    ::inflateReset(&stream);
  }
  ::inflateEnd(&stream);
  if (out.outcome != Unpacked::Outcome::whole) out.bytes.clear();
  return out;
}

}  // namespace writ::server
