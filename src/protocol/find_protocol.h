#pragma once
// Finds the protocols that references mean: in the repository first, then in the binary.
// Private to the module.
#include <deque>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/source.h"

namespace writ::protocol {

// "zero-tolerance-session@2.0.0/lite".
struct Reference {
  std::string id;
  std::string version;  // "2", "2.0", "2.0.0"
  std::string profile;  // may be empty
};

// False when `text` is no reference.
bool parse_reference(std::string_view text, Reference& out);

class ProtocolFinder {
 public:
  explicit ProtocolFinder(std::filesystem::path root) : root_(std::move(root)) {}

  // The newest protocol that the reference allows; the repository's own come first. Nothing, with
  // `problems` filled at `from`:`at`, when there is none or it is malformed. The document lives as
  // long as the finder.
  const SourceDocument* find(const Reference& reference, const SourceDocument& from, Position at,
                             std::vector<Diagnostic>& problems);

 private:
  void read_repository();
  // Packs are named after their ids: only the one that is asked for is parsed.
  void read_embedded(std::string_view id);
  void take(Result<Document> document, std::string_view file);

  std::filesystem::path root_;
  bool has_read_ = false;
  std::set<std::string, std::less<>> embedded_read_;
  std::deque<SourceDocument> documents_;  // stable addresses; the repository's first
  std::size_t own_ = 0;                   // how many are the repository's
  std::vector<Diagnostic> broken_;        // files of the repository that do not parse
};

// Where a protocol's document says its authority; `default` when it does not.
Authority authority_of(const Value& protocol);

}  // namespace writ::protocol
