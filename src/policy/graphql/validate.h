#pragma once
// Whether a query document may be asked of a schema (GraphQL October 2021, section 5).
#include <vector>

#include "policy/graphql/schema.h"

namespace writ::rego::graphql {

// Everything that is wrong, at most 100 things, in the order and the words of gqlparser.
std::vector<Problem> validate(const Schema& schema, const Term& document);

}  // namespace writ::rego::graphql
