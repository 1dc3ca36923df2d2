// Policy bundles: whatever the bytes, nothing outside the limits is kept, and what was read is the
// same after packing it again.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "policy/bundle/bundle.h"
#include "policy/term/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  using namespace writ::rego;
  ArchiveLimits limits;
  limits.unpacked = 1u << 20;
  limits.files = 50;
  // Unpacked input reaches the readers behind the archive more often.
  const std::string_view bytes = as_text({data, size});
  const auto read = bytes.starts_with("\x1f\x8b") || size < 2
                        ? read_bundle(bytes, limits)
                        : make_bundle({{".manifest", std::string(bytes.substr(0, data[0]))},
                                       {"a/data.json", std::string(bytes.substr(size / 2))}});
  if (!read || read->is_delta) return 0;
  const auto packed = write_archive(to_files(*read));
  if (!packed) return 0;  // a path that ustar cannot hold
  const auto again = read_bundle(*packed);
  WRIT_ASSERT(again.has_value());
  WRIT_ASSERT(to_json(again->data) == to_json(read->data));
  WRIT_ASSERT(to_json(again->manifest) == to_json(read->manifest));
  return 0;
}
