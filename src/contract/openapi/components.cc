#include "contract/openapi/components.h"

#include <optional>
#include <vector>

#include "contract/schema/pointer.h"

namespace writ::contract {
namespace {

constexpr std::string_view kComponents = "#/components/";

// The `$ref`s of `value`, however deep.
void references_in(const Value& value, std::vector<std::string>& out) {
  std::vector<const Value*> open{&value};
  while (!open.empty()) {
    const Value& one = *open.back();
    open.pop_back();
    if (one.is_array()) {
      for (const Value& item : one.as_array()) open.push_back(&item);
    }
    if (!one.is_object()) continue;
    for (const Member& member : one.as_object()) {
      const bool is_reference = member.key == "$ref" && member.value.is_string() &&
                                member.value.as_string().starts_with(kComponents);
      if (is_reference) out.push_back(member.value.as_string());
      open.push_back(&member.value);
    }
  }
}

// "#/components/schemas/user/properties/id" stands in "#/components/schemas/user".
std::string owner_of(const std::string& reference) {
  const std::size_t kind = reference.find('/', kComponents.size());
  if (kind == std::string::npos) return reference;
  const std::size_t name = reference.find('/', kind + 1);
  return name == std::string::npos ? reference : reference.substr(0, name);
}

}  // namespace

const Value* find_component(const Value& root, std::string_view reference) {
  if (!reference.starts_with("#/")) return nullptr;
  const auto tokens = parse_pointer(reference.substr(1));
  if (!tokens) return nullptr;
  const Value* at = &root;
  for (const std::string& token : *tokens) {
    at = pointer_step(*at, token);
    if (at == nullptr) return nullptr;
  }
  return at;
}

void collect_references(const Value& root, const Value& value, std::set<std::string>& found) {
  std::vector<std::string> open;
  references_in(value, open);
  while (!open.empty()) {
    const std::string owner = owner_of(open.back());
    open.pop_back();
    if (!found.insert(owner).second) continue;
    if (const Value* const component = find_component(root, owner)) {
      references_in(*component, open);
    }
  }
}

Object pick_components(const Value& root, const std::set<std::string>& references) {
  Object out;
  const Value* const components = root.find("components");
  if (components == nullptr || !components->is_object()) return out;
  for (const Member& kind : components->as_object()) {
    if (!kind.value.is_object()) continue;
    Object picked;
    for (const Member& each : kind.value.as_object()) {
      std::string reference = std::string(kComponents) + kind.key;
      append_pointer(reference, each.key);
      if (references.contains(reference)) picked.append(each.key, each.value, each.key_at);
    }
    if (!picked.empty()) out.append(kind.key, std::move(picked));
  }
  return out;
}

}  // namespace writ::contract
