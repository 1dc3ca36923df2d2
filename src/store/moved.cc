#include "store/moved.h"

#include <functional>
#include <string_view>

#include "store/key.h"
#include "store/migrate.h"

namespace writ::store {
namespace {

// A module whose one table holds the mark: a store that has the module has moved.
constexpr std::string_view kModule = "moved";
constexpr std::string_view kMessage = "the store has moved";

Result<SchemaTx*> schema_of(Tx& tx) {
  auto* const schema = dynamic_cast<SchemaTx*>(&tx);
  if (schema == nullptr) return fail(Code::internal, "this store cannot be marked");
  return schema;
}

Result<bool> is_marked(Tx& tx) {
  WRIT_TRY(const auto version, tx.get(kMigrationsTable, kModule));
  return version.has_value();
}

std::string encode(const Moved& moved) {
  return Key().text(moved.backend).text(moved.id).text(kMoveStages.name(moved.stage)).take();
}

Result<Moved> decode(std::string_view bytes) {
  KeyReader reader(bytes);
  Moved out;
  WRIT_TRY(out.backend, reader.text());
  WRIT_TRY(out.id, reader.text());
  WRIT_TRY(const std::string stage, reader.text());
  const auto known = kMoveStages.parse(stage);
  if (!known) return fail(Code::tampered, "the mark of the store's move cannot be read");
  out.stage = *known;
  return out;
}

}  // namespace

Result<std::optional<Moved>> moved_to(Tx& tx) {
  WRIT_TRY(const bool has_mark, is_marked(tx));
  if (!has_mark) return std::nullopt;
  WRIT_TRY(const auto row, tx.get(kMovedTable, {}));
  if (!row) return fail(Code::tampered, "the store is marked as moved and does not say where");
  WRIT_TRY(Moved moved, decode(*row));
  return std::optional(std::move(moved));
}

Result<std::optional<Moved>> moved_to(Store& store) {
  return store.read([](Tx& tx) { return moved_to(tx); });
}

Result<void> mark_moved(Tx& tx, const Moved& moved) {
  WRIT_TRY(SchemaTx* const schema, schema_of(tx));
  WRIT_TRY(const bool has_mark, is_marked(tx));
  if (!has_mark) {
    WRIT_CHECK(schema->create_table(kMovedTable));
    WRIT_CHECK(tx.put(kMigrationsTable, kModule, "1"));
    WRIT_CHECK(schema->keep_writers_out());
  }
  return tx.put(kMovedTable, {}, encode(moved));
}

Result<void> clear_mark(Tx& tx) {
  WRIT_TRY(SchemaTx* const schema, schema_of(tx));
  WRIT_TRY(const bool has_mark, is_marked(tx));
  if (!has_mark) return {};
  WRIT_CHECK(tx.erase(kMovedTable, {}));  // whoever watches is told
  WRIT_CHECK(schema->drop_table(kMovedTable));
  WRIT_CHECK(tx.erase(kMigrationsTable, kModule));
  return schema->let_writers_in();
}

std::unexpected<Error> has_moved() {
  return fail(Code::unavailable, std::string(kMessage),
              "Retry: it goes on at its new place, which is found by opening it again");
}

bool says_moved(const Error& error) {
  return error.code == Code::unavailable && error.message == kMessage;
}

Result<void> expect_here(Tx& tx) {
  WRIT_TRY(const bool has_mark, is_marked(tx));
  if (has_mark) return has_moved();
  return {};
}

Result<void> Store::read_unless_moved_erased(const std::function<Result<void>(Tx&)>& body) {
  return read_erased([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(expect_here(tx));
    return body(tx);
  });
}

}  // namespace writ::store
