#pragma once
// Changes of a document: what delta bundles, PATCH requests and `with` on data are made of.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

struct Patch {
  // add: where nothing is, or replacing; in an array, before the element (RFC 6902). upsert: the
  // same, and missing objects on the way are made.
  enum class Operation : std::uint8_t { add, replace, remove, upsert };
  Operation operation = Operation::upsert;
  std::vector<std::string> path;
  Term value;
};

// JSON Pointer (RFC 6901); the leading slash may be missing, as OPA accepts it.
// Errors: invalid_input.
Result<std::vector<std::string>> parse_pointer(std::string_view text);

// The document after `patches`, sharing with `document` what did not change. Both must outlive it,
// as must the patches' values. All or nothing.
// Errors: not_found (no such place), invalid_input (an array's index, a scalar on the way).
Result<Term> apply_patches(Arena& arena, const Term& document, std::span<const Patch> patches);

// The document at `path`, or undefined.
Term at_path(const Term& document, std::span<const std::string> path);

}  // namespace writ::rego
