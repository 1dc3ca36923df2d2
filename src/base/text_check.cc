#include "base/text_check.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"

namespace writ {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kLongestQuote = 60;
// Up to here comparing each with each is faster than sorting.
constexpr std::size_t kFewMembers = 8;

std::optional<DuplicateKey> find_among_few(const Object& object) {
  for (const Member* second = object.begin(); second != object.end(); ++second) {
    for (const Member* first = object.begin(); first != second; ++first) {
      if (first->key == second->key) return DuplicateKey{first, second};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string spoken(Position at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

Position position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t column = last == before.npos ? offset : offset - last - 1;
  return {static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(column + 1)};
}

std::optional<Diagnostic> check_text(std::string_view text, std::string_view name,
                                     const DocumentLimits& limits) {
  const auto found = [&](Position at, std::string message, std::string remedy) {
    return Diagnostic{std::string(name), at, std::move(message), std::move(remedy)};
  };
  if (text.size() > limits.max_bytes) {
    return found({}, "the text is larger than " + std::to_string(limits.max_bytes) + " bytes",
                 "Split the file or make it smaller");
  }
  if (text.starts_with(kByteOrderMark)) {
    return found({1, 1}, "the text begins with a byte order mark",
                 "Save the file as UTF-8 without BOM");
  }
  if (const std::size_t at = text.find('\0'); at != text.npos) {
    return found(position_of(text, at), "a NUL byte", "Remove it; text files have none");
  }
  if (const std::size_t at = utf8_prefix(text); at != text.size()) {
    return found(position_of(text, at), "a byte that is not UTF-8", "Save the file as UTF-8");
  }
  return std::nullopt;
}

std::optional<DuplicateKey> find_duplicate_key(const Object& object) {
  if (object.size() <= kFewMembers) return find_among_few(object);
  std::vector<const Member*> members;
  members.reserve(object.size());
  for (const Member& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) {
    const int order = a->key.compare(b->key);
    return order != 0 ? order < 0 : a < b;  // document order: they stand in one array
  });
  std::optional<DuplicateKey> earliest;
  for (std::size_t i = 1; i < members.size(); ++i) {
    if (members[i - 1]->key != members[i]->key) continue;
    if (!earliest || members[i] < earliest->second) earliest = {members[i - 1], members[i]};
  }
  return earliest;
}

Diagnostic duplicate_key_found(std::string_view name, const DuplicateKey& keys) {
  return {std::string(name), keys.second->key_at,
          "the key " + shown_in_quotes(keys.second->key) + " stands at " +
              spoken(keys.first->key_at) + " already",
          "Remove one of the two"};
}

Diagnostic too_deep(std::string_view name, Position at, const DocumentLimits& limits) {
  return {std::string(name), at,
          "nested more than " + std::to_string(std::min(limits.max_depth, kDeepestNesting)) +
              " levels deep",
          "Flatten the structure"};
}

Diagnostic too_many_nodes(std::string_view name, Position at, const DocumentLimits& limits) {
  return {std::string(name), at,
          "more than " + std::to_string(limits.max_nodes) + " values, aliases expanded",
          "Split the document or use fewer aliases"};
}

std::string shown_in_quotes(std::string_view text) {
  std::string out = "`";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text.substr(at));
    if (at + length > kLongestQuote) {
      out += "…";
      break;
    }
    const auto byte = static_cast<unsigned char>(text[at]);
    out += length == 0 || byte < 0x20 || byte == 0x7f ? "?" : text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out + "`";
}

}  // namespace writ
