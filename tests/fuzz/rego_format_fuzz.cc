// The formatter on arbitrary Rego: what it prints it leaves alone the next time, in both dialects.
// That meaning and comments stay it checks itself, and says so when they would not.
#include <cstdlib>

#include "policy/format/format.h"

namespace {

using namespace writ::rego;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const bool is_v0 : {false, true}) {
    const ParseOptions options{.is_v0 = is_v0, .max_bytes = 1 << 16};
    const auto once = format_module("fuzz.rego", text, options);
    if (!once) {
      require(!once.error().empty() && once.error()[0].code != kFormatError);
      continue;
    }
    const auto twice = format_module("fuzz.rego", *once, options);
    require(twice && *twice == *once);
  }
  return 0;
}
