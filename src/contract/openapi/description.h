#pragma once
// A description of an HTTP API (OpenAPI 3.1) with Writ's own vocabulary: contracts/openapi.yaml.
// It is the one place that says which operations there are, and what goes in and out of each; the
// server (server/api), the pages and the types are made from it.
//
//   WRIT_TRY(const Description description, Description::own());
//   WRIT_TRY(const Schema schema, description.compile(operation.bodies.front().schema));
//
// Immutable; any number of threads may read one.
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"
#include "contract/openapi/operation.h"
#include "contract/schema.h"

namespace writ::contract {

// contracts/openapi.yaml, as it is built in.
Result<Document> own_description();

class Description {
 public:
  // Errors: invalid_input with a diagnostic at everything that is wrong: the shape
  // (contracts/openapi.schema.json), an operation without a scope that is not open either, one id
  // twice, a path whose parameters are not described, errors of another shape than it says.
  static Result<Description> read(Document document);
  // The one that is built in.
  static Result<Description> own();

  // In the order of the document.
  const std::vector<DescribedOperation>& operations() const { return operations_; }
  // nullptr: there is none.
  const DescribedOperation* find(std::string_view id) const;
  // Names of the tags, in their order.
  const std::vector<std::string>& families() const { return families_; }
  // "Writ".
  std::string_view title() const { return document_.root.at_path({"info", "title"})->as_string(); }

  // Compiles a schema that stands in the description; references may lead into its components
  // and to Writ's other contracts. Errors: invalid_input (a reference that leads nowhere, a schema
  // that is none).
  Result<Schema> compile(const Value& schema) const;
  // Compiles every schema there is. Errors: as `compile`, all of them.
  Result<void> check_schemas() const;
  // `value`, or what its `$ref` leads to within the description.
  const Value& resolve(const Value& value) const;

  // The description as JSON of those families alone, with the components that they need. `version`
  // is what the API says of itself.
  Value excerpt(const std::set<std::string, std::less<>>& families, std::string_view version) const;

 private:
  explicit Description(Document document) : document_(std::move(document)) {}

  Document document_;
  std::vector<DescribedOperation> operations_;
  std::vector<std::string> families_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
};

}  // namespace writ::contract
