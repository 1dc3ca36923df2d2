// The name of an entry as arbitrary text: what is read has one spelling, which reads as itself, and
// holds nothing that would be read as something else in a log.
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "identity/directory/directory_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto once = writ::identity::normalise_directory_name(text);
  if (!once) return 0;
  // Escapes make it longer: what is too long then is no name.
  if (once->size() > writ::identity::kMaxDirectoryName) return 0;
  const auto twice = writ::identity::normalise_directory_name(*once);
  WRIT_ASSERT(twice && *twice == *once);
  for (const char c : *once) WRIT_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  return 0;
}
