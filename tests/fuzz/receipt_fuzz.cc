// Receipts: what parses is put together again to the same bytes, and proves nothing without a key.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "ledger/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  const std::string_view text = as_text({data, size});
  const auto receipt = ledger::parse_receipt(text);
  if (!receipt) {
    WRIT_ASSERT(receipt.error().code == Code::invalid_input);
    return 0;
  }
  const auto again = ledger::make_receipt(receipt->index, receipt->proof, receipt->checkpoint);
  // Without the optional line, which nothing depends on.
  const bool has_extra = text.contains("\nextra ");
  WRIT_ASSERT(has_extra || again.text == text);
  WRIT_ASSERT(!ledger::verify_receipt(ledger::Event{}, *receipt, {}));
  return 0;
}
