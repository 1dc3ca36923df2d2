#pragma once
// Filters for those who run them: WHERE clauses of SQL databases, and UCAST documents.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "policy/filter/filter.h"

namespace writ::rego {

enum class Dialect : std::uint8_t { postgresql, mysql, sqlserver, sqlite };
std::optional<Dialect> dialect_named(std::string_view name);

// What tables and columns are called in the database: by table, then by column; "$self" is the
// table itself.
using TableNames = std::map<std::string, std::map<std::string, std::string>>;

// "WHERE …"; "" when every row is allowed. Values are literals, names are quoted where they are no
// plain ones. Requires: the filter may hold. Errors: pe_fragment_error (a text with a zero byte).
std::expected<std::string, PolicyErrors> to_sql(const Filter& filter, Dialect dialect,
                                                const TableNames& names = {});

// Which conditions the reader of a UCAST document knows.
enum class UcastVariant : std::uint8_t { all, minimal, prisma, linq };
std::optional<UcastVariant> ucast_named(std::string_view name);

// {"type": "compound", "operator": "or", "value": […]}, {"type": "field", …}; {} when every row is
// allowed. Requires: the filter may hold. Errors: pe_fragment_error (the variant lacks something).
std::expected<Term, PolicyErrors> to_ucast(Arena& arena, const Filter& filter,
                                           UcastVariant variant);

}  // namespace writ::rego
