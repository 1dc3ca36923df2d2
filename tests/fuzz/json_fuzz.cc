// Any text: a value that survives being written and read again, or one diagnostic inside of the
// text.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "base/json.h"
#include "base/yaml.h"
#include "check_diagnostic.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  const auto value = writ::parse_json(text, "fuzz.json");
  if (!value) {
    check_diagnostic(text, value.error());
    return 0;
  }
  const std::string compact = writ::to_json(*value);
  const auto again = writ::parse_json(compact);
  WRIT_ASSERT(again.has_value() && *again == *value);
  WRIT_ASSERT(writ::to_json(*again) == compact);
  const auto pretty = writ::parse_json(writ::to_pretty_json(*value));
  WRIT_ASSERT(pretty.has_value() && *pretty == *value);
  const auto yaml = writ::parse_yaml(writ::to_yaml(*value));
  WRIT_ASSERT(yaml.has_value() && *yaml == *value);
  return 0;
}
