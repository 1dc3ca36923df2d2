#pragma once
// Private to identity: the words and key sequences that common passwords are made of.
#include <span>
#include <string_view>

namespace writ::identity {

std::span<const std::string_view> common_words();    // lower-case, sorted
std::span<const std::string_view> keyboard_walks();  // read in both directions

}  // namespace writ::identity
