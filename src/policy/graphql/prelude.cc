#include "policy/graphql/prelude.h"

#include "policy/graphql/parser.h"

namespace writ::rego::graphql {
namespace {

// GraphQL October 2021, sections 3.5, 3.13 and 4.2, with @defer and @oneOf of the drafts.
constexpr std::string_view kPrelude = R"graphql(
scalar Int
scalar Float
scalar String
scalar Boolean
scalar ID
directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String = "No longer supported") on FIELD_DEFINITION |
  ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema {
  description: String
  types: [__Type!]!
  queryType: __Type!
  mutationType: __Type
  subscriptionType: __Type
  directives: [__Directive!]!
}
type __Type {
  kind: __TypeKind!
  name: String
  description: String
  specifiedByURL: String
  fields(includeDeprecated: Boolean = false): [__Field!]
  interfaces: [__Type!]
  possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean = false): [__InputValue!]
  ofType: __Type
  isOneOf: Boolean
}
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Field {
  name: String!
  description: String
  args(includeDeprecated: Boolean = false): [__InputValue!]!
  type: __Type!
  isDeprecated: Boolean!
  deprecationReason: String
}
type __InputValue {
  name: String!
  description: String
  type: __Type!
  defaultValue: String
  isDeprecated: Boolean!
  deprecationReason: String
}
type __EnumValue {
  name: String!
  description: String
  isDeprecated: Boolean!
  deprecationReason: String
}
type __Directive {
  name: String!
  description: String
  isRepeatable: Boolean!
  locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]!
}
enum __DirectiveLocation { QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION
  FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION
  ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION }
)graphql";

constexpr std::string_view kRoot =
    "type Query { __schema: __Schema! __type(name: String!): __Type }";

// A document that is parsed once and stays.
struct Fixed {
  explicit Fixed(std::string_view text) {
    Parser parser(arena, text);
    document = parser.schema_document();
    WRIT_ASSERT(!parser.problem());
  }
  Arena arena;
  Term document;
};

}  // namespace

const Term& prelude() {
  static const Fixed kFixed(kPrelude);
  return kFixed.document;
}

const Term& introspection_fields() {
  static const Fixed kFixed(kRoot);
  static const Term kFields = child(list(kFixed.document, "Definitions")[0], "Fields");
  return kFields;
}

const Term& typename_field() {
  static const Fixed kFixed("type Any { __typename: String }");
  static const Term kField = list(list(kFixed.document, "Definitions")[0], "Fields")[0];
  return kField;
}

}  // namespace writ::rego::graphql
