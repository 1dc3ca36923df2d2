// Bundles: what is read is exactly what a writer makes of the same members.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "evidence/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  const std::string bytes(as_text({data, size}));
  const auto bundle = evidence::parse_bundle(bytes);
  if (!bundle) return 0;
  evidence::BundleWriter writer;
  for (const std::string_view name : bundle->names()) {
    std::string content(bundle->get(name).value());
    if (name.starts_with("blobs/"))
      writer.add_blob(std::move(content));
    else
      WRIT_ASSERT(writer.add(name, std::move(content)).has_value());
  }
  WRIT_ASSERT(writer.finish().value() == bytes);
  return 0;
}
