#include "identity/rbac/access_conditions.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "identity/rbac/access_index.h"
#include "identity/rbac/access_model.h"
#include "policy/parse/parser.h"

namespace writ::identity {
namespace {

constexpr const char* kDeny = "data.writ.access.deny";

// Whether a module that compiles says what may not be, where it is looked for.
bool has_deny(std::string_view module, std::string_view name) {
  const auto parsed = rego::parse_module(name, module);
  if (!parsed || parsed->package.size() != 2) return false;
  const bool is_ours = parsed->package[0].text() == "writ" && parsed->package[1].text() == "access";
  return is_ours && std::ranges::any_of(parsed->rules, [](const rego::ast::Rule& rule) {
           return rule.is_partial_set && rego::ast::to_text(rule.ref) == "deny";
         });
}

Value input_of(const AccessQuestion& question, const AccessDecision& decision) {
  const Policy policy = decision.matched.value_or(Policy{});
  Object matched;
  matched.append("subject", policy.subject);
  matched.append("object", policy.object);
  matched.append("action", policy.action);
  Array via;
  for (const std::string& name : decision.via) via.emplace_back(name);
  Object out;
  out.append("subject", question.subject);
  out.append("object", question.object);
  out.append("action", question.action);
  out.append("matched_policy", std::move(matched));
  out.append("via", std::move(via));
  out.append("context", question.context.is_null() ? Value(Object{}) : question.context);
  return out;
}

}  // namespace

AccessConditions::AccessConditions(std::string_view module)
    : AccessConditions(module, "conditions.rego") {}

AccessConditions::AccessConditions(std::string_view module, std::string_view name)
    : module_(module), policy_(std::in_place, module, kDeny, name, kConditionBudget) {}

Result<AccessConditions> AccessConditions::parse(std::string_view module, std::string_view name) {
  AccessConditions out(module, name);
  if (!out.policy_->broken().empty()) {
    return fail(Code::invalid_input, "the conditions do not compile: " + out.policy_->broken(),
                "Mend the module; `writ policy check` names everything that is wrong");
  }
  // Of a module without it nobody would learn before everybody is denied.
  if (!has_deny(module, name)) {
    return fail(Code::invalid_input, std::string(name) + " has no set `deny` in `writ.access`",
                "Begin with `package writ.access`, and say `deny contains \"why\" if …`");
  }
  return out;
}

Result<AccessConditions> AccessConditions::load(const std::filesystem::path& path) {
  WRIT_TRY(const std::string module, read_file(path, kMaxConditions));
  return parse(module, path.filename().string());
}

std::string AccessConditions::digest() const {
  if (!policy_) return {};
  return to_hex(as_bytes(crypto::sha256(module_).view()));
}

std::vector<std::string> AccessConditions::objections(const AccessQuestion& question,
                                                      const AccessDecision& decision) const {
  if (!policy_) return {};
  const auto denied = policy_->decide(input_of(question, decision));
  if (!denied) return {"the conditions cannot be decided: " + denied.error().message};
  if (!denied->is_array()) return {"the conditions cannot be decided: `deny` is no set of texts"};
  std::vector<std::string> out;
  for (const Value& why : denied->as_array()) {
    out.push_back(why.is_string() ? why.as_string() : "denied by a condition without a text");
  }
  return out;
}

}  // namespace writ::identity
