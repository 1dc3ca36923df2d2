// A schema and an instance, a zero byte between them: compiling ends, and the three ways to
// validate agree.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "base/json.h"
#include "contract/byte_validator.h"
#include "contract/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  const std::string_view input = as_text({data, size});
  const auto split = input.find('\0');
  if (split == std::string_view::npos) return 0;
  const auto schema_value = parse_json(input.substr(0, split));
  if (!schema_value) return 0;
  contract::SchemaOptions options;
  options.format = contract::Format::assertion;
  options.limits.steps = 20'000;
  const auto schema = contract::Schema::compile(*schema_value, options);
  if (!schema) {
    WRIT_ASSERT(!schema.error().diagnostics.empty());
    return 0;
  }
  const std::string_view text = input.substr(split + 1);
  contract::ByteValidator bytes(*schema);
  const auto instance = parse_json(text);
  const bool is_valid = instance && schema->is_valid(*instance);
  WRIT_ASSERT(bytes.is_valid(text) == is_valid);
  if (instance) WRIT_ASSERT(schema->validate(*instance).is_valid() == is_valid);
  return 0;
}
