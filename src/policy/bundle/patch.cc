#include "policy/bundle/patch.h"

#include <charconv>
#include <utility>

#include "policy/term/build.h"

namespace writ::rego {
namespace {

using Path = std::span<const std::string>;

std::string to_pointer(Path path) {
  std::string out;
  for (const std::string& key : path) out += "/" + key;
  return out.empty() ? "/" : out;
}

std::unexpected<Error> nothing_at(Path path) {
  return fail(Code::not_found, to_pointer(path) + ": document does not exist");
}

// RFC 6901 section 4: no sign, no leading zero. "-" is behind the last element.
Result<std::size_t> index_of(std::string_view key, std::size_t size, Path path) {
  if (key == "-") return size;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool is_number = error == std::errc() && end == key.data() + key.size() &&
                         (key == "0" || !key.starts_with('0'));
  if (!is_number) {
    return fail(Code::invalid_input,
                to_pointer(path) + ": `" + std::string(key) + "` is no index of an array");
  }
  return index;
}

class Patcher {
 public:
  Patcher(Arena& arena, const Patch& patch) : arena_(arena), patch_(patch) {}

  // `document` with the patch applied below `depth` keys of its path.
  Result<Term> apply(const Term& document, std::size_t depth) {
    if (depth == patch_.path.size()) return at_end(document);
    if (document.is_array()) return in_array(document, depth);
    if (document.is_object()) return in_object(document, depth);
    if (!document.is_defined() && patch_.operation == Patch::Operation::upsert) {
      return in_object(empty_object(), depth);
    }
    return document.is_defined() ? through_scalar(depth) : Result<Term>(nothing_at(walked(depth)));
  }

 private:
  Path walked(std::size_t depth) const { return Path(patch_.path).first(depth); }
  bool is_last(std::size_t depth) const { return depth + 1 == patch_.path.size(); }
  bool removes() const { return patch_.operation == Patch::Operation::remove; }
  bool inserts() const {
    return patch_.operation == Patch::Operation::add ||
           patch_.operation == Patch::Operation::upsert;
  }

  Result<Term> at_end(const Term& document) {
    if (!document.is_defined() && !inserts()) return nothing_at(patch_.path);
    return removes() ? Term() : patch_.value;
  }

  Result<Term> through_scalar(std::size_t depth) {
    return fail(Code::invalid_input, to_pointer(walked(depth)) +
                                         ": neither object nor array has the key `" +
                                         patch_.path[depth] + "`");
  }

  Result<Term> in_object(const Term& document, std::size_t depth) {
    const std::string& name = patch_.path[depth];
    const Term* const member = document.find(name);
    if (member == nullptr && !inserts()) return nothing_at(walked(depth + 1));
    const bool may_make = patch_.operation == Patch::Operation::upsert || is_last(depth);
    if (member == nullptr && !may_make) return nothing_at(walked(depth + 1));
    WRIT_TRY(const Term changed, apply(member != nullptr ? *member : Term(), depth + 1));
    const Term key = make_string(arena_, name);
    if (!changed.is_defined()) return without_member(arena_, document, key);
    return with_member(arena_, document, key, changed);
  }

  Result<Term> in_array(const Term& document, std::size_t depth) {
    WRIT_TRY(const std::size_t index,
             index_of(patch_.path[depth], document.size(), walked(depth + 1)));
    std::vector<Term> items(document.items().begin(), document.items().end());
    if (is_last(depth) && inserts()) {
      if (index > items.size()) return nothing_at(walked(depth + 1));
      items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), patch_.value);
      return make_array(arena_, items);
    }
    if (index >= items.size()) return nothing_at(walked(depth + 1));
    WRIT_TRY(const Term changed, apply(items[index], depth + 1));
    if (changed.is_defined()) {
      items[index] = changed;
    } else {
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return make_array(arena_, items);
  }

  Arena& arena_;
  const Patch& patch_;
};

}  // namespace

Result<std::vector<std::string>> parse_pointer(std::string_view text) {
  std::vector<std::string> out;
  if (text.starts_with('/')) text.remove_prefix(1);
  if (text.empty()) return out;
  out.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      out.emplace_back();
    } else if (text[i] != '~') {
      out.back() += text[i];
    } else {
      const char code = ++i < text.size() ? text[i] : '\0';
      if (code != '0' && code != '1') {
        return fail(Code::invalid_input, "`~` in a JSON pointer is followed by 0 or 1");
      }
      out.back() += code == '0' ? '~' : '/';
    }
  }
  return out;
}

Result<Term> apply_patches(Arena& arena, const Term& document, std::span<const Patch> patches) {
  Term changed = document;
  for (const Patch& patch : patches) {
    WRIT_TRY(changed, Patcher(arena, patch).apply(changed, 0));
  }
  return changed;
}

Term at_path(const Term& document, std::span<const std::string> path) {
  Term at = document;
  for (const std::string& key : path) {
    const Term* next = nullptr;
    if (at.is_object()) {
      next = at.find(key);
    } else if (at.is_array()) {
      const auto index = index_of(key, at.size(), path);
      if (index && *index < at.size()) next = &at.items()[*index];
    }
    if (next == nullptr) return {};
    at = *next;
  }
  return at;
}

}  // namespace writ::rego
