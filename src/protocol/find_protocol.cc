#include "protocol/find_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/file.h"
#include "base/suggest.h"
#include "crypto/digest.h"
#include "protocol/embedded.h"
#include "protocol/enum_text.h"

namespace writ::protocol {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 256;

struct Version {
  std::array<std::uint32_t, 3> parts{};
  std::size_t count = 0;

  bool matches(const Version& wanted) const {
    return std::equal(wanted.parts.begin(),
                      wanted.parts.begin() + static_cast<std::ptrdiff_t>(wanted.count),
                      parts.begin());
  }
};

bool parse_version(std::string_view text, Version& out) {
  out = {};
  while (out.count < 3) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const auto read = std::from_chars(text.data(), text.data() + end, out.parts[out.count]);
    if (read.ec != std::errc() || read.ptr != text.data() + end) return false;
    ++out.count;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
  return false;
}

std::string_view text_of(const SourceDocument& source, std::string_view key) {
  return source.document.root.string_or(key, "");
}

// "zero-tolerance-session.yaml" → "zero-tolerance-session"; a test holds packs to it.
std::string_view pack_id(const EmbeddedFile& file) {
  return file.path.substr(0, file.path.rfind('.'));
}

}  // namespace

bool parse_reference(std::string_view text, Reference& out) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::size_t slash = std::min(text.find('/', at), text.size());
  out.id = text.substr(0, at);
  out.version = text.substr(at + 1, slash - at - 1);
  out.profile = slash == text.size() ? std::string_view() : text.substr(slash + 1);
  Version version;
  return parse_version(out.version, version) && (slash == text.size() || !out.profile.empty());
}

Authority authority_of(const Value& protocol) {
  Authority authority = Authority::default_;
  parse_text(protocol.string_or("authority", ""), authority);
  return authority;
}

void ProtocolFinder::take(Result<Document> document, std::string_view file) {
  if (!document) {
    for (const Diagnostic& d : document.error().diagnostics) broken_.push_back(d);
    if (document.error().diagnostics.empty()) {
      broken_.push_back({std::string(file), {}, document.error().message, {}});
    }
    return;
  }
  SourceDocument source;
  source.file = file;
  source.digest = crypto::sha256(document->text).hex();
  source.document = *std::move(document);
  source.label = std::string(text_of(source, "id")) + "@" + std::string(text_of(source, "version"));
  source.authority = authority_of(source.document.root);
  documents_.push_back(std::move(source));
}

void ProtocolFinder::read_repository() {
  const fs::path directory = root_ / ".writ" / "protocols";
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(directory, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    const std::string extension = at->path().extension().string();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") {
      files.push_back(at->path());
    }
    if (files.size() > kMaxFiles) break;
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const std::string name = ".writ/protocols/" + file.filename().string();
    auto text = read_file(file, DocumentLimits{}.max_bytes);
    take(text ? parse_document(name, *std::move(text))
              : Result<Document>(std::unexpected(std::move(text).error())),
         name);
  }
  own_ = documents_.size();
}

void ProtocolFinder::read_embedded(std::string_view id) {
  for (const EmbeddedFile& file : embedded::packs()) {
    if (pack_id(file) != id || !embedded_read_.insert(std::string(id)).second) continue;
    const std::string name = "builtin:" + std::string(file.path);
    take(parse_document(name, std::string(file.bytes)), name);
  }
}

const SourceDocument* ProtocolFinder::find(const Reference& reference, const SourceDocument& from,
                                           Position at, std::vector<Diagnostic>& problems) {
  if (!has_read_) {
    has_read_ = true;
    read_repository();
  }
  read_embedded(reference.id);
  Version wanted;
  parse_version(reference.version, wanted);
  const SourceDocument* best = nullptr;
  Version best_version;
  bool best_is_own = false;
  std::vector<std::string_view> known;
  std::string versions;
  for (const EmbeddedFile& file : embedded::packs()) known.push_back(pack_id(file));
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    const SourceDocument& candidate = documents_[i];
    Version version;
    known.push_back(text_of(candidate, "id"));
    if (known.back() != reference.id) continue;
    versions += " " + std::string(text_of(candidate, "version"));
    if (!parse_version(text_of(candidate, "version"), version) || !version.matches(wanted))
      continue;
    if (i >= own_ && best_is_own) break;
    if (best != nullptr && version.parts <= best_version.parts) continue;
    best = &candidate;
    best_version = version;
    best_is_own = i < own_;
  }
  if (best != nullptr) return best;
  problems.push_back(from.document.diagnostic(
      at,
      "there is no protocol " + reference.id + "@" + reference.version +
          (versions.empty() ? did_you_mean(reference.id, known) : ", only" + versions),
      "Protocols are in .writ/protocols and in the binary (docs/formats/protocol.md)"));
  // Perhaps it is in a file that cannot be read.
  problems.insert(problems.end(), broken_.begin(), broken_.end());
  broken_.clear();
  return nullptr;
}

}  // namespace writ::protocol
