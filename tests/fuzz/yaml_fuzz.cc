// Any text: a value that survives being written as YAML and as JSON and read again, or one
// diagnostic inside of the text.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "base/json.h"
#include "base/yaml.h"
#include "check_diagnostic.h"

namespace {

void check_positions(const writ::Value& value) {
  WRIT_ASSERT(value.at().is_known());
  if (value.is_array()) {
    for (const writ::Value& item : value.as_array()) check_positions(item);
  }
  if (value.is_object()) {
    for (const writ::Member& member : value.as_object()) {
      WRIT_ASSERT(member.key_at.is_known());
      check_positions(member.value);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  // Small limits, so that a few bytes reach them.
  const writ::DocumentLimits limits{.max_bytes = 1 << 16, .max_depth = 20, .max_nodes = 2000};
  const auto value = writ::parse_yaml(text, "fuzz.yaml", limits);
  if (!value) {
    if (size <= limits.max_bytes) check_diagnostic(text, value.error());
    return 0;
  }
  check_positions(*value);
  const std::string yaml = writ::to_yaml(*value);
  const auto again = writ::parse_yaml(yaml);
  WRIT_ASSERT(again.has_value() && *again == *value);
  WRIT_ASSERT(writ::to_yaml(*again) == yaml);
  const auto json = writ::parse_json(writ::to_json(*value));
  WRIT_ASSERT(json.has_value() && *json == *value);
  return 0;
}
