#include "policy/term/cut_text.h"

#include "base/encoding.h"

namespace writ::rego {

std::string cut_text(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  text.resize(most);
  text.resize(utf8_prefix(text));
  return text + "…";
}

}  // namespace writ::rego
