#include "identity/rbac/access_model.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/id.h"

namespace writ::identity {
namespace {

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

}  // namespace

Result<void> check_access_name(std::string_view what, std::string_view name) {
  const std::string subject(what);
  if (name.empty()) return fail(Code::invalid_input, subject + " is empty", "Name it");
  if (name.size() > kLongestAccessName) {
    return fail(Code::invalid_input,
                subject + " has " + std::to_string(name.size()) + " bytes; 512 are the most",
                "Use a shorter name");
  }
  if (has_control(name) || !is_utf8(name)) {
    return fail(Code::invalid_input, subject + " is not a line of UTF-8 text",
                "Leave out control characters");
  }
  return {};
}

Result<void> check_role_name(std::string_view name) {
  WRIT_CHECK(check_access_name("the role", name));
  if (Uuid::parse(name)) {
    return fail(Code::invalid_input, "a role must not be named like a principal's id",
                "Give the role a name of words");
  }
  return {};
}

Result<void> check_change(const AccessChange& change) {
  switch (change.verb) {
    case AccessVerb::add_policy:
    case AccessVerb::remove_policy:
      WRIT_CHECK(check_access_name("the subject", change.subject));
      WRIT_CHECK(check_access_name("the object", change.object));
      return check_access_name("the action", change.action);
    case AccessVerb::assign_role:
    case AccessVerb::unassign_role:
      WRIT_CHECK(check_access_name("the subject", change.subject));
      return check_role_name(change.object);
    case AccessVerb::create_role:
    case AccessVerb::delete_role:
      return check_role_name(change.subject);
  }
  return fail(Code::internal, "a change of no kind");
}

}  // namespace writ::identity
