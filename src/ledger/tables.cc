#include "ledger/tables.h"

#include "ledger/ledger.h"

namespace writ::ledger {

std::string pending_key(std::uint64_t place, EventId id) {
  return store::Key().number(place).id(id).take();
}

std::string id_key(EventId id, std::string_view source) {
  return store::Key().id(id).text(source).take();
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
           .down = {}}};
}

}  // namespace writ::ledger
