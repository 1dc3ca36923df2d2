#include "identity/directory/sync_step.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "identity/accounts/change_for_user.h"
#include "identity/accounts/email.h"
#include "identity/directory/directory_sync.h"
#include "identity/rbac/access_rows.h"

namespace writ::identity {
namespace {

using Names = std::set<std::string>;

struct Decision {
  store::Tx& tx;
  const DirectoryRules& rules;
  const Wanted& wanted;
  SyncStep step = {};

  void refuse(SyncRefusal reason) { step = {.item = refused(std::move(step.item), reason)}; }
};

Names wanted_roles(const Decision& at) {
  Names out;
  if (at.wanted.is_gone) return out;
  for (const GroupRole& one : at.rules.roles) {
    if (std::ranges::find(at.wanted.person.groups, one.group) != at.wanted.person.groups.end()) {
      out.insert(one.role);
    }
  }
  return out;
}

// Of several addresses the one that the account has; a directory gives them in no order. Empty:
// none that an account may have.
std::string pick_address(const std::vector<std::string>& addresses, const std::string& held) {
  Names good;
  for (const std::string& one : addresses) {
    if (auto address = normalise_email(one)) good.insert(*std::move(address));
  }
  if (good.contains(held)) return held;
  return good.empty() ? std::string() : *good.begin();
}

Names without(const Names& all, const Names& these) {
  Names out;
  std::ranges::set_difference(all, these, std::inserter(out, out.end()));
  return out;
}

// Roles that people gave by hand stay theirs to take.
Result<void> decide_roles(Decision& at, PrincipalId user) {
  const Names wanted = wanted_roles(at);
  Names held;
  WRIT_TRY(const auto assignments, list_assignments(at.tx, user.text()));
  for (const Assignment& one : assignments) held.insert(one.role);
  WRIT_TRY(const auto marked, list_directory_roles(at.tx, user));
  const Names gained = without(wanted, held);
  const Names over = without(Names(marked.begin(), marked.end()), wanted);
  at.step.item.roles_gained.assign(gained.begin(), gained.end());
  at.step.unmarked.assign(over.begin(), over.end());
  for (const std::string& role : over) {
    if (held.contains(role)) at.step.item.roles_lost.push_back(role);
  }
  return {};
}

Result<void> decide_address(Decision& at, const User& user) {
  SyncItem& item = at.step.item;
  const std::string address = pick_address(at.wanted.person.addresses, user.email);
  if (address.empty()) {
    item.reason = SyncRefusal::bad_address;
  } else if (address != user.email) {
    WRIT_TRY(const auto other, find_user_by_email(at.tx, address));
    if (other) {
      item.reason = SyncRefusal::address_taken;
    } else {
      at.step.change.email = address;
      item.email = address;
      item.fields.emplace_back("email");
    }
  }
  const bool is_as_proved = at.rules.addresses_are_verified && item.reason == SyncRefusal::none;
  if (is_as_proved && (!user.is_verified || at.step.change.email)) {
    at.step.change.is_verified = true;
    if (!user.is_verified) item.fields.emplace_back("is_verified");
  }
  return {};
}

void decide_standing(Decision& at, const User& user) {
  const bool is_ours_to_wake = !user.is_active && user.off_by == at.rules.name;
  if (at.wanted.is_gone && user.is_active) {
    at.step.change.is_active = false;
    at.step.change.off_by = at.rules.name;
    at.step.item.fate = PersonFate::switched_off;
  } else if (!at.wanted.is_gone && is_ours_to_wake) {
    at.step.change.is_active = true;
    at.step.item.fate = PersonFate::returned;
  }
}

void decide_password(Decision& at, const DirectoryLink& link, const User& user) {
  if (!link.made_the_account || user.may_have_password == at.rules.allows_passwords) return;
  at.step.change.may_have_password = at.rules.allows_passwords;
  at.step.item.fields.emplace_back("may_have_password");
}

Result<void> decide_known(Decision& at, const DirectoryLink& link, const User& user) {
  SyncItem& item = at.step.item;
  item.user = user.id;
  item.email = user.email;
  decide_standing(at, user);
  if (!at.wanted.is_gone) {
    WRIT_CHECK(decide_address(at, user));
    decide_password(at, link, user);
  }
  WRIT_CHECK(decide_roles(at, user.id));
  at.step.changes_user = item.fate != PersonFate::unchanged || !item.fields.empty();
  if (at.step.has_effect()) {
    if (user.is_superuser) {
      at.refuse(SyncRefusal::superuser);
    } else if (item.fate == PersonFate::unchanged) {
      item.fate = PersonFate::changed;
    }
  } else if (item.reason != SyncRefusal::none) {
    item.fate = PersonFate::refused;
  }
  return {};
}

// The address has an account that is nobody's in this directory. Who made it may be somebody else:
// it is taken over only where the settings say so and the account has proved the address.
Result<void> decide_met(Decision& at, const User& user) {
  WRIT_TRY(const auto link, find_directory_link(at.tx, user.id));
  const bool may_adopt = at.rules.adopts_by_email && user.is_verified && user.is_active;
  if (user.is_superuser) {
    at.refuse(SyncRefusal::superuser);
  } else if (link && link->directory != at.rules.name) {
    at.refuse(SyncRefusal::other_directory);
  } else if (link || !may_adopt) {
    at.refuse(SyncRefusal::address_taken);
  } else {
    at.step.item.user = user.id;
    at.step.item.fate = PersonFate::adopted;
    return decide_roles(at, user.id);
  }
  return {};
}

Result<void> decide_new(Decision& at) {
  SyncItem& item = at.step.item;
  item.email = pick_address(at.wanted.person.addresses, {});
  if (item.email.empty()) {
    at.refuse(SyncRefusal::bad_address);
    return {};
  }
  WRIT_TRY(const auto user, find_user_by_email(at.tx, item.email));
  if (user) return decide_met(at, *user);
  item.fate = PersonFate::created;
  const Names roles = wanted_roles(at);
  item.roles_gained.assign(roles.begin(), roles.end());
  return {};
}

Result<PrincipalId> come_to_account(store::Tx& tx, const DirectoryRules& rules,
                                    const SyncStep& step, PrincipalId new_user, const Deed& deed) {
  const bool is_new = step.item.fate == PersonFate::created;
  if (is_new) {
    WRIT_CHECK(create_user(tx,
                           {.id = new_user,
                            .email = step.item.email,
                            .is_verified = rules.addresses_are_verified,
                            .may_have_password = rules.allows_passwords},
                           deed));
  }
  const PrincipalId user = step.item.user.value_or(new_user);
  WRIT_CHECK(put_directory_link(tx,
                                {.directory = rules.name,
                                 .person = step.item.person,
                                 .user = user,
                                 .made_the_account = is_new},
                                deed));
  return user;
}

}  // namespace

SyncItem refused(SyncItem item, SyncRefusal reason) {
  return {.person = std::move(item.person),
          .user = item.user,
          .email = std::move(item.email),
          .fate = PersonFate::refused,
          .reason = reason};
}

Result<SyncStep> decide(store::Tx& tx, const DirectoryRules& rules, const Wanted& wanted) {
  Decision at{.tx = tx, .rules = rules, .wanted = wanted};
  at.step.item.person = wanted.person.id;
  WRIT_TRY(const auto link, find_directory_link(tx, rules.name, wanted.person.id));
  if (!link) {
    if (!wanted.is_gone) WRIT_CHECK(decide_new(at));
    return std::move(at.step);
  }
  WRIT_TRY(const auto user, find_user(tx, link->user));
  if (!user) return fail(Code::tampered, "a person of a directory belongs to nobody");
  WRIT_CHECK(decide_known(at, *link, *user));
  return std::move(at.step);
}

Result<PrincipalId> carry_out(store::Tx& tx, const DirectoryRules& rules, const SyncStep& step,
                              PrincipalId new_user, std::vector<AccessChange>& access,
                              const Deed& deed) {
  SyncItem item = step.item;
  if (item.fate == PersonFate::created || item.fate == PersonFate::adopted) {
    WRIT_TRY(item.user, come_to_account(tx, rules, step, new_user, deed));
  }
  const PrincipalId user = item.user.value_or(PrincipalId{});
  if (step.changes_user) {
    WRIT_TRY(const auto before, find_user(tx, user));
    if (!before) return fail(Code::tampered, "a person of a directory belongs to nobody");
    WRIT_CHECK(change_for_user(tx, *before, step.change, "changed_by_directory", deed));
  }
  for (const std::string& role : step.unmarked) WRIT_CHECK(erase_directory_role(tx, user, role));
  for (const std::string& role : item.roles_gained) {
    WRIT_CHECK(put_directory_role(tx, user, role));
  }
  std::ranges::move(access_changes(item), std::back_inserter(access));
  return user;
}

std::vector<AccessChange> access_changes(const SyncItem& item) {
  const std::string subject = item.user ? item.user->text() : item.email;
  std::vector<AccessChange> out;
  for (const std::string& role : item.roles_gained) {
    out.push_back({AccessVerb::assign_role, subject, role});
  }
  for (const std::string& role : item.roles_lost) {
    out.push_back({AccessVerb::unassign_role, subject, role});
  }
  return out;
}

}  // namespace writ::identity
