#include "server/storage/storage_operations.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "identity/kv/entries.h"
#include "server/api/answers.h"
#include "server/api/errors.h"
#include "server/rbac/administrators.h"
#include "server/storage/conditions.h"

namespace writ::server {
namespace {

using identity::Entry;
using identity::EntryOutcome;

constexpr int kPreconditionFailed = 412;

// Everybody whom the request rests on has to have the permission: who acts for somebody has no more
// than both have.
Result<void> require_permission(const StorageServices& services, const Call& call,
                                std::string_view action) {
  const identity::Caller& who = call.who();
  if (is_administrator(who)) return {};
  const std::string object = identity::space_object(call.text("namespace"));
  WRIT_CHECK(services.access->refresh());
  const auto index = services.access->index();
  std::vector<identity::PrincipalId> all = who.actors;
  all.push_back(who.id);
  for (const identity::PrincipalId one : all) {
    const std::string subject = one.text();
    const auto check =
        services.access->check(*index, {.subject = subject, .object = object, .action = action});
    if (check.is_allowed) continue;
    std::string message = subject + " has no permission ";
    message.append(action).append(" on ").append(object);
    return fail(Code::not_permitted, std::move(message),
                "Ask an administrator for it: POST /rbac/policies");
  }
  return {};
}

identity::EntryName name_of(const Call& call) { return {call.text("namespace"), call.text("key")}; }

identity::Deed deed_of(const StorageServices& services, const Call& call) {
  return {.journal = services.journal,
          .actor = call.who().event_actor(),
          .correlation = std::string(call.trace)};
}

Value to_value(const std::string& space, const Entry& entry) {
  return Object{{"namespace", space},
                {"key", entry.key},
                {"value", entry.value},
                {"revision", entry.revision},
                {"created_at", to_rfc3339(entry.created_at)},
                {"changed_at", to_rfc3339(entry.changed_at)}};
}

net::Response answer_entry(int status, const Call& call, const Entry& entry) {
  net::Response out = json(status, to_value(call.text("namespace"), entry));
  out.fields.emplace_back("ETag", etag_of(entry.revision));
  return out;
}

std::unexpected<Error> no_entry(const Call& call) {
  return fail(Code::not_found,
              "there is no " + call.text("key") + " in the namespace " + call.text("namespace"),
              "List what there is: GET /storage/{namespace}");
}

// A conflict, with the status that RFC 9110 has for conditions.
Result<net::Answer> unmet(const Call& call, const std::optional<Entry>& entry) {
  Error error;
  error.code = Code::conflict;
  error.message = entry ? "the entry is at revision " + std::to_string(entry->revision) +
                              ", which the request does not accept"
                        : "there is no entry, and the request demands one";
  error.remediation = "Read the entry again and repeat the change with its ETag";
  net::Response out =
      render_error(contract::ErrorShape::problem, error, call.trace, kPreconditionFailed);
  if (entry) out.fields.emplace_back("ETag", etag_of(entry->revision));
  return out;
}

Result<net::Answer> list(const StorageServices& services, const Call& call) {
  WRIT_CHECK(require_permission(services, call, "read"));
  const std::string& space = call.text("namespace");
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  const auto text = [&](std::string_view name) {
    const Value* given = call.parameter(name);
    return given == nullptr ? std::string() : given->as_string();
  };
  WRIT_TRY(const auto found, services.store.read([&](store::Tx& tx) {
    return identity::list_entries(tx, space, text("prefix"), text("after"), limit);
  }));
  Array items;
  for (const Entry& entry : found) items.push_back(to_value(space, entry));
  Object out{{"items", std::move(items)}};
  if (found.size() == limit) out.append("next", found.back().key);
  return json(200, std::move(out));
}

Result<net::Answer> get(const StorageServices& services, const Call& call) {
  WRIT_CHECK(require_permission(services, call, "read"));
  WRIT_TRY(const identity::EntryCondition condition, condition_of(call));
  WRIT_TRY(const auto found, services.store.read([&](store::Tx& tx) {
    return identity::find_entry(tx, name_of(call));
  }));
  if (!found) return no_entry(call);
  if (identity::is_met(condition, &*found)) return answer_entry(200, call, *found);
  net::Response out;
  out.status = 304;
  out.fields.emplace_back("ETag", etag_of(found->revision));
  return out;
}

Result<net::Answer> put(const StorageServices& services, const Call& call) {
  WRIT_CHECK(require_permission(services, call, "write"));
  WRIT_TRY(const identity::EntryCondition condition, condition_of(call));
  const Value* value = call.body.find("value");
  if (value == nullptr) return fail(Code::invalid_input, "there is no `value`", "Send one");
  WRIT_TRY(const auto done, services.store.write([&](store::Tx& tx) {
    return identity::put_entry(tx, name_of(call), *value, condition, deed_of(services, call));
  }));
  if (done.outcome == EntryOutcome::unmet || !done.entry) return unmet(call, done.entry);
  return answer_entry(done.outcome == EntryOutcome::made ? 201 : 200, call, *done.entry);
}

Result<net::Answer> remove(const StorageServices& services, const Call& call) {
  WRIT_CHECK(require_permission(services, call, "write"));
  WRIT_TRY(const identity::EntryCondition condition, condition_of(call));
  WRIT_TRY(const auto done, services.store.write([&](store::Tx& tx) {
    return identity::remove_entry(tx, name_of(call), condition, deed_of(services, call));
  }));
  if (done.outcome == EntryOutcome::unmet) return unmet(call, done.entry);
  if (done.outcome == EntryOutcome::absent) return no_entry(call);
  return no_content();
}

}  // namespace

std::vector<Binding> storage_operations(const StorageServices& services) {
  const auto bound = [&services](auto function) {
    return [services, function](const Call& call) -> Result<net::Answer> {
      return function(services, call);
    };
  };
  return {{"listStorage", bound(list)},
          {"getStorageEntry", bound(get)},
          {"putStorageEntry", bound(put)},
          {"removeStorageEntry", bound(remove)}};
}

}  // namespace writ::server
