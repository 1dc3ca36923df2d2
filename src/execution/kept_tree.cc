#include "execution/kept_tree.h"

#include <algorithm>
#include <charconv>

namespace writ::execution {
namespace {

constexpr std::uint64_t kMaxListing = 1u << 30;

std::unexpected<Error> no_listing() {
  return fail(Code::tampered, "a kept tree is no list of files");
}

// Takes one line of `listing_of` off the front of `text`.
Result<repo::TreeFile> take_file(std::string_view& text) {
  constexpr std::size_t kDigest = 64;
  const std::size_t space = text.find(' ');
  const std::size_t zero = text.find('\0');
  if (space == std::string_view::npos || zero == std::string_view::npos || zero < space ||
      text.size() < zero + 1 + kDigest + 1 || text[zero + 1 + kDigest] != '\n') {
    return no_listing();
  }
  repo::TreeFile file;
  const auto [end, error] = std::from_chars(text.data(), text.data() + space, file.mode, 8);
  if (error != std::errc() || end != text.data() + space) return no_listing();
  file.path = text.substr(space + 1, zero - space - 1);
  const auto digest = crypto::Digest::parse_hex(text.substr(zero + 1, kDigest));
  if (!digest) return no_listing();
  file.digest = *digest;
  text.remove_prefix(zero + 1 + kDigest + 1);
  return file;
}

}  // namespace

Result<evidence::Record> keep_tree(store::BlobStore& blobs, RunId run, std::string_view step,
                                   std::uint32_t attempt, const Tree& tree, WallTime now) {
  WRIT_ASSERT(tree.files != nullptr);
  WRIT_TRY(const store::BlobRef blob, blobs.put(listing_of(tree)));
  WRIT_ASSERT(blob.digest == tree.digest);
  evidence::Record record;
  record.run = run;
  record.step = step;
  record.attempt = attempt;
  record.kind = evidence::Kind::note;
  record.name = kTreeBefore;
  record.id = evidence::make_evidence_id(run, step, attempt, record.kind, record.name);
  record.tree = tree.digest;
  record.at = now;
  record.data = Object{{"files", tree.files->size()}};
  record.blobs = {blob};
  return record;
}

Result<Tree> kept_tree(store::BlobStore& blobs, std::span<const evidence::Record> records,
                       std::string_view step, const crypto::Digest& digest) {
  const auto at = std::find_if(records.begin(), records.end(), [&](const evidence::Record& r) {
    return r.step == step && r.name == kTreeBefore && r.tree == digest && !r.blobs.empty();
  });
  if (at == records.end()) {
    return fail(Code::not_found,
                "what the tree was before step " + std::string(step) + " is not known any more",
                "`writ cancel` the run and apply its spec again");
  }
  WRIT_TRY(const std::string text, blobs.read(digest, kMaxListing));
  std::vector<repo::TreeFile> files;
  for (std::string_view rest = text; !rest.empty();) {
    WRIT_TRY(repo::TreeFile file, take_file(rest));
    files.push_back(std::move(file));
  }
  return Tree{digest, std::make_shared<const std::vector<repo::TreeFile>>(std::move(files))};
}

}  // namespace writ::execution
