// OpenID AuthZEN Authorization API 1.0 over role based access.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "identity/principals.h"
#include "server/api/answers.h"
#include "server/rbac/administrators.h"
#include "server/rbac/rbac_operations.h"
#include "server/rbac/rbac_values.h"

namespace writ::server {
namespace {

using identity::AccessIndex;

// Principals are named by their ids, roles by their names; what is of another type is `type:id`.
constexpr std::string_view kNamedByIdAlone[] = {"ai_agent", "role", "service_account", "user"};
// An object that is meant as it stands.
constexpr std::string_view kObject = "object";

bool is_named_by_id_alone(std::string_view type) {
  return std::ranges::find(kNamedByIdAlone, type) != std::end(kNamedByIdAlone);
}

std::string member(const Value& of, std::string_view entity, std::string_view name) {
  const Value* found = of.find(entity);
  return found == nullptr ? std::string() : std::string(found->string_or(name, ""));
}

Result<std::string> subject_name(const Value& request) {
  const std::string type = member(request, "subject", "type");
  const std::string id = member(request, "subject", "id");
  if (type.empty() || id.empty()) {
    return fail(Code::invalid_input, "`subject` has no type or no id", "Give both");
  }
  return is_named_by_id_alone(type) ? id : type + ":" + id;
}

Result<std::string> object_name(const Value& request) {
  const std::string type = member(request, "resource", "type");
  const std::string id = member(request, "resource", "id");
  if (type.empty() || id.empty()) {
    return fail(Code::invalid_input, "`resource` has no type or no id", "Give both");
  }
  return type == kObject ? id : type + ":" + id;
}

Result<std::string> action_name(const Value& request) {
  std::string name = member(request, "action", "name");
  if (name.empty()) return fail(Code::invalid_input, "`action` has no name", "Give one");
  return name;
}

// What conditions see: the request's context and what it says of subject, action and resource.
Value context_of(const Value& request) {
  const Value* given = request.find("context");
  Object out = given != nullptr && given->is_object() ? given->as_object() : Object();
  for (const char* entity : {"subject", "action", "resource"}) {
    const Value* found = request.find(entity);
    const Value* properties = found == nullptr ? nullptr : found->find("properties");
    if (properties != nullptr) out.set(std::string(entity) + "_properties", *properties);
  }
  return out;
}

struct Evaluation {
  bool is_permitted = false;
  Value answer;
};

Result<Evaluation> evaluate(const RbacServices& services, const AccessIndex& index,
                            const identity::Caller& who, const Value& request) {
  WRIT_TRY(const std::string subject, subject_name(request));
  WRIT_CHECK(require_self_or_administrator(who, subject));
  WRIT_TRY(const std::string action, action_name(request));
  WRIT_TRY(const std::string object, object_name(request));
  const identity::AccessCheck check =
      services.access->check(index, {subject, object, action, context_of(request)});
  Value told = to_value(check);
  Object& context = told.as_object();
  context.erase("allowed");
  context.erase("reason");
  context.append("reason_admin", Object{{"en", check.reason}});
  return Evaluation{check.is_allowed,
                    Object{{"decision", check.is_allowed}, {"context", std::move(context)}}};
}

// With the caller's request id, by which it finds the answer again.
net::Response answer(const Call& call, const Value& body) {
  net::Response out = json(200, body);
  const auto id = call.request.fields.find("X-Request-ID");
  if (id) out.fields.emplace_back("X-Request-ID", *id);
  return out;
}

Result<net::Answer> evaluate_one(const RbacServices& services, const Call& call) {
  WRIT_CHECK(services.access->refresh());
  WRIT_TRY(Evaluation done, evaluate(services, *services.access->index(), call.who(), call.body));
  return answer(call, done.answer);
}

// Members that an evaluation does not give come from the request.
Value with_defaults(const Value& request, const Value& evaluation) {
  Object out = evaluation.as_object();
  for (const char* name : {"subject", "action", "resource", "context"}) {
    const Value* fallback = request.find(name);
    if (fallback != nullptr && !out.contains(name)) out.append(name, *fallback);
  }
  return out;
}

// A request of several that cannot be understood is a denial which says so.
Evaluation denied_for(const Error& error) {
  Object problem{{"status", error_row(error.code).http_status}, {"message", error.message}};
  Object context{{"error", std::move(problem)}};
  return {false, Object{{"decision", false}, {"context", std::move(context)}}};
}

Result<net::Answer> evaluate_many(const RbacServices& services, const Call& call) {
  const Value* list = call.body.find("evaluations");
  if (list == nullptr || list->as_array().empty()) return evaluate_one(services, call);
  WRIT_CHECK(services.access->refresh());
  const auto index = services.access->index();  // one for all: they are decided at one revision
  const Value* semantic = call.body.at_path({"options", "evaluations_semantic"});
  const std::string how = semantic == nullptr ? "execute_all" : semantic->as_string();
  Array answers;
  for (const Value& one : list->as_array()) {
    auto done = evaluate(services, *index, call.who(), with_defaults(call.body, one));
    Evaluation evaluation = done ? *std::move(done) : denied_for(done.error());
    answers.push_back(std::move(evaluation.answer));
    if (how == "deny_on_first_deny" && !evaluation.is_permitted) break;
    if (how == "permit_on_first_permit" && evaluation.is_permitted) break;
  }
  return answer(call, Object{{"evaluations", std::move(answers)}});
}

// One page of names in their order: a search's answer.
class Page {
 public:
  explicit Page(const Value& request) {
    const Value* page = request.find("page");
    if (page == nullptr) return;
    after_ = page->string_or("token", "");
    limit_ =
        static_cast<std::size_t>(std::clamp<std::int64_t>(page->integer_or("limit", 100), 1, 1000));
  }
  void take(std::string name) {
    if (name > after_) names_.push_back(std::move(name));
  }
  Value answer(const std::function<Value(const std::string&)>& to_entity) {
    std::ranges::sort(names_);
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    const bool is_more = names_.size() > limit_;
    if (is_more) names_.resize(limit_);
    Array results;
    for (const std::string& name : names_) results.push_back(to_entity(name));
    return Object{{"results", std::move(results)},
                  {"page", Object{{"next_token", is_more ? names_.back() : std::string()}}}};
  }

 private:
  std::string after_;
  std::size_t limit_ = 100;
  std::vector<std::string> names_;
};

Value entity(std::string_view type, std::string_view id) {
  return Object{{"type", type}, {"id", id}};
}

// What of `name` is the id in that type; nullopt: it is of another type.
std::optional<std::string> id_of(std::string_view name, std::string_view type) {
  if (!name.starts_with(type) || name.size() <= type.size() || name[type.size()] != ':') {
    return std::nullopt;
  }
  return std::string(name.substr(type.size() + 1));
}

// Whether a subject that is named by its id alone is of the type.
Result<bool> is_of_type(store::Tx& tx, std::string_view name, bool is_role, std::string_view type) {
  if (type == "role" || is_role) return type == "role" && is_role;
  const auto uuid = Uuid::parse(name);
  if (!uuid) return type == "user" && !name.contains(':');
  WRIT_TRY(const auto principal, find_principal(tx, identity::PrincipalId{*uuid}));
  return principal && identity::kPrincipalKinds.name(principal->kind) == type;
}

Result<net::Answer> search_subjects(const RbacServices& services, const Call& call) {
  WRIT_CHECK(require_administrator(call.who()));
  WRIT_CHECK(services.access->refresh());
  WRIT_TRY(const std::string action, action_name(call.body));
  WRIT_TRY(const std::string object, object_name(call.body));
  const std::string type = member(call.body, "subject", "type");
  const auto index = services.access->index();
  const Value context = context_of(call.body);
  Page page(call.body);
  const auto look = [&](store::Tx& tx) -> Result<void> {
    Result<void> out;
    index->for_each_subject([&](std::string_view found, bool is_role) {
      const std::string name(found);
      const std::optional<std::string> id =
          is_named_by_id_alone(type) ? std::optional(name) : id_of(name, type);
      if (!id || !index->allows(name, object, action)) return true;
      if (is_named_by_id_alone(type)) {
        const auto fits = is_of_type(tx, name, is_role, type);
        if (!fits) out = std::unexpected(fits.error());
        if (!fits || !*fits) return fits.has_value();
      }
      if (services.access->check(*index, {name, object, action, context}).is_allowed) {
        page.take(*id);
      }
      return true;
    });
    return out;
  };
  WRIT_CHECK(services.store.read(look));
  return answer(call, page.answer([&](const std::string& id) { return entity(type, id); }));
}

Result<net::Answer> search_resources(const RbacServices& services, const Call& call) {
  WRIT_TRY(const std::string subject, subject_name(call.body));
  WRIT_CHECK(require_self_or_administrator(call.who(), subject));
  WRIT_CHECK(services.access->refresh());
  WRIT_TRY(const std::string action, action_name(call.body));
  const std::string type = member(call.body, "resource", "type");
  const auto index = services.access->index();
  const Value context = context_of(call.body);
  Page page(call.body);
  index->for_each_permission(subject, [&](const identity::GrantedPolicy& granted) {
    const std::string& object = granted.policy.object;
    if (granted.policy.action != action) return true;
    const std::optional<std::string> id = type == kObject ? object : id_of(object, type);
    if (id && services.access->check(*index, {subject, object, action, context}).is_allowed) {
      page.take(*id);
    }
    return true;
  });
  return answer(call, page.answer([&](const std::string& id) { return entity(type, id); }));
}

Result<net::Answer> search_actions(const RbacServices& services, const Call& call) {
  WRIT_TRY(const std::string subject, subject_name(call.body));
  WRIT_CHECK(require_self_or_administrator(call.who(), subject));
  WRIT_CHECK(services.access->refresh());
  WRIT_TRY(const std::string object, object_name(call.body));
  const auto index = services.access->index();
  const Value context = context_of(call.body);
  Page page(call.body);
  index->for_each_permission(subject, [&](const identity::GrantedPolicy& granted) {
    const std::string& action = granted.policy.action;
    if (granted.policy.object == object &&
        services.access->check(*index, {subject, object, action, context}).is_allowed) {
      page.take(action);
    }
    return true;
  });
  return answer(
      call, page.answer([](const std::string& name) -> Value { return Object{{"name", name}}; }));
}

Result<net::Answer> metadata(const RbacServices& services, const Call& call) {
  std::string base = services.base_url;
  if (base.empty()) {
    const auto host = call.request.fields.find("Host");
    base = std::string(call.context.is_encrypted ? "https://" : "http://") +
           std::string(host ? *host : std::string_view("localhost"));
  }
  return json(200, Object{{"policy_decision_point", base},
                          {"access_evaluation_endpoint", base + "/access/v1/evaluation"},
                          {"access_evaluations_endpoint", base + "/access/v1/evaluations"},
                          {"search_subject_endpoint", base + "/access/v1/search/subject"},
                          {"search_resource_endpoint", base + "/access/v1/search/resource"},
                          {"search_action_endpoint", base + "/access/v1/search/action"}});
}

}  // namespace

std::vector<Binding> authzen_operations(const RbacServices& services) {
  const auto bound = [&services](auto function) {
    return [services, function](const Call& call) -> Result<net::Answer> {
      return function(services, call);
    };
  };
  return {{"evaluateAccess", bound(evaluate_one)},
          {"evaluateAccesses", bound(evaluate_many)},
          {"searchAccessSubjects", bound(search_subjects)},
          {"searchAccessResources", bound(search_resources)},
          {"searchAccessActions", bound(search_actions)},
          {"getAuthzenConfiguration", bound(metadata)}};
}

}  // namespace writ::server
