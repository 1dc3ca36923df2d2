#pragma once
// The family `rbac`: role based access under /rbac, and the same decisions as OpenID AuthZEN
// (Authorization API 1.0) asks for them under /access/v1.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "identity/rbac/access_control.h"
#include "server/api/operation.h"
#include "server/recovery/second_person.h"
#include "store/store.h"

namespace writ::server {

struct RbacServices {
  // Shared with whoever else changes or asks about access; the last of them ends it.
  std::shared_ptr<identity::AccessControl> access;
  // Borrowed, and outlive the bindings.
  store::Store& store;
  const Clock& clock;
  // Without whom access is not reset.
  SecondPerson second;
  // What the metadata of AuthZEN begin their addresses with: "https://writ.example.org". Empty: as
  // the request named this server.
  std::string base_url = {};
  // How long ago a person may have proved who it is, to reset access.
  std::chrono::seconds step_up{300};
};

std::vector<Binding> rbac_operations(const RbacServices& services);

// A part of them. What a check rests on is brought up to date before it: another server may have
// changed it.
std::vector<Binding> authzen_operations(const RbacServices& services);
// A part of them: conditions in Rego, shown and tried.
std::vector<Binding> condition_operations(const RbacServices& services);

}  // namespace writ::server
