#include <set>
#include <string>

#include "base/json.h"
#include "identity/graph/graph_links.h"
#include "identity/principals.h"
#include "identity/recovery/backups.h"
#include "store/key.h"

namespace writ::identity {
namespace {

constexpr std::size_t kPage = 1024;

template <typename Take>
Result<void> each_row(store::Tx& tx, const store::Table& table, Take&& take) {
  std::string from;
  for (;;) {
    WRIT_TRY(const auto rows, tx.scan(table, {from, {}}, kPage));
    for (const store::Row& row : rows) WRIT_CHECK(take(row));
    if (rows.size() < kPage) return {};
    from = rows.back().key + '\0';
  }
}

std::unexpected<Error> broken(const std::string& what) {
  return fail(Code::conflict, "what would be restored does not hold together: " + what,
              "Restore another backup");
}

Result<void> check_administrator(store::Tx& tx) {
  bool is_there = false;
  const auto look = [&](const store::Row& row) -> Result<void> {
    WRIT_TRY(const Uuid id, store::KeyReader(row.key).uuid());
    WRIT_TRY(const auto principal, find_principal(tx, PrincipalId{id}));
    is_there = is_there || (principal && principal->is_active && principal->is_superuser);
    return {};
  };
  WRIT_CHECK(each_row(tx, store::Table{"identity_administrators"}, look));
  if (is_there) return {};
  return fail(Code::conflict, "nobody would be there to administer the server",
              "Make an active superuser first, or restore a backup that has one");
}

// Rows whose key begins with a principal's id.
Result<void> check_owners(store::Tx& tx, const store::Table& table) {
  return each_row(tx, table, [&](const store::Row& row) -> Result<void> {
    WRIT_TRY(const Uuid id, store::KeyReader(row.key).uuid());
    WRIT_TRY(const auto principal, find_principal(tx, PrincipalId{id}));
    if (principal) return {};
    return broken("a row of " + std::string(table.name) + " belongs to " + id.text() +
                  ", who is not there");
  });
}

}  // namespace

Result<void> check_links(store::Tx& tx) {
  std::set<std::string, std::less<>> known;
  return each_row(tx, store::Table{"identity_links"}, [&](const store::Row& row) -> Result<void> {
    store::KeyReader reader(row.key);
    WRIT_TRY(const std::string from, reader.text());
    WRIT_CHECK(reader.text());
    WRIT_TRY(const std::string to, reader.text());
    for (const std::string& end : {from, to}) {
      if (end.starts_with("group:") || known.contains(end)) continue;
      WRIT_TRY(const auto node, find_node(tx, end));
      if (!node) return broken("a link ends at " + end + ", which is not there");
      known.insert(end);
    }
    return {};
  });
}

Result<void> check_whole(store::Tx& tx) {
  WRIT_CHECK(check_administrator(tx));
  for (const store::Table table :
       {store::Table{"identity_users"}, store::Table{"identity_machines"},
        store::Table{"identity_api_keys_of"}}) {
    WRIT_CHECK(check_owners(tx, table));
  }
  return {};
}

}  // namespace writ::identity
