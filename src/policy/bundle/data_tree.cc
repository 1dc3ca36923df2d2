#include "policy/bundle/data_tree.h"

#include <vector>

#include "policy/term/build.h"

namespace writ::rego {
namespace {

std::unexpected<Error> two_at(const std::string& place) {
  return fail(Code::invalid_input, "two files of the bundle have data at /" + place);
}

std::string below(const std::string& place, std::string_view key) {
  return place.empty() ? std::string(key) : place + "/" + std::string(key);
}

}  // namespace

Result<void> DataTree::put(std::span<const std::string> place, const Term& document) {
  DataTree* tree = this;
  std::string walked;
  for (const std::string& folder : place) {
    WRIT_CHECK(tree->open(walked));
    tree = &tree->children_[folder];
    walked = below(walked, folder);
  }
  return tree->put_here(document, walked);
}

// A document becomes children when something else is to stand beside its members.
Result<void> DataTree::open(const std::string& place) {
  if (!document_.is_defined()) return {};
  if (!document_.is_object()) return two_at(place);
  for (std::size_t i = 0; i < document_.size(); ++i) {
    children_[std::string(document_.keys()[i].text())].document_ = document_.values()[i];
  }
  document_ = Term();
  return {};
}

Result<void> DataTree::put_here(const Term& document, const std::string& place) {
  if (is_empty()) {
    document_ = document;
    return {};
  }
  if (!document.is_object()) return two_at(place);
  WRIT_CHECK(open(place));
  for (std::size_t i = 0; i < document.size(); ++i) {
    const Term& key = document.keys()[i];
    const std::string name(key.text());
    WRIT_CHECK(children_[name].put_here(document.values()[i], below(place, name)));
  }
  return {};
}

Term DataTree::document(Arena& arena) const {
  if (document_.is_defined()) return document_;
  std::vector<Member> members;
  for (const auto& [name, child] : children_) {
    members.push_back({make_string(arena, name), child.document(arena)});
  }
  return make_object(arena, std::move(members));
}

}  // namespace writ::rego
