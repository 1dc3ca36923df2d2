// Events from outside: what is accepted comes back as it was, in JSON and in rows; rows that were
// not written by us are refused or read without harm.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "base/json.h"
#include "ledger/entry.h"
#include "ledger/leaf.h"
#include "ledger/record.h"

namespace {

using namespace writ;

void check_row(const ledger::Entry& entry) {
  const std::string salt(ledger::kSaltSize, 's');
  const auto digest = ledger::payload_digest(salt, entry.payload);
  std::string chunk;
  ledger::append_record(chunk, entry, digest, salt);
  const auto records = ledger::split_chunk(chunk);
  WRIT_ASSERT(records && records->size() == 1);
  const ledger::Event event = ledger::to_event(records->front());
  WRIT_ASSERT(event.payload_state == ledger::Event::Payload::intact);
  WRIT_ASSERT(event.entry.payload == entry.payload);
  WRIT_ASSERT(crypto::sha256(std::string(1, '\0') + ledger::leaf_bytes(event)) ==
              crypto::sha256(ledger::hashed_leaf(entry, digest)));
}

void check_event(const Value& value) {
  const auto event = ledger::from_cloud_event(value);
  if (!event) return;
  check_row(event->entry);
  const auto again = ledger::from_cloud_event(ledger::to_cloud_event(*event));
  WRIT_ASSERT(again.has_value());
  WRIT_ASSERT(ledger::leaf_bytes(*again) == ledger::leaf_bytes(*event));
  WRIT_ASSERT(again->entry.payload == event->entry.payload);
  WRIT_ASSERT(again->index == event->index);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (const auto value = parse_json(text)) check_event(*value);
  if (const auto records = ledger::split_chunk(text)) {
    for (const auto& record : *records) ledger::to_event(record);
  }
  return 0;
}
