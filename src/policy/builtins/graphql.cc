#include "policy/builtins/families.h"
#include "policy/graphql/parser.h"
#include "policy/graphql/schema.h"
#include "policy/graphql/validate.h"

namespace writ::rego {
namespace {

using graphql::Problem;

template <typename T>
using Parsed = std::expected<T, std::string>;

std::unexpected<std::string> located(const Problem& problem) {
  return std::unexpected(problem.message + " in GraphQL string at location " +
                         std::to_string(problem.line) + ":" + std::to_string(problem.column));
}

enum class Document : std::uint8_t { query, schema };

Parsed<Term> parse(Arena& arena, std::string_view text, Document kind) {
  graphql::Parser parser(arena, text);
  const Term document =
      kind == Document::query ? parser.query_document() : parser.schema_document();
  if (const auto& problem = parser.problem()) return located(*problem);
  return document;
}

// Text, or a document that one of these builtins made.
Parsed<Term> document_of(Arena& arena, const Term& arg, Document kind) {
  if (arg.is_string()) return parse(arena, arg.text(), kind);
  if (arg.is_object()) return arg;
  return std::unexpected("must be one of {string, object}");
}

// The first line as it is, further ones as gqlparser prints lists of errors.
std::string joined(const std::vector<Problem>& problems) {
  std::string out = problems[0].message;
  for (std::size_t i = 1; i < problems.size(); ++i) out += "\n" + problems[i].text();
  if (out.ends_with('.')) out.pop_back();
  return out;
}

Parsed<void> check(const Term& query, const Term& schema_document) {
  const auto schema = graphql::make_schema(schema_document);
  if (!schema) {
    return std::unexpected("Error in gqlparser SchemaDocument to Schema conversion: " +
                           schema.error().text());
  }
  const std::vector<Problem> problems = graphql::validate(**schema, query);
  if (problems.empty()) return {};
  return located({joined(problems), problems[0].line, problems[0].column});
}

struct Pair {
  Term query, schema;
};

// Both arguments, parsed and checked against each other.
Parsed<Pair> checked_pair(Call& call) {
  const auto query = document_of(call.arena(), call.arg(0), Document::query);
  if (!query) return std::unexpected(query.error());
  const auto schema = document_of(call.arena(), call.arg(1), Document::schema);
  if (!schema) return std::unexpected(schema.error());
  if (const auto valid = check(*query, *schema); !valid) return std::unexpected(valid.error());
  return Pair{graphql::without_positions(call.arena(), *query),
              graphql::without_positions(call.arena(), *schema)};
}

Outcome parse_one(Call& call, Document kind) {
  const auto document = parse(call.arena(), call.arg(0).text(), kind);
  if (!document) return call.error(document.error());
  return graphql::without_positions(call.arena(), *document);
}

Outcome parse_query(Call& call) { return parse_one(call, Document::query); }
Outcome parse_schema(Call& call) { return parse_one(call, Document::schema); }

Outcome parse_both(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.arg(i).is_string() && !call.arg(i).is_object()) {
      return call.wrong_type(i, "one of {string, object}");
    }
  }
  const auto pair = checked_pair(call);
  if (!pair) return call.error(pair.error());
  return make_array(call.arena(), {pair->query, pair->schema});
}

Outcome parse_and_verify(Call& call) {
  const auto pair = checked_pair(call);
  return make_array(call.arena(),
                    {Term::boolean(pair.has_value()), pair ? pair->query : empty_object(),
                     pair ? pair->schema : empty_object()});
}

Outcome is_valid(Call& call) { return Term::boolean(checked_pair(call).has_value()); }

Outcome schema_is_valid(Call& call) {
  const auto document = document_of(call.arena(), call.arg(0), Document::schema);
  return Term::boolean(document && graphql::make_schema(*document).has_value());
}

constexpr Builtin kGraphql[] = {
    {"graphql.is_valid",
     "(query: any<string, object[any: any]>, schema: any<string, object[any: any]>) => "
     "(output: boolean)",
     &is_valid},
    {"graphql.parse",
     "(query: any<string, object[any: any]>, schema: any<string, object[any: any]>) => "
     "(output: array<object[any: any], object[any: any]>)",
     &parse_both},
    {"graphql.parse_and_verify",
     "(query: any<string, object[any: any]>, schema: any<string, object[any: any]>) => "
     "(output: array<boolean, object[any: any], object[any: any]>)",
     &parse_and_verify},
    {"graphql.parse_query", "(query: string) => (output: object[any: any])", &parse_query},
    {"graphql.parse_schema", "(schema: string) => (output: object[any: any])", &parse_schema},
    {"graphql.schema_is_valid", "(schema: any<string, object[any: any]>) => (output: boolean)",
     &schema_is_valid},
};

}  // namespace

std::span<const Builtin> graphql_builtins() { return kGraphql; }

}  // namespace writ::rego
