#include "observe/attribute.h"

namespace writ::observe {

KeptAttribute::KeptAttribute(const Attribute& attribute) : name(attribute.name) {
  std::visit(
      [&](const auto& v) {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string_view>) {
          value = std::string(v);
        } else {
          value = v;
        }
      },
      attribute.value);
}

std::vector<KeptAttribute> keep(std::span<const Attribute> attributes) {
  return {attributes.begin(), attributes.end()};
}

}  // namespace writ::observe
