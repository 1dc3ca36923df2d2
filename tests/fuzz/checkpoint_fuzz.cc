// Checkpoints: what parses has one spelling, and without a known key nothing is believed.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "crypto/signed_note.h"
#include "ledger/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  const std::string_view text = as_text({data, size});
  const auto checkpoint = ledger::parse_checkpoint(text);
  if (!checkpoint) {
    WRIT_ASSERT(checkpoint.error().code == Code::invalid_input);
    return 0;
  }
  WRIT_ASSERT(checkpoint->note == text);
  WRIT_ASSERT(text.starts_with(
      ledger::checkpoint_text(checkpoint->origin, checkpoint->size, checkpoint->root)));
  const auto verified = ledger::verify_checkpoint(*checkpoint, {});
  WRIT_ASSERT(!verified && verified.error().code == Code::signature_bad);
  return 0;
}
