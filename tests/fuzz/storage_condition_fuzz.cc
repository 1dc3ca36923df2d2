// Conditions of requests: the first line is If-Match, the rest If-None-Match. Whatever is accepted
// decides alike about an entry as the revisions that it names do.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/encoding.h"
#include "server/storage/conditions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  const std::string_view text = as_text({data, size});
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view match = text.substr(0, line);
  const std::string_view none = text.substr(std::min(line + 1, text.size()));
  if (const auto taken = server::parse_condition(match, std::nullopt)) {
    WRIT_ASSERT(taken->must_exist != taken->one_of.has_value() && taken->none_of.empty());
    WRIT_ASSERT(!identity::is_met(*taken, nullptr));
    for (const std::uint64_t revision : taken->one_of.value_or(std::vector<std::uint64_t>{})) {
      identity::Entry entry;
      entry.revision = revision;
      WRIT_ASSERT(identity::is_met(*taken, &entry));
      WRIT_ASSERT(identity::is_met(
          *server::parse_condition(server::etag_of(revision), std::nullopt), &entry));
    }
  }
  if (const auto taken = server::parse_condition(std::nullopt, none)) {
    WRIT_ASSERT(!taken->must_exist && !taken->one_of.has_value());
    WRIT_ASSERT(identity::is_met(*taken, nullptr));
    for (const std::uint64_t revision : taken->none_of) {
      identity::Entry entry;
      entry.revision = revision;
      WRIT_ASSERT(!identity::is_met(*taken, &entry));
    }
  }
  return 0;
}
