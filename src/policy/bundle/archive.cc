#include "policy/bundle/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

namespace writ::rego {
namespace {

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;
using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

// Below this, whatever the ratio.
constexpr std::uint64_t kHarmless = 16u << 20;

std::unexpected<Error> bad(archive* from) {
  const char* said = archive_error_string(from);
  return fail(Code::invalid_input,
              std::string("not a whole gzipped tar: ") + (said != nullptr ? said : "it is cut off"),
              "Build it again, with `writ policy build`");
}

// Bundles write "/a", "./a" and "a" for the same file.
Result<std::string> clean_path(std::string_view path) {
  std::string out;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (segment.empty() || segment == ".") continue;
    if (segment == ".." || segment.find('\0') != std::string_view::npos) {
      return fail(Code::invalid_input, "path " + std::string(path) + " leaves the archive");
    }
    if (!out.empty()) out += '/';
    out += segment;
  }
  if (out.empty()) return fail(Code::invalid_input, "a file in the archive has no name");
  return out;
}

class Unpacking {
 public:
  Unpacking(std::string_view bytes, const ArchiveLimits& limits)
      : packed_(bytes.size()), limits_(limits), from_(archive_read_new(), &archive_read_free) {
    archive_read_support_filter_gzip(from_.get());
    archive_read_support_format_tar(from_.get());
    opened_ = archive_read_open_memory(from_.get(), bytes.data(), bytes.size()) == ARCHIVE_OK;
  }

  Result<std::vector<ArchiveFile>> files() {
    if (!opened_) return bad(from_.get());
    while (true) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(from_.get(), &entry);
      if (status == ARCHIVE_EOF) return std::move(files_);
      if (status != ARCHIVE_OK) return bad(from_.get());
      WRIT_CHECK(take(entry));
    }
  }

 private:
  Result<void> take(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) return bad(from_.get());
    if (archive_entry_filetype(entry) == AE_IFDIR) return {};
    const bool is_link = archive_entry_hardlink(entry) != nullptr;
    if (archive_entry_filetype(entry) != AE_IFREG || is_link) {
      return fail(Code::invalid_input, std::string(name) + " is no regular file",
                  "Put files into a bundle, not links or devices");
    }
    ArchiveFile file;
    WRIT_TRY(file.path, clean_path(name));
    if (!seen_.insert(file.path).second) {
      return fail(Code::invalid_input, file.path + " is twice in the archive");
    }
    if (files_.size() >= limits_.files) {
      return fail(Code::overloaded,
                  "the archive has more than " + std::to_string(limits_.files) + " files");
    }
    WRIT_CHECK(read_into(file));
    files_.push_back(std::move(file));
    return {};
  }

  // Not by the size that the header claims: by what comes.
  Result<void> read_into(ArchiveFile& file) {
    std::array<char, 64 * 1024> buffer;
    while (true) {
      const la_ssize_t count = archive_read_data(from_.get(), buffer.data(), buffer.size());
      if (count == 0) return {};
      if (count < 0) return bad(from_.get());
      file.bytes.append(buffer.data(), static_cast<std::size_t>(count));
      unpacked_ += static_cast<std::uint64_t>(count);
      const bool is_bomb = unpacked_ > kHarmless && unpacked_ / limits_.ratio > packed_;
      if (file.bytes.size() > limits_.file || unpacked_ > limits_.unpacked || is_bomb) {
        return fail(Code::overloaded, "the archive unpacks to more than is allowed, at " +
                                          file.path + " with " + std::to_string(unpacked_) +
                                          " bytes");
      }
    }
  }

  const std::uint64_t packed_;
  const ArchiveLimits& limits_;
  Reader from_;
  bool opened_ = false;
  std::uint64_t unpacked_ = 0;
  std::set<std::string, std::less<>> seen_;
  std::vector<ArchiveFile> files_;
};

la_ssize_t append_to(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

Result<std::vector<ArchiveFile>> read_archive(std::string_view bytes, const ArchiveLimits& limits) {
  if (bytes.size() > limits.packed) {
    return fail(Code::overloaded,
                "the archive has more than " + std::to_string(limits.packed) + " bytes");
  }
  return Unpacking(bytes, limits).files();
}

Result<std::string> write_archive(const std::vector<ArchiveFile>& files) {
  std::string out;
  const Writer to(archive_write_new(), &archive_write_free);
  archive_write_set_format_ustar(to.get());
  archive_write_add_filter_gzip(to.get());
  archive_write_set_filter_option(to.get(), "gzip", "timestamp", nullptr);
  archive_write_set_bytes_in_last_block(to.get(), 1);
  const auto failed = [&]() -> std::unexpected<Error> {
    return fail(Code::internal, std::string("writing a bundle: ") + archive_error_string(to.get()));
  };
  if (archive_write_open(to.get(), &out, nullptr, &append_to, nullptr) != ARCHIVE_OK) {
    return failed();
  }
  for (const ArchiveFile& file : files) {
    const Entry entry(archive_entry_new(), &archive_entry_free);
    archive_entry_set_pathname(entry.get(), ("/" + file.path).c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    if (archive_write_header(to.get(), entry.get()) != ARCHIVE_OK ||
        archive_write_data(to.get(), file.bytes.data(), file.bytes.size()) !=
            static_cast<la_ssize_t>(file.bytes.size())) {
      return failed();
    }
  }
  if (archive_write_close(to.get()) != ARCHIVE_OK) return failed();
  return out;
}

}  // namespace writ::rego
