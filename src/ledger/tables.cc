#include "ledger/tables.h"

#include "ledger/ledger.h"

namespace writ::ledger {

std::string ChunkKey::bytes() const { return store::Key().number(place).id(id).take(); }

Result<ChunkKey> ChunkKey::parse(std::string_view bytes) {
  store::KeyReader in(bytes);
  ChunkKey key;
  WRIT_TRY(key.place, in.number());
  WRIT_TRY(key.id.uuid, in.uuid());
  if (!in.at_end()) return fail(Code::tampered, "a stored event has a foreign key");
  return key;
}

std::string id_key(EventId id, unsigned ordinal) {
  std::string key = store::Key().id(id).take();
  if (ordinal != 0) key += static_cast<char>(ordinal);
  return key;
}

std::string run_key(RunId run, std::uint64_t seq) {
  return store::Key().id(run).number(seq).take();
}

std::string number_key(std::uint64_t number) { return store::Key().number(number).take(); }

store::KeyRange from_number(std::uint64_t number) { return {number_key(number), {}}; }

std::string encode_number(std::uint64_t number) { return number_key(number); }

Result<std::uint64_t> decode_number(std::string_view value) {
  store::KeyReader in(value);
  WRIT_TRY(const std::uint64_t number, in.number());
  if (!in.at_end()) return fail(Code::tampered, "a stored number has more than eight bytes");
  return number;
}

std::vector<store::Migration> ledger_migrations() {
  return {{.module = "ledger",
           .version = 1,
           .summary = "events, their indexes and the Merkle tree",
           .creates = {std::begin(kAllTables), std::end(kAllTables)},
           .up = {},
           .down = {}},
          {.module = "ledger",
           .version = 2,
           .summary = "which server sequences",
           .creates = {kDuty},
           .up = {},
           .down = [](store::Tx&) -> Result<void> { return {}; }}};
}

}  // namespace writ::ledger
