#pragma once
// One operation of an API as its contract describes it: where it is, who may ask, what goes in and
// what comes out. Values only, made by openapi/description.h.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.h"
#include "base/position.h"
#include "base/value.h"

namespace writ::contract {

enum class Place : std::uint8_t { path, query, header };

// What the text of a parameter is read as.
enum class Scalar : std::uint8_t { string, integer, number, boolean };

struct DescribedParameter {
  std::string name;
  Place in = Place::query;
  bool is_required = false;
  bool takes_rest = false;  // `x-rest`: of a path, all that is left of it
  bool is_list = false;     // may be given several times
  Scalar scalar = Scalar::string;
  std::optional<Value> fallback;  // `default` of its schema
  Value schema;
};

// How errors of an operation look: `x-errors`. Problems are RFC 9457; the others belong to foreign
// contracts that Writ keeps.
enum class ErrorShape : std::uint8_t { problem, detail, oauth, opa };

inline constexpr EnumNames<ErrorShape, 4> kErrorShapes{{"problem", "detail", "oauth", "opa"}};

// Who may ask at all: `security`.
enum class Asker : std::uint8_t {
  anyone,  // `[]`: credentials are not looked at
  either,  // `[{}, …]`: with or without
  known,   // only with
};

// A body in one media type.
struct DescribedBody {
  std::string media_type;  // "application/json"
  Value schema;            // null: whatever it is
  Position at;

  bool is_json() const;
  bool is_form() const { return media_type == "application/x-www-form-urlencoded"; }
};

struct DescribedResponse {
  std::string status;  // "200", "4XX", "default"
  std::string description;
  std::vector<DescribedBody> bodies;  // none: no body
};

struct DescribedOperation {
  std::string id;      // `operationId`
  std::string method;  // "GET"
  std::string path;    // "/users/{id}"
  std::string family;  // its one tag
  std::string summary;
  std::string description;
  Position at;

  Asker asker = Asker::known;
  std::vector<std::string> scopes;  // `x-scope`: all of them are needed
  bool needs_superuser = false;     // `x-superuser`
  std::string rate;                 // `x-rate`: a class of limits
  ErrorShape errors = ErrorShape::problem;
  bool runs_on_loop = false;         // `x-runs: loop`
  bool is_raw = false;               // `x-raw`: the function checks for itself
  bool takes_unknown_query = false;  // `x-open-query`
  bool answers_clients = false;      // `x-origins: clients`: pages of theirs may read the answers
  std::size_t body_limit = 0;        // `x-body-limit`, bytes
  std::int64_t timeout_ms = 0;       // `x-timeout`

  std::vector<DescribedParameter> parameters;
  bool needs_body = false;
  std::vector<DescribedBody> bodies;  // none: takes no body
  std::vector<DescribedResponse> responses;

  // The response of a status: the exact one, else "4XX", else "default"; nullptr: none of them.
  const DescribedResponse* response(int status) const;
};

}  // namespace writ::contract
