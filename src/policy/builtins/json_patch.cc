// json.patch: RFC 6902 on terms. Sets are patched too: a member is its own key. All operations
// are made, or the result is undefined.
#include <map>
#include <memory>

#include "policy/builtins/families.h"
#include "policy/builtins/json_path.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// A term that is taken apart where it is edited. Opened level by level, so that an operation
// costs what stands on its path.
class EditTree {
 public:
  EditTree(Arena& arena, const Term& value) : arena_(arena), value_(value) {}

  // The term with all edits. Undefined if the root was removed.
  const Term& render() {
    if (!is_edited_) return value_;
    is_edited_ = false;
    if (value_.is_array()) {
      std::vector<Term> items;
      for (const auto& item : items_) items.push_back(item->render());
      return value_ = make_array(arena_, items);
    }
    std::vector<Term> keys;
    std::vector<Member> members;
    for (const auto& [key, value] : members_) {
      members.push_back({key, value->render()});
      keys.push_back(members.back().value);
    }
    return value_ = value_.is_set() ? make_set(arena_, std::move(keys))
                                    : make_object(arena_, std::move(members));
  }

  void replace(const Term& value) {
    value_ = value;
    is_open_ = is_edited_ = false;
    members_.clear();
    items_.clear();
  }

  // What stands at `step`, nullptr if there is nothing.
  EditTree* child(const Term& step) {
    open();
    if (value_.is_array()) {
      const auto at = index(step);
      return at && *at < items_.size() ? items_[*at].get() : nullptr;
    }
    const auto found = members_.find(step);
    return found == members_.end() ? nullptr : found->second.get();
  }

  bool insert(const Term& step, const Term& value) {
    open();
    is_edited_ = true;
    auto node = std::make_unique<EditTree>(arena_, value);
    if (value_.is_array()) {
      const auto at = index(step);
      if (!at || *at > items_.size()) return false;
      items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(*at), std::move(node));
      return true;
    }
    if (!value_.is_object() && !(value_.is_set() && step == value)) return false;
    members_.insert_or_assign(step, std::move(node));
    return true;
  }

  bool remove(const Term& step) {
    open();
    is_edited_ = true;
    if (!value_.is_array()) return members_.erase(step) == 1;
    const auto at = index(step);
    if (!at || *at >= items_.size()) return false;
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(*at));
    return true;
  }

  // Something below was edited. Requires: child() was called.
  void mark_edited() { is_edited_ = true; }

 private:
  void open() {
    // Members of a set are their own keys, which edits below have changed.
    if (value_.is_set() && is_edited_) replace(Term(render()));
    if (is_open_) return;
    is_open_ = true;
    if (value_.is_object()) {
      for (std::size_t i = 0; i < value_.size(); ++i) put(value_.keys()[i], value_.values()[i]);
    } else if (value_.is_set()) {
      for (const Term& member : value_.items()) put(member, member);
    } else if (value_.is_array()) {
      for (const Term& item : value_.items()) {
        items_.push_back(std::make_unique<EditTree>(arena_, item));
      }
    }
  }

  void put(const Term& key, const Term& value) {
    members_.emplace_hint(members_.end(), key, std::make_unique<EditTree>(arena_, value));
  }

  // "-" is the end of the array.
  std::optional<std::size_t> index(const Term& step) const {
    std::optional<std::int64_t> number;
    if (step.is_number()) {
      number = to_int64(step);
    } else if (step.is_string() && step.text() == "-") {
      return items_.size();
    } else if (step.is_string() && is_index(step.text())) {
      number = to_int64(make_number(arena_, step.text()));
    }
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::size_t>(*number);
  }

  static bool is_index(std::string_view text) {
    return is_json_number(text) && text.find_first_not_of("0123456789") == std::string_view::npos;
  }

  Arena& arena_;
  Term value_;
  bool is_open_ = false;
  bool is_edited_ = false;
  std::map<Term, std::unique_ptr<EditTree>> members_;  // of an object or a set
  std::vector<std::unique_ptr<EditTree>> items_;       // of an array
};

class Patch {
 public:
  Patch(Call& call, const Term& target) : call_(call), root_(call.arena(), target) {}

  // False if the operation cannot be made.
  bool apply(const Term& operation) {
    if (!operation.is_object()) return false;
    const Term* const op = operation.find("op");
    const auto path = path_at(operation, "path");
    if (op == nullptr || !op->is_string() || !path) return false;
    const std::string_view name = op->text();
    const Term* const value = operation.find("value");
    if (name == "remove") return remove(*path);
    if (name == "add") return value != nullptr && add(*path, *value);
    if (name == "replace") return value != nullptr && remove(*path) && add(*path, *value);
    if (name == "test") return value != nullptr && at(*path) == *value;
    const auto from = path_at(operation, "from");
    if (!from || (name != "move" && name != "copy")) return false;
    const Term moved = at(*from);
    if (!moved.is_defined()) return false;
    return (name == "copy" || remove(*from)) && add(*path, moved);
  }

  Term result() { return has_root_ ? root_.render() : Term(); }

 private:
  std::optional<Path> path_at(const Term& operation, std::string_view name) const {
    const Term* const term = operation.find(name);
    auto path = term == nullptr ? std::nullopt : parse_path(call_.arena(), *term);
    // Longer ones lead nowhere, or would nest terms too deeply.
    return path && path->size() <= kDeepest ? std::move(path) : std::nullopt;
  }

  EditTree* walk(std::span<const Term> steps, bool edits) {
    EditTree* tree = has_root_ ? &root_ : nullptr;
    for (const Term& step : steps) {
      if (tree == nullptr) return nullptr;
      EditTree* const next = tree->child(step);
      if (edits) tree->mark_edited();
      tree = next;
    }
    return tree;
  }

  Term at(const Path& path) {
    EditTree* const tree = walk(path, false);
    return tree == nullptr ? Term() : tree->render();
  }

  bool add(const Path& path, const Term& value) {
    if (path.empty()) {
      has_root_ = true;
      root_.replace(value);
      return true;
    }
    EditTree* const parent = walk(std::span(path).first(path.size() - 1), true);
    return parent != nullptr && parent->insert(path.back(), value);
  }

  bool remove(const Path& path) {
    if (path.empty()) return std::exchange(has_root_, false);
    EditTree* const parent = walk(std::span(path).first(path.size() - 1), true);
    return parent != nullptr && parent->remove(path.back());
  }

  Call& call_;
  EditTree root_;
  bool has_root_ = true;
};

Outcome patch(Call& call) {
  Patch patch(call, call.arg(0));
  for (const Term& operation : call.arg(1).items()) {
    if (!call.keep_going() || !patch.apply(operation)) return Outcome::undefined();
  }
  return patch.result();
}

constexpr Builtin kJsonPatch[] = {
    {"json.patch",
     "(object: any, patches: array[object<op: string, path: any>[any: any]]) => (output: any)",
     &patch},
};

}  // namespace

std::span<const Builtin> json_patch_builtins() { return kJsonPatch; }

}  // namespace writ::rego
