#include "identity/directory/directory_people.h"

#include "base/json.h"
#include "identity/accounts/users.h"
#include "identity/directory/sync_state.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kPeople{"identity_directory_people"};       // directory, person → user's key
constexpr store::Table kPeopleOf{"identity_directory_people_of"};  // user → row
constexpr store::Table kRoles{"identity_directory_roles"};         // user's name, role → nothing
constexpr std::size_t kPage = 256;

std::string key_of(std::string_view directory, std::string_view person) {
  return store::Key().text(directory).text(person).take();
}
std::string key_of(PrincipalId user) { return store::Key().id(user).take(); }
// As access has its subjects, so that a restore settles both alike.
std::string role_key(PrincipalId user, std::string_view role) {
  return store::Key().text(user.text()).text(role).take();
}

Result<DirectoryLink> from_row(PrincipalId user, std::string_view text) {
  WRIT_TRY(const Value row, parse_json(text));
  DirectoryLink out{.user = user};
  out.directory = row.string_or("directory", "");
  out.person = row.string_or("person", "");
  out.made_the_account = row.bool_or("made_the_account", false);
  return out;
}

}  // namespace

Result<std::optional<DirectoryLink>> find_directory_link(store::Tx& tx, PrincipalId user) {
  WRIT_TRY(const auto row, tx.get(kPeopleOf, key_of(user)));
  if (!row) return std::nullopt;
  WRIT_TRY(DirectoryLink link, from_row(user, *row));
  return link;
}

Result<std::optional<DirectoryLink>> find_directory_link(store::Tx& tx, std::string_view directory,
                                                         std::string_view person) {
  WRIT_TRY(const auto row, tx.get(kPeople, key_of(directory, person)));
  if (!row) return std::nullopt;
  PrincipalId user;
  WRIT_TRY(user.uuid, store::KeyReader(*row).uuid());
  return find_directory_link(tx, user);
}

Result<std::vector<DirectoryLink>> list_directory_links(store::Tx& tx, std::string_view directory,
                                                        std::string_view after, std::size_t limit) {
  store::KeyRange range = store::Key().text(directory).under();
  if (!after.empty()) range.first = key_of(directory, after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kPeople, range, limit));
  std::vector<DirectoryLink> out;
  for (const store::Row& row : rows) {
    PrincipalId user;
    WRIT_TRY(user.uuid, store::KeyReader(row.value).uuid());
    WRIT_TRY(auto link, find_directory_link(tx, user));
    if (!link) return fail(Code::tampered, "a person of a directory has no row of its own");
    out.push_back(*std::move(link));
  }
  return out;
}

Result<void> put_directory_link(store::Tx& tx, const DirectoryLink& link, const Deed& deed) {
  WRIT_TRY(const bool is_new,
           tx.insert(kPeople, key_of(link.directory, link.person), key_of(link.user)));
  const std::string row = to_json(Object{{"directory", link.directory},
                                         {"person", link.person},
                                         {"made_the_account", link.made_the_account}});
  WRIT_TRY(const bool is_free, tx.insert(kPeopleOf, key_of(link.user), row));
  if (!is_new || !is_free) {
    return fail(Code::conflict, "the account, or the person, belongs together with another one");
  }
  // Who somebody is elsewhere is their own affair.
  return deed.tell(
      tx, "writ.user.joined", user_subject(link.user),
      Object{{"directory", link.directory}, {"made_the_account", link.made_the_account}});
}

Result<std::vector<std::string>> list_directory_roles(store::Tx& tx, PrincipalId user) {
  store::KeyRange range = store::Key().text(user.text()).under();
  std::vector<std::string> out;
  for (;;) {
    WRIT_TRY(const auto rows, tx.scan(kRoles, range, kPage));
    for (const store::Row& row : rows) {
      store::KeyReader reader(row.key);
      WRIT_CHECK(reader.text());
      WRIT_TRY(std::string role, reader.text());
      out.push_back(std::move(role));
    }
    if (rows.size() < kPage) return out;
    range.first = rows.back().key + '\0';
  }
}

Result<void> put_directory_role(store::Tx& tx, PrincipalId user, std::string_view role) {
  return tx.put(kRoles, role_key(user, role), "");
}

Result<void> erase_directory_role(store::Tx& tx, PrincipalId user, std::string_view role) {
  WRIT_CHECK(tx.erase(kRoles, role_key(user, role)));
  return {};
}

Result<void> forget_directory_person(store::Tx& tx, PrincipalId user) {
  WRIT_TRY(const auto link, find_directory_link(tx, user));
  if (!link) return {};
  WRIT_TRY(const auto roles, list_directory_roles(tx, user));
  for (const std::string& role : roles) WRIT_CHECK(erase_directory_role(tx, user, role));
  WRIT_CHECK(tx.erase(kPeopleOf, key_of(user)));
  WRIT_CHECK(tx.erase(kPeople, key_of(link->directory, link->person)));
  return {};
}

std::vector<store::Migration> directory_migrations() {
  return store::make_tables("identity_directory", "who people are in directories",
                            {kPeople, kPeopleOf, kRoles, kSyncStates});
}

}  // namespace writ::identity
