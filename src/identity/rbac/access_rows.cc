#include "identity/rbac/access_rows.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kPolicies{"access_policies"};        // subject, object, action
constexpr store::Table kAssignments{"access_assignments"};  // subject, role
constexpr store::Table kRoles{"access_roles"};              // name → description, time
constexpr store::Table kState{"access_state"};
constexpr store::Table kChanges{"access_changes"};  // revision → what changed
constexpr std::string_view kRevision = "revision";

constexpr std::uint64_t kKeptRevisions = 1024;
constexpr std::size_t kLoggedChanges = 20'000;
constexpr std::size_t kPage = 4096;

std::string policy_key(const AccessChange& change) {
  return store::Key().text(change.subject).text(change.object).text(change.action).take();
}

std::string assignment_key(const AccessChange& change) {
  return store::Key().text(change.subject).text(change.object).take();
}

std::string name_key(std::string_view name) { return store::Key().text(name).take(); }

Result<void> declare_role(store::Tx& tx, std::string_view name, std::string_view description) {
  WRIT_TRY(const WallTime now, tx.now());
  Object row;
  row.append("description", description);
  row.append("created", now.micros);
  WRIT_CHECK(tx.insert(kRoles, name_key(name), to_json(Value(std::move(row)))));
  return {};
}

Result<Role> role_from(const store::Row& row) {
  Role out;
  store::KeyReader reader(row.key);
  WRIT_TRY(out.name, reader.text());
  WRIT_TRY(const Value value, parse_json(row.value));
  out.description = value.string_or("description", "");
  out.created_at.micros = value.integer_or("created", 0);
  return out;
}

std::string to_log(const std::vector<AccessChange>& changes) {
  store::Key out;
  for (const AccessChange& change : changes) {
    out.number(static_cast<std::uint64_t>(change.verb));
    out.text(change.subject).text(change.object).text(change.action);
  }
  return out.take();
}

Result<std::vector<AccessChange>> from_log(std::string_view row) {
  std::vector<AccessChange> out;
  store::KeyReader reader(row);
  while (!reader.at_end()) {
    AccessChange change;
    WRIT_TRY(const std::uint64_t verb, reader.number());
    if (verb >= kAccessVerbs.names.size()) {
      return fail(Code::tampered, "a change of access of no kind");
    }
    change.verb = static_cast<AccessVerb>(verb);
    WRIT_TRY(change.subject, reader.text());
    WRIT_TRY(change.object, reader.text());
    WRIT_TRY(change.action, reader.text());
    out.push_back(std::move(change));
  }
  return out;
}

Result<void> put_revision(store::Tx& tx, std::uint64_t revision) {
  return tx.put(kState, kRevision, std::to_string(revision));
}

// Calls `take` with each row of the table, page by page.
template <typename Take>
Result<void> for_each_row(store::Tx& tx, const store::Table& table, Take&& take) {
  std::string from;
  while (true) {
    WRIT_TRY(const auto rows, tx.scan(table, {from, {}}, kPage));
    for (const store::Row& row : rows) WRIT_CHECK(take(row));
    if (rows.size() < kPage) return {};
    from = rows.back().key + '\0';
  }
}

// Applies what is known to have taken effect.
Result<void> replay(AccessDraft& draft, const AccessChange& change) {
  if (draft.apply(change) != AccessOutcome::refused) return {};
  return fail(Code::tampered, "stored roles run in a circle: " + draft.circle(),
              "Remove one of these assignments from the database, then reload");
}

// The changes from `known` to `revision`, or false where not all of them are kept.
Result<bool> follow(store::Tx& tx, AccessDraft& draft, std::uint64_t revision) {
  for (std::uint64_t at = draft.index().revision() + 1; at <= revision; ++at) {
    WRIT_TRY(const auto row, tx.get(kChanges, store::Key().number(at).bytes()));
    if (!row) return false;
    WRIT_TRY(const auto changes, from_log(*row));
    for (const AccessChange& change : changes) WRIT_CHECK(replay(draft, change));
  }
  draft.set_revision(revision);
  return true;
}

}  // namespace

std::vector<store::Migration> access_migrations() {
  return store::make_tables("identity_access", "policies, roles and who holds them",
                            {kPolicies, kAssignments, kRoles, kState, kChanges});
}

Result<std::uint64_t> access_revision(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kState, kRevision));
  if (!row) return 0;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(row->data(), row->data() + row->size(), out);
  if (error != std::errc() || end != row->data() + row->size()) {
    return fail(Code::tampered, "the revision of access is no number");
  }
  return out;
}

Result<void> put_change(store::Tx& tx, const AccessChange& change, std::string_view description) {
  switch (change.verb) {
    case AccessVerb::add_policy:
      return tx.put(kPolicies, policy_key(change), {});
    case AccessVerb::remove_policy:
      WRIT_CHECK(tx.erase(kPolicies, policy_key(change)));
      return {};
    case AccessVerb::assign_role:
      WRIT_CHECK(declare_role(tx, change.object, {}));
      return tx.put(kAssignments, assignment_key(change), {});
    case AccessVerb::unassign_role:
      WRIT_CHECK(tx.erase(kAssignments, assignment_key(change)));
      return {};
    case AccessVerb::create_role:
      return declare_role(tx, change.subject, description);
    case AccessVerb::delete_role:
      WRIT_CHECK(tx.erase(kRoles, name_key(change.subject)));
      return {};
  }
  return fail(Code::internal, "a change of no kind");
}

Result<std::uint64_t> raise_revision(store::Tx& tx, const std::vector<AccessChange>& changes) {
  if (changes.size() > kLoggedChanges) return raise_revision_over_all(tx);
  WRIT_TRY(const std::uint64_t old, access_revision(tx));
  const std::uint64_t revision = old + 1;
  WRIT_CHECK(tx.put(kChanges, store::Key().number(revision).bytes(), to_log(changes)));
  if (revision > kKeptRevisions) {
    WRIT_CHECK(tx.erase(kChanges, store::Key().number(revision - kKeptRevisions).bytes()));
  }
  WRIT_CHECK(put_revision(tx, revision));
  return revision;
}

Result<std::uint64_t> raise_revision_over_all(store::Tx& tx, std::uint64_t least) {
  WRIT_TRY(const std::uint64_t old, access_revision(tx));
  const std::uint64_t revision = std::max(old, least) + 1;
  // Rows of a backup may be from behind: what stands there says nothing about this revision.
  WRIT_CHECK(tx.erase(kChanges, store::Key().number(revision).bytes()));
  WRIT_CHECK(put_revision(tx, revision));
  return revision;
}

Result<AccessIndex> index_at(store::Tx& tx, const AccessIndex& known, const AccessIndex& empty) {
  WRIT_TRY(const std::uint64_t revision, access_revision(tx));
  if (revision == known.revision()) return known;
  if (revision > known.revision() && revision - known.revision() <= kKeptRevisions) {
    AccessDraft draft(known);
    WRIT_TRY(const bool is_whole, follow(tx, draft, revision));
    if (is_whole) return std::move(draft).take();
  }
  return read_everything(tx, empty);
}

Result<AccessIndex> read_everything(store::Tx& tx, const AccessIndex& empty) {
  AccessDraft draft(empty);
  WRIT_CHECK(for_each_row(tx, kRoles, [&](const store::Row& row) -> Result<void> {
    AccessChange change{AccessVerb::create_role, {}};
    WRIT_TRY(change.subject, store::KeyReader(row.key).text());
    return replay(draft, change);
  }));
  WRIT_CHECK(for_each_row(tx, kAssignments, [&](const store::Row& row) -> Result<void> {
    AccessChange change{AccessVerb::assign_role, {}};
    store::KeyReader reader(row.key);
    WRIT_TRY(change.subject, reader.text());
    WRIT_TRY(change.object, reader.text());
    return replay(draft, change);
  }));
  WRIT_CHECK(for_each_row(tx, kPolicies, [&](const store::Row& row) -> Result<void> {
    AccessChange change{AccessVerb::add_policy, {}};
    store::KeyReader reader(row.key);
    WRIT_TRY(change.subject, reader.text());
    WRIT_TRY(change.object, reader.text());
    WRIT_TRY(change.action, reader.text());
    return replay(draft, change);
  }));
  WRIT_TRY(const std::uint64_t revision, access_revision(tx));
  draft.set_revision(revision);
  return std::move(draft).take();
}

Result<void> erase_all_access(store::Tx& tx) {
  for (const store::Table& table : {kPolicies, kAssignments, kRoles, kChanges}) {
    while (true) {
      WRIT_TRY(const auto rows, tx.scan(table, {}, kPage));
      for (const store::Row& row : rows) WRIT_CHECK(tx.erase(table, row.key));
      if (rows.size() < kPage) break;
    }
  }
  return {};
}

Result<std::vector<Role>> list_roles(store::Tx& tx, std::string_view after, std::size_t limit) {
  const std::string from = after.empty() ? std::string() : name_key(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kRoles, {from, {}}, limit));
  std::vector<Role> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(Role role, role_from(row));
    out.push_back(std::move(role));
  }
  return out;
}

Result<std::optional<Role>> find_role(store::Tx& tx, std::string_view name) {
  WRIT_TRY(auto row, tx.get(kRoles, name_key(name)));
  if (!row) return std::nullopt;
  WRIT_TRY(Role role, role_from({name_key(name), *std::move(row)}));
  return role;
}

Result<std::vector<Policy>> list_policies(store::Tx& tx, std::string_view subject,
                                          const std::optional<Policy>& after, std::size_t limit) {
  store::KeyRange range;
  if (!subject.empty()) range = store::Key().text(subject).under();
  if (after) {
    range.first = std::max(
        range.first,
        policy_key({AccessVerb::add_policy, after->subject, after->object, after->action}) + '\0');
  }
  WRIT_TRY(const auto rows, tx.scan(kPolicies, range, limit));
  std::vector<Policy> out;
  for (const store::Row& row : rows) {
    Policy policy;
    store::KeyReader reader(row.key);
    WRIT_TRY(policy.subject, reader.text());
    WRIT_TRY(policy.object, reader.text());
    WRIT_TRY(policy.action, reader.text());
    out.push_back(std::move(policy));
  }
  return out;
}

Result<std::vector<Assignment>> list_assignments(store::Tx& tx, std::string_view subject) {
  store::KeyRange range;
  if (!subject.empty()) range = store::Key().text(subject).under();
  std::vector<Assignment> out;
  for (;;) {
    WRIT_TRY(const auto rows, tx.scan(kAssignments, range, kPage));
    for (const store::Row& row : rows) {
      store::KeyReader reader(row.key);
      Assignment one;
      WRIT_TRY(one.subject, reader.text());
      WRIT_TRY(one.role, reader.text());
      out.push_back(std::move(one));
    }
    if (rows.size() < kPage) return out;
    range.first = rows.back().key + '\0';
  }
}

}  // namespace writ::identity
