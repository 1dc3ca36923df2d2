#pragma once
// The rules that every definition of a schema keeps (GraphQL October 2021, section 3), in the
// order and the words of gqlparser. Private to schema.cc.
#include <optional>

#include "policy/graphql/schema.h"

namespace writ::rego::graphql {

std::optional<Problem> check_types(const Schema& schema);
// Whether a type has what the interfaces that it names demand.
std::optional<Problem> check_interfaces(const Schema& schema, const Definition& definition);
std::optional<Problem> check_directive_definitions(const Schema& schema);
// `location`: "FIELD_DEFINITION". once: a directive that is not repeatable may stand there once.
enum class Occurs : std::uint8_t { once, merged };
std::optional<Problem> check_directives(const Schema& schema, std::span<const Term> applied,
                                        std::string_view location, std::string_view inside,
                                        Occurs occurs);

}  // namespace writ::rego::graphql
