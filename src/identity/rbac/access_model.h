#pragma once
// What role based access is made of, as Casbin's basic model has it: policies say that a subject
// may do an action on an object; assignments make a subject a holder of a role. A role is a subject
// as well, and may hold roles. Names are compared byte by byte: there are no patterns.
//
// Values.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.h"
#include "base/result.h"

namespace writ::identity {

struct Policy {
  std::string subject;  // a principal's id, or a role
  std::string object;
  std::string action;
  friend auto operator<=>(const Policy&, const Policy&) = default;
};

struct Assignment {
  std::string subject;
  std::string role;
  friend auto operator<=>(const Assignment&, const Assignment&) = default;
};

enum class AccessVerb : std::uint8_t {
  add_policy,
  remove_policy,
  assign_role,
  unassign_role,
  create_role,
  delete_role,  // with its policies, and from whoever holds it
};

inline constexpr EnumNames<AccessVerb, 6> kAccessVerbs{
    {"add_policy", "remove_policy", "assign_role", "unassign_role", "create_role", "delete_role"}};

struct AccessChange {
  AccessVerb verb = AccessVerb::add_policy;
  std::string subject;      // of create_role and delete_role: the role
  std::string object = {};  // of the two assignments: the role
  std::string action = {};
  std::string description = {};  // of create_role; decides nothing
  friend bool operator==(const AccessChange&, const AccessChange&) = default;
};

// What became of one change. Casbin says true to the first and false to the second.
enum class AccessOutcome : std::uint8_t {
  done,
  nothing,  // it was there already, or was not there
  refused,
};

inline constexpr EnumNames<AccessOutcome, 3> kAccessOutcomes{{"done", "nothing", "refused"}};

inline constexpr std::size_t kLongestAccessName = 512;

// 1 to 512 bytes of UTF-8 without control characters. `what` is named in the error.
// Errors: invalid_input.
Result<void> check_access_name(std::string_view what, std::string_view name);
// Roles besides: not the form of a principal's id, so that no role is ever taken for somebody.
Result<void> check_role_name(std::string_view name);
Result<void> check_change(const AccessChange& change);

}  // namespace writ::identity
