#pragma once
// What every GraphQL schema has without saying so.
#include "policy/term/term.h"

namespace writ::rego::graphql {

// As a schema document. Lives as long as the program.
const Term& prelude();
// The fields that the root query type has beside its own: __schema and __type.
const Term& introspection_fields();
// The definition of __typename, which every composite type has.
const Term& typename_field();

}  // namespace writ::rego::graphql
