#pragma once
// An operation of contracts/openapi.yaml and the function that carries it out. The contract says
// path, method, schemas, scope and rate; code says only `operationId` → function, in one table a
// family (`auth_operations`, `rbac_operations`, …). `Api::build` (api.h) holds the two together:
// an operation without a function, or a function without an operation, and the server does not
// start.
//
// What a function can rely on: the caller is known and has the operation's scope, rate and size are
// within bounds, body and parameters keep to their schemas.
#include <functional>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/value.h"
#include "identity/caller.h"
#include "net/handler.h"

namespace writ::server {

// All of it is borrowed, and lives until the function has returned.
struct Call {
  const net::Request& request;
  net::Context& context;
  const identity::Caller* caller;  // null: the contract leaves the operation open (`security: []`)
  const Value& body;               // JSON, or a form as an object of strings; null: none was sent
  // Of path, query and header by their names in the contract, in the types that it gives them, with
  // its defaults filled in.
  const Object& parameters;

  // Requires: the contract says so.
  const identity::Caller& who() const { return *caller; }
  const std::string& text(std::string_view parameter) const;
};

// Errors become the body that the operation's `x-errors` names (errors.h). What foreign contracts
// give a status and a word of their own is answered, not failed: `detail(400, "LOGIN_BAD_…")`.
using Operation = std::function<Result<net::Answer>(const Call&)>;

struct Binding {
  std::string_view operation;  // `operationId`
  // A plain net::Handler answers as it is asked: for contracts of others that Writ serves whole
  // (OPA's API), which check for themselves.
  std::variant<Operation, net::Handler> function;
};

}  // namespace writ::server
