#pragma once
// Texts for people, no longer than somebody reads.
#include <cstddef>
#include <string>

namespace writ::rego {

// `text`, or what is well-formed of its first `most` bytes and "…".
std::string cut_text(std::string text, std::size_t most);

}  // namespace writ::rego
