#pragma once
// An operation of contracts/openapi.yaml and the function that carries it out. The contract says
// path, method, schemas, scope and rate; code says only `operationId` → function, in one table a
// family (`auth_operations`, `rbac_operations`, …). `Api::build` (api.h) holds the two together:
// an operation without a function, or a function without an operation, and the server does not
// start.
//
// What a function can rely on: the caller is known and has the operation's scope, rate and size are
// within bounds, body and parameters keep to their schemas.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
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
  const identity::Caller* caller;  // null: nobody has to be known (`security: []`, `[{}, …]`)
  // JSON, or a form as an object of strings (lists where its schema says so); null: none was sent,
  // or one of another media type, which stands in `request`.
  const Value& body;
  // Of path, query and header by their names in the contract, in the types that it gives them, with
  // its defaults filled in.
  const Object& parameters;
  // 32 hex digits: of the caller's `traceparent`, or made here. For events and logs; error bodies
  // carry it as `incident`.
  std::string_view trace;

  // Requires: the contract does not let it be asked by strangers.
  const identity::Caller& who() const { return *caller; }

  // Of parameters. Require: there is one, of that type.
  const std::string& text(std::string_view parameter) const;
  std::int64_t integer(std::string_view parameter) const;
  // `?dry_run` alone counts as true; absent: false.
  bool flag(std::string_view parameter) const;
  // nullptr: was not given and has no default.
  const Value* parameter(std::string_view name) const { return parameters.find(name); }
};

// Errors become the body that the operation's `x-errors` names (errors.h). What foreign contracts
// give a status and a word of their own is answered, not failed: `detail(400, "LOGIN_BAD_…")`
// (answers.h).
using Operation = std::function<Result<net::Answer>(const Call&)>;

struct Binding {
  std::string_view operation;  // `operationId`
  // A plain net::Handler answers as it is asked, for what the contract marks `x-raw`: APIs of
  // others that Writ serves whole (OPA's), which check for themselves.
  std::variant<Operation, net::Handler> function;
  std::size_t tag = 0;  // net::Route::tag
};

}  // namespace writ::server
