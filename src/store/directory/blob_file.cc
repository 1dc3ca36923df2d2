#include "store/directory/blob_file.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace writ::store {
namespace {

constexpr int kLevel = 3;
// A skippable frame (RFC 8878 section 3.1.2): magic number, length 32, both little-endian.
constexpr std::string_view kTrailerHead("\x50\x2a\x4d\x18\x20\x00\x00\x00", 8);
constexpr std::size_t kTrailerBytes = 8 + 32;

struct FreeEncoder {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecoder {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::unexpected<Error> damaged(const std::filesystem::path& path, std::string_view how) {
  return fail(Code::tampered, "the blob " + path.string() + " is damaged: " + std::string(how),
              "Restore this file from a backup or another copy of the run");
}

// One costs more to make than a small blob to read: each thread keeps one for the next.
class DecoderLoan {
 public:
  DecoderLoan() : context_(std::move(kept())) {
    if (context_ == nullptr) context_.reset(ZSTD_createDCtx());
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
  }
  ~DecoderLoan() { kept() = std::move(context_); }
  DecoderLoan(const DecoderLoan&) = delete;
  DecoderLoan& operator=(const DecoderLoan&) = delete;
  ZSTD_DCtx* get() const { return context_.get(); }

 private:
  using Context = std::unique_ptr<ZSTD_DCtx, FreeDecoder>;
  static Context& kept() {
    thread_local Context context;
    return context;
  }
  Context context_;  // ours alone meanwhile: a sink may read another blob
};

// Not filled before use.
struct Buffer {
  explicit Buffer(std::size_t length)
      : bytes(std::make_unique_for_overwrite<char[]>(length)), size(length) {}
  char* data() const { return bytes.get(); }
  const std::unique_ptr<char[]> bytes;
  const std::size_t size;
};

// What decode_blob needs beyond the file.
struct Decoding {
  const std::filesystem::path& path;
  std::uint64_t max_bytes;
  const std::function<Result<void>(std::string_view)>& sink;
  DecoderLoan context = {};
  Buffer out = Buffer(ZSTD_DStreamOutSize());
  crypto::Sha256 plain = {};
  std::uint64_t total = 0;
  bool is_complete = false;  // the frame has ended
};

Result<void> pass_on(Decoding& decoding, std::string_view bytes) {
  decoding.total += bytes.size();
  if (decoding.total > decoding.max_bytes) {
    return fail(Code::invalid_input, "the blob " + decoding.path.string() + " is larger than " +
                                         std::to_string(decoding.max_bytes) + " bytes");
  }
  decoding.plain.update(bytes);
  return decoding.sink(bytes);
}

Result<void> decode_piece(Decoding& decoding, std::string_view piece) {
  ZSTD_inBuffer in{piece.data(), piece.size(), 0};
  for (bool has_more = true; has_more || in.pos < in.size;) {
    if (decoding.is_complete) return damaged(decoding.path, "bytes after its end");
    ZSTD_outBuffer out{decoding.out.data(), decoding.out.size, 0};
    const std::size_t state = ZSTD_decompressStream(decoding.context.get(), &out, &in);
    if (ZSTD_isError(state) != 0) return damaged(decoding.path, ZSTD_getErrorName(state));
    decoding.is_complete = state == 0;
    has_more = out.pos == out.size && !decoding.is_complete;
    WRIT_CHECK(pass_on(decoding, {decoding.out.data(), out.pos}));
  }
  return {};
}

// Reads the compressed frame, feeds it to `decoding` and returns its digest.
Result<crypto::Digest> decode_frame(const File& file, std::uint64_t size, Decoding& decoding) {
  crypto::Sha256 packed;
  const Buffer in(ZSTD_DStreamInSize());
  for (std::uint64_t at = 0; at < size;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(in.size, size - at));
    WRIT_TRY(const std::size_t got, read_at(file, at, {in.data(), want}, decoding.path));
    if (got != want) return damaged(decoding.path, "it was cut while being read");
    packed.update({in.data(), got});
    WRIT_CHECK(decode_piece(decoding, {in.data(), got}));
    at += got;
  }
  return packed.finish();
}

}  // namespace

struct BlobEncoder::State {
  std::unique_ptr<ZSTD_CCtx, FreeEncoder> context{ZSTD_createCCtx()};
  Buffer out = Buffer(ZSTD_CStreamOutSize());
  crypto::Sha256 packed;

  Result<void> run(std::string_view bytes, ZSTD_EndDirective directive, const File& file,
                   const std::filesystem::path& path) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (bool is_done = false; !is_done;) {
      ZSTD_outBuffer piece{out.data(), out.size, 0};
      const std::size_t left = ZSTD_compressStream2(context.get(), &piece, &in, directive);
      if (ZSTD_isError(left) != 0) {
        return fail(Code::internal, std::string("compressing failed: ") + ZSTD_getErrorName(left));
      }
      const std::string_view made(out.data(), piece.pos);
      packed.update(made);
      WRIT_CHECK(write_all(file, made, path));
      is_done = directive == ZSTD_e_end ? left == 0 : in.pos == in.size;
    }
    return {};
  }
};

BlobEncoder::BlobEncoder() : state_(std::make_unique<State>()) {
  ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_compressionLevel, kLevel);
}

BlobEncoder::~BlobEncoder() = default;

Result<void> BlobEncoder::write(std::string_view bytes, const File& file,
                                const std::filesystem::path& path) {
  return state_->run(bytes, ZSTD_e_continue, file, path);
}

Result<void> BlobEncoder::finish(const File& file, const std::filesystem::path& path) {
  WRIT_CHECK(state_->run({}, ZSTD_e_end, file, path));
  std::string trailer(kTrailerHead);
  trailer += state_->packed.finish().view();
  return write_all(file, trailer, path);
}

Result<void> decode_blob(const File& file, const std::filesystem::path& path,
                         const crypto::Digest& digest, std::uint64_t max_bytes,
                         const std::function<Result<void>(std::string_view)>& sink) {
  WRIT_TRY(const std::uint64_t size, size_of(file, path));
  if (size <= kTrailerBytes) return damaged(path, "it is too short");
  std::array<char, kTrailerBytes> trailer{};
  WRIT_TRY(const auto got, read_at(file, size - kTrailerBytes, trailer, path));
  const std::string_view end(trailer.data(), got);
  if (!end.starts_with(kTrailerHead)) return damaged(path, "its end is not Writ's");

  Decoding decoding{path, max_bytes, sink};
  WRIT_TRY(const auto packed, decode_frame(file, size - kTrailerBytes, decoding));
  if (!decoding.is_complete) return damaged(path, "it is incomplete");
  if (packed.view() != end.substr(kTrailerHead.size())) {
    return damaged(path, "its bytes are not those that were written");
  }
  if (decoding.plain.finish() != digest) {
    return damaged(path, "its content does not have the digest it is named by");
  }
  return {};
}

}  // namespace writ::store
