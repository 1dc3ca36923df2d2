// GraphQL from arbitrary text: a query, then, behind a NUL, a schema. The builtins agree with each
// other on what is valid, and what one of them parsed another takes in the place of the text.
#include <string>

#include "base/encoding.h"
#include "budgeted_calls.h"
#include "policy/graphql/parser.h"

namespace {

using namespace writ::rego;

// As a document; undefined where the text is none.
Term parsed(Arena& arena, std::string_view text, bool is_schema) {
  graphql::Parser parser(arena, text);
  const Term document = is_schema ? parser.schema_document() : parser.query_document();
  if (!parser.problem()) return document;
  WRIT_ASSERT(!parser.problem()->message.empty());
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  const std::size_t nul = std::min(text.find('\0'), text.size());
  const std::string_view query_text = text.substr(0, nul);
  const std::string_view schema_text = text.substr(std::min(nul + 1, text.size()));
  BudgetedCalls calls;
  const Term query = calls.text(query_text);
  const Term schema = calls.text(schema_text);
  calls.with("graphql.parse_query", {query});
  calls.with("graphql.parse_schema", {schema});
  calls.with("graphql.parse", {query, schema});
  const Term is_valid = calls.with("graphql.is_valid", {query, schema}).value;
  const Term verified = calls.with("graphql.parse_and_verify", {query, schema}).value;
  const Term schema_is_valid = calls.with("graphql.schema_is_valid", {schema}).value;
  if (!calls.has_budget()) return 0;
  WRIT_ASSERT(is_valid.is_true() || is_valid.is_false());
  WRIT_ASSERT(verified.items()[0].is_true() == is_valid.is_true());
  WRIT_ASSERT(is_valid.is_false() || schema_is_valid.is_true());
  const Term query_document = parsed(calls.arena(), query_text, false);
  const Term schema_document = parsed(calls.arena(), schema_text, true);
  if (!query_document.is_defined() || !schema_document.is_defined()) {
    WRIT_ASSERT(is_valid.is_false());
    return 0;
  }
  const Term again = calls.with("graphql.is_valid", {query_document, schema_document}).value;
  WRIT_ASSERT(!calls.has_budget() || again.is_true() == is_valid.is_true());
  return 0;
}
