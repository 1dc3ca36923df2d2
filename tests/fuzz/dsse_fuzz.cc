// DSSE envelopes: what is read verifies or is refused, and what is written reads back the same.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/dsse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  static const auto key = crypto::SecretKey::from_seed(std::string(32, 'k')).value();
  const auto value = parse_json(as_text({data, size}));
  if (!value) return 0;
  const auto envelope = crypto::dsse_from_value(*value);
  if (!envelope) return 0;
  const crypto::PublicKey trusted[] = {key.public_key()};
  const bool verifies = crypto::dsse_verify(*envelope, trusted).has_value();
  const auto again = crypto::dsse_from_value(crypto::dsse_to_value(*envelope));
  WRIT_ASSERT(again && again->payload == envelope->payload &&
              again->payload_type == envelope->payload_type);
  WRIT_ASSERT(crypto::dsse_verify(*again, trusted).has_value() == verifies);
  return 0;
}
